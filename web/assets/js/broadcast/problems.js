// What can be in the way of a broadcast, in words that say what to do.

import { canSendH264 } from './codecs.js';

/// A problem is {id, kind: bad or warn, title, text, link?: [address, text, target], retry?: what to call it}.
const problem = (id, kind, title, text, more = {}) => ({ id, kind, title, text, ...more });

const names = { camera: 'camera', microphone: 'microphone', screen: 'screen' };
const list = (kinds) => kinds.map((kind) => `the ${names[kind]}`).join(' and ');
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/// What this browser, as it opened this page, can't do at all; null if all is well.
export function unsupported() {
    if (!window.isSecureContext) {
        const address = new URL(location.href);
        address.protocol = 'https:';
        address.port = '';
        return problem('insecure', 'bad', 'This page needs HTTPS',
            'Browsers hand out the camera and the microphone to secure pages only. Open this page with https:// in the '
            + 'address; on the server itself http://localhost works too.', { link: [address.href, 'Open with HTTPS'] });
    }
    if (!navigator.mediaDevices?.getUserMedia || !globalThis.RTCPeerConnection) {
        return problem('unsupported', 'bad', "This browser can't broadcast",
            'Open this page in a current version of Chrome, Edge, Firefox or Safari.');
    }
    return null;
}

/// What works, but not as well as it could.
export function limitations() {
    return canSendH264() ? [] : [problem('no-h264', 'warn', "This browser can't send H.264",
        'The server has to convert your picture, and can do so for a few broadcasts only. Chrome, Edge and Safari '
        + 'send H.264.')];
}

/// Why the camera, the microphone or the screen isn't given, by the error of getUserMedia or getDisplayMedia. It tells
/// also whether the device `isMissing`.
export function captureProblem(error, kinds) {
    const id = kinds.join('-');
    const what = list(kinds);
    const isMissing = error.name === 'NotFoundError';
    const again = { retry: 'Try again', isMissing };
    const isCamera = kinds.includes('camera');
    switch (error.name) {
    case 'NotAllowedError':
    case 'SecurityError':
        if (/system|operating/i.test(error.message)) {
            return problem(id, 'bad', `Your system blocks ${what}`,
                'Allow it for this browser in the privacy settings of your computer or phone, then try again.', again);
        }
        return problem(id, 'bad', `This page may not use ${what}`,
            'Click the sign beside the address of this page, allow access, then try again.', again);
    case 'NotFoundError':
        return problem(id, 'warn', `No ${kinds.map((kind) => names[kind]).join(' or ')} was found`, isCamera
            ? 'Connect one. You can also share your screen, or go live with sound alone.'
            : 'Connect one, or go live without sound.', again);
    case 'NotReadableError':
    case 'AbortError':
        return problem(id, 'bad', `${capital(what)} can't be opened`,
            'Another program or another tab may be using it. Close that, then try again.', again);
    case 'OverconstrainedError':
        return problem(id, 'bad', `${capital(what)} can't do this`, 'Choose another one, or another quality.',
            { isMissing });
    default:
        return problem(id, 'bad', `${capital(what)} can't be opened`, `The browser says: ${error.message}`, again);
    }
}

/// A device that was in use and is gone.
export const lost = (kind) => problem(kind, 'bad', `The ${names[kind]} was disconnected`,
    'Connect it again, or choose another one.', { retry: 'Try again' });

const connection = (title, text) => problem('connection', 'bad', title, text);

/// Why a broadcast didn't begin, or ended by itself.
export function broadcastProblem(error) {
    switch (error.code) {
    case 'blocked':
        return connection('The connection is blocked',
            'The server answers, but neither UDP nor TCP lets your picture through: a firewall is in between. Try '
            + 'another network, such as a phone\'s hotspot, or ask who runs the server to open its WebRTC ports.');
    case 'taken-over':
        return connection('The stream was taken over',
            'It goes on from another window or device. Going live here takes it back.');
    case 'not-acceptable':
        return connection("The server can't use what this browser sends", error.message);
    case 'conflict':
        return connection('Somebody else is live under this name',
            'Choose another stream name, or wait until they stop.');
    case 'forbidden':
        return connection('You may not publish this stream', error.message);
    case 'not-found':
        return connection('Going live from the browser is switched off', 'Ask who runs the server to switch it on.');
    case 'unavailable':
        return connection("The server can't take your stream right now", error.message);
    default:
        return connection("Going live didn't work", error.message);
    }
}

/// Not live yet, and the server's UDP port seems out of reach.
export const udpBlocked = (port) => problem('udp', 'warn', 'UDP seems to be blocked here',
    'You can try to go live: your stream goes by TCP then, which may stutter when the network is busy. If that fails, try '
    + `another network, or ask for UDP port ${port} to be opened.`, { retry: 'Check again' });

/// Live for the server, and for nobody else.
export const outputLost = problem('output', 'bad', "Viewers don't see you right now",
    "Your picture reaches the server, but the server can't pass it on. It keeps trying, and you needn't do anything: this "
    + 'note goes when viewers can see you again. If it stays, tell who runs the server.');

/// The stream needs no login until something has to be changed about it.
export const loggedOut = problem('login', 'bad', 'Your login has ended',
    'Viewers still see you. Log in in another tab, as the same user, so that this page can see to your stream when your '
    + 'network changes.', { link: ['/login.html', 'Log in in another tab', '_blank'] });

/// Connected, but by the way that is left when UDP is blocked.
export const overTCP = problem('tcp', 'warn', 'UDP is blocked here',
    'Your stream goes by TCP, which may stutter when the network is busy. Another network may do better.');
