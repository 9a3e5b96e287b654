// The cameras and microphones there are, and the choices of last time.

const storageKey = 'putlive.broadcast';

function named(devices, kind, name) {
    // Windows lists the default twice, the second time for calls.
    return devices.filter((one) => one.kind === kind && one.deviceId !== 'communications')
        .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `${name} ${index + 1}` }));
}

/// {cameras, microphones}, each [{id, label}]. Before access is given browsers tell neither ids nor labels, only
/// whether there is one.
export async function listDevices() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return {
        cameras: named(devices, 'videoinput', 'Camera'), microphones: named(devices, 'audioinput', 'Microphone'),
    };
}

/// Whether access to a camera or microphone was denied for good; false where the browser doesn't tell.
export async function isDenied(name) {
    try {
        return (await navigator.permissions.query({ name })).state === 'denied';
    } catch {
        return false;
    }
}

/// What was chosen last time in this browser: {stream, camera, microphone, quality}, all of them texts or absent.
export function remembered() {
    try {
        const stored = JSON.parse(localStorage.getItem(storageKey)) ?? {};
        return Object.fromEntries(Object.entries(stored).filter(([, value]) => typeof value === 'string'));
    } catch {
        return {};
    }
}

export function remember(choices) {
    try {
        localStorage.setItem(storageKey, JSON.stringify({ ...remembered(), ...choices }));
    } catch {
        // Without storage it is asked again next time.
    }
}
