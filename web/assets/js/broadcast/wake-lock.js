// Keeps the screen on while somebody is live: a phone that falls asleep stops its camera.

let wanted = false;
let lock = null;
let isAsking = false;

function release() {
    lock?.release();
    lock = null;
}

async function request() {
    if (!wanted || lock || isAsking || document.hidden || !navigator.wakeLock) {
        return;
    }
    isAsking = true;
    try {
        const given = await navigator.wakeLock.request('screen');
        lock = given;
        // The browser takes it away when the page is hidden.
        given.addEventListener('release', () => {
            lock = lock === given ? null : lock;
        });
        if (!wanted) {
            release();
        }
    } catch {
        // Refused, for the battery is low say: then the screen may go off.
    } finally {
        isAsking = false;
    }
}

document.addEventListener('visibilitychange', request);

export function keepAwake(isWanted) {
    wanted = isWanted;
    if (wanted) {
        request();
    } else {
        release();
    }
}
