// Looks at playlists to see whether a stream is live. RFC 8216 is HLS.

const timeoutSeconds = 8;

async function read(address, signal) {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutSeconds * 1000);
    const forward = () => timeout.abort();
    signal.addEventListener('abort', forward);
    try {
        const response = await fetch(address, { cache: 'no-store', credentials: 'omit', signal: timeout.signal });
        return { status: response.status, text: response.ok ? await response.text() : '' };
    } catch {
        return { status: 0, text: '' };
    } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', forward);
    }
}

const withoutTags = (text) => text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
const absent = ({ status }) => ({ state: status === 404 || status === 410 ? 'offline' : 'unreachable' });

/// {state: live, offline or unreachable}; with live also `uris`, the renditions a line each, and `mark`, which changes
/// with each new segment.
export async function probe(address, signal) {
    const first = await read(address, signal);
    if (first.status !== 200) {
        return absent(first);
    }
    let media = first.text;
    let uris = '';
    if (media.includes('#EXT-X-STREAM-INF')) {
        const found = withoutTags(media);
        if (found.length === 0) {
            return { state: 'offline' };
        }
        uris = found.join('\n');
        const second = await read(new URL(found[0], new URL(address, location.href)), signal);
        if (second.status !== 200) {
            return absent(second);
        }
        media = second.text;
    }
    const segments = withoutTags(media);
    if (!media.startsWith('#EXTM3U') || segments.length === 0 || media.includes('#EXT-X-ENDLIST')) {
        return { state: 'offline' };
    }
    const sequence = /#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(media)?.[1] ?? '0';
    return { state: 'live', uris, mark: `${sequence} ${segments.at(-1)}` };
}
