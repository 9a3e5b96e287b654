// One request and its answer. Knows nothing of sessions: session.js and api.js build on it.

const timeoutSeconds = 20;

/// Why a request failed, with a text for people. `status` is 0 where no answer came.
export class ApiError extends Error {
    constructor({ status = 0, code = 'unreachable', message, fields = [], requestID = null, retryAfter = null }) {
        super(message);
        this.name = 'ApiError';
        Object.assign(this, { status, code, fields, requestID, retryAfter });
    }
}

// From two minutes on in minutes, rounded up.
function wait(seconds) {
    if (seconds >= 120) {
        return `${Math.ceil(seconds / 60)} minutes`;
    }
    return seconds === 1 ? '1 second' : `${seconds} seconds`;
}

// What to say of too many requests: the server's words, and how long to wait in words for people. They come with the
// time ("883 s"), or it is in Retry-After only.
function tooMany(detail, retryAfter) {
    const words = detail.replace(/\b(\d+) s\b/, (_, seconds) => wait(Number(seconds)));
    if (words !== detail) {
        return words;
    }
    const advice = retryAfter === null ? 'Wait a moment, then try again.' : `Try again in ${wait(retryAfter)}.`;
    return `${detail} ${advice}`;
}

// RFC 9457; a proxy in front may answer in another form, or none.
function problem(response, body) {
    const isObject = body !== null && typeof body === 'object';
    const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
    const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
    let message = isObject ? body.detail || body.title : undefined;
    if (response.status === 429) {
        message = tooMany(String((isObject && body.detail) || 'Too many requests.'), retryAfter);
    }
    return new ApiError({
        status: response.status,
        code: isObject ? String(body.type ?? '').replace('urn:putlive:problem:', '') : 'unknown',
        message: String(message ?? `The server answered with status ${response.status}.`),
        fields: isObject && Array.isArray(body.errors) ? body.errors : [],
        requestID: isObject ? body.request_id ?? response.headers.get('X-Request-Id') : null,
        retryAfter,
    });
}

/// Sends a request and returns the JSON of its answer. Throws an ApiError; an abort of `signal` throws its reason. It
/// waits for so many `seconds`; with `keepalive` it outlives the page.
export async function send(path, { method = 'GET', body, token, signal, seconds = timeoutSeconds, keepalive } = {}) {
    const headers = { Accept: 'application/json' };
    if (body !== undefined) {
        headers['Content-Type'] = 'application/json';
    }
    if (token) {
        headers.Authorization = `Bearer ${token}`;
    }
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), seconds * 1000);
    const forward = () => timeout.abort();
    signal?.addEventListener('abort', forward);
    try {
        signal?.throwIfAborted();
        const response = await fetch(path, {
            method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: timeout.signal,
            credentials: 'omit', cache: 'no-store', keepalive,
        });
        const text = await response.text();
        let json = null;
        try {
            json = JSON.parse(text);
        } catch {
            // Not of the agent, then; the status says enough.
        }
        if (!response.ok) {
            throw problem(response, json);
        }
        if (json === null) {
            throw new ApiError({
                status: response.status, code: 'unknown', message: "The server's answer isn't JSON.",
            });
        }
        return json;
    } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ApiError) {
            throw error;
        }
        const message = timeout.signal.aborted
            ? `The server didn't answer within ${seconds} seconds. Try again.`
            : "The server can't be reached. Check your connection, then try again.";
        throw new ApiError({ message });
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', forward);
    }
}
