// Who is logged in: the token in this browser's storage, shared by its tabs, renewed before it expires.

import { send } from './http.js';

const storageKey = 'putlive.session';
// A token is renewed in the last quarter of its life, and only for a page that somebody can see.
const renewAt = 0.75;
const longestTimer = 3600_000;
const retryDelay = 30_000;

// The only addresses that a login may lead to.
const ownPages = new Set(['/', '/index.html', '/dashboard.html', '/broadcast.html']);
export const home = '/dashboard.html';

/// The stored session {token, user: {id, username, role}, issuedAt, expiresAt}, or null.
export function current() {
    try {
        const session = JSON.parse(localStorage.getItem(storageKey));
        const isWhole = typeof session?.token === 'string' && typeof session.user?.role === 'string';
        return isWhole && session.expiresAt > Date.now() ? session : null;
    } catch {
        return null;
    }
}

/// Stores the answer of a login or a renewal. The lifetime counts from now: the server's clock may differ.
export function save({ token, expires_in: seconds, user }) {
    const now = Date.now();
    localStorage.setItem(storageKey, JSON.stringify({
        token, issuedAt: now, expiresAt: now + seconds * 1000,
        user: { id: user.id, username: user.username, role: user.role },
    }));
}

/// Forgets the session in every tab.
export function clear() {
    localStorage.removeItem(storageKey);
}

/// A path on this site that is safe to go to after a login: one of our pages, else the dashboard.
export function safeNext(text) {
    try {
        const url = new URL(text, location.origin);
        if (text && url.origin === location.origin && ownPages.has(url.pathname)) {
            return url.pathname + url.search + url.hash;
        }
    } catch {
        // Not an address at all.
    }
    return home;
}

/// Goes to the login page, which leads back here. `reason` is one that the login page has words for.
export function goToLogin(reason) {
    const query = new URLSearchParams({ next: location.pathname + location.search + location.hash });
    if (reason) {
        query.set('reason', reason);
    }
    location.replace(`/login.html?${query}`);
}

// Asked when the session has ended.
let staysHere = () => false;

/// Has this page stay when the session ends, if `stays` says so then: it does what leaving would end, and tells the person
/// itself.
export function stayWhile(stays) {
    staysHere = stays;
}

/// The session is over: forgets it, and goes to the login page. False if this page stays.
export function end(reason) {
    clear();
    if (staysHere()) {
        return false;
    }
    goToLogin(reason);
    return true;
}

/// Ends the session here and, if it can be reached, on the server.
export async function logOut() {
    const session = current();
    clear();
    if (session) {
        await send('/api/auth/logout', { method: 'POST', token: session.token }).catch(() => {});
    }
    location.replace('/login.html?reason=logged-out');
}

const renewalTime = ({ issuedAt, expiresAt }) => issuedAt + (expiresAt - issuedAt) * renewAt;

// One tab at a time: a renewal revokes the token that the others would send. The lock needs HTTPS or localhost; without
// it, a tab whose token was replaced takes the new one from the storage (api.js).
async function exclusively(work) {
    return navigator.locks ? navigator.locks.request('putlive.renewal', work) : work();
}

async function renewIfDue() {
    await exclusively(async () => {
        const session = current();
        if (session && renewalTime(session) <= Date.now()) {
            save(await send('/api/auth/refresh', { method: 'POST', token: session.token }));
        }
    });
}

/// Renews the token while the page is open and seen, and calls `onEnd` when the session has ended, here or in another
/// tab. A page that works while nobody sees it says so by `isAtWork`. Resolves when the token is good to use: one that
/// is renewed ends what is under way with the old.
export function keepAlive(onEnd, isAtWork = () => false) {
    let timer;
    const schedule = (delay) => {
        clearTimeout(timer);
        timer = setTimeout(check, Math.min(Math.max(delay, 1000), longestTimer));
    };
    const check = async () => {
        const session = current();
        if (!session) {
            onEnd();
            return;
        }
        if (document.hidden && !isAtWork()) {
            // Seen again, the page checks at once.
            schedule(session.expiresAt - Date.now());
            return;
        }
        try {
            await renewIfDue();
            const next = current();
            schedule(next ? renewalTime(next) - Date.now() : 0);
        } catch (error) {
            if (error.status === 401) {
                clear();
                onEnd();
            } else {
                schedule(retryDelay);
            }
        }
    };
    document.addEventListener('visibilitychange', () => document.hidden || check());
    window.addEventListener('storage', (event) => {
        if (event.key === storageKey || event.key === null) {
            check();
        }
    });
    return check();
}
