// The API as the dashboard uses it: each call bears the session's token, and an ended session leads to the login page
// unless the page has to stay.

import { ApiError, send } from './http.js';
import * as session from './session.js';

// Leaving the page: whoever waits need not hear of it any more.
const never = () => new Promise(() => {});

function leave(reason) {
    if (session.end(reason)) {
        return never();
    }
    // As of a server that is away: it may come back, by a login in another tab.
    throw new ApiError({ code: 'session-ended', message: 'Your login has ended. Log in again.' });
}

/// Sends a request with the session's token.
export async function call(path, options = {}) {
    const used = session.current();
    if (!used) {
        return leave('expired');
    }
    try {
        return await send(path, { ...options, token: used.token });
    } catch (error) {
        // A wrong current password is a 401 as well, but no end of the session.
        if (!(error instanceof ApiError) || error.status !== 401 || error.code === 'invalid-credentials') {
            throw error;
        }
        const renewed = session.current();
        if (!renewed || renewed.token === used.token) {
            return leave('expired');
        }
    }
    // Another tab has renewed the token meanwhile.
    try {
        return await send(path, { ...options, token: session.current()?.token });
    } catch (error) {
        if (error.status === 401 && error.code !== 'invalid-credentials') {
            return leave('expired');
        }
        throw error;
    }
}

const query = (values) => {
    const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
    return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
};
const rfc3339 = (milliseconds) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
const post = (path, body) => call(path, { method: 'POST', body });
const at = (path, id) => `${path}/${encodeURIComponent(id)}`;

export const me = () => call('/api/auth/me');
export const changePassword = (current, wanted) =>
    post('/api/auth/password', { current_password: current, new_password: wanted });

export const streams = (signal) => call('/api/streams', { signal });
export const streamStatus = (stream, signal) => call(`/api/stream/status${query({ stream })}`, { signal });

/// What a browser needs to know before it goes live: presets, ICE servers, limits.
export const webrtcConfig = (signal) => call('/api/webrtc/config', { signal });
/// With what reachability.js finds out whether UDP leads to the server: {ice_ufrag, ice_pwd, candidates, udp_port}.
export const webrtcProbe = (seconds) => call('/api/webrtc/probe', { seconds });
/// An offer of SDP, answered with {sdp, type, broadcaster_id}. With `broadcasterID` it restarts ICE of that broadcast.
export const webrtcOffer = ({ sdp, streamKey, broadcasterID }, seconds) => call('/api/webrtc/offer', {
    method: 'POST', seconds,
    body: { sdp, type: 'offer', stream_key: streamKey, ...(broadcasterID && { broadcaster_id: broadcasterID }) },
});
/// Ends a broadcast, with the stream key that it began with. It is sent even when the page goes away meanwhile.
export const webrtcStop = (broadcasterID, streamKey, seconds) => call('/api/webrtc/stop', {
    method: 'POST', seconds, keepalive: true,
    body: { broadcaster_id: broadcasterID, ...(streamKey && { stream_key: streamKey }) },
});

/// Numbers of a span in milliseconds; of all streams without a name.
export const analytics = ({ from, to, stream }, signal) =>
    call(`/api/analytics${query({ from: rfc3339(from), to: rfc3339(to), stream })}`, { signal });
export const events = (limit, signal) => call(`/api/analytics/events${query({ limit })}`, { signal });

export const health = (signal) => call('/api/health/detailed', { signal });
export const system = (signal) => call('/api/system', { signal });
/// What the last reconcile found and did, for admins.
export const drift = (signal) => call('/api/drift', { signal });

export const users = (signal) => call('/api/users', { signal });
export const addUser = (user) => post('/api/users', user);
export const changeUser = (id, changes) => call(at('/api/users', id), { method: 'PATCH', body: changes });
export const deleteUser = (id) => call(at('/api/users', id), { method: 'DELETE' });

export const keys = (signal) => call('/api/keys', { signal });
export const key = (id) => call(at('/api/keys', id));
export const addKey = (key) => post('/api/keys', key);
export const revokeKey = (id) => call(at('/api/keys', id), { method: 'DELETE' });
