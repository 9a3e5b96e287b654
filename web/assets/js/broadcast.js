// The page to go live from: sees who is logged in and what the server and this browser can do, then opens the studio.

import * as api from './api.js';
import { limitations, unsupported } from './broadcast/problems.js';
import { Studio } from './broadcast/studio.js';
import { el } from './dom.js';
import * as session from './session.js';
import { emptyState, LoadedView } from './view.js';

const main = document.getElementById('main');
let studio = null;

function tell(title, text, link) {
    const action = link && el('a', { class: 'button button-primary', href: link[0] }, link[1]);
    main.replaceChildren(el('h1', { class: 'visually-hidden' }, 'Go live'),
        el('section', { class: 'card studio-told' }, emptyState('camera', title, text, action)));
}

function open(user, config, keys) {
    const streams = keys.filter(({ status, user_id: owner }) => status === 'active' && owner === user.id)
        .map(({ stream }) => stream);
    studio = new Studio({ config, streams: [...new Set(streams)], limitations: limitations() });
    main.replaceChildren(...studio.elements);
    studio.open();
}

async function start() {
    const view = new LoadedView('large');
    main.replaceChildren(view.element);
    try {
        const { user } = await api.me();
        if (user.role === 'viewer') {
            tell('Your account may watch, but not stream',
                'Ask an admin to make you a streamer. Then you can go live from here.', ['/', 'Watch the live stream']);
            return;
        }
        const obstacle = unsupported();
        if (obstacle) {
            tell(obstacle.title, obstacle.text, obstacle.link);
            return;
        }
        const [config, { keys }] = await Promise.all([api.webrtcConfig(), api.keys()]);
        if (config.enabled === false || config.presets.length === 0) {
            throw Object.assign(new Error(), { status: 404 });
        }
        open(user, config, keys);
    } catch (error) {
        if (error.status === 404) {
            tell('Going live from the browser is switched off',
                'Whoever runs this server can switch it on. An encoder such as OBS works all the same.',
                ['/dashboard.html#keys', 'Get a stream key']);
        } else {
            view.fail(error, start);
        }
    }
}

window.addEventListener('pagehide', () => studio?.leave());
// A page that comes back from the browser's cache has neither camera nor connection any more.
window.addEventListener('pageshow', (event) => event.persisted && location.reload());

if (session.current()) {
    // A broadcast goes on while another window is in front of this one, and so must its session.
    session.stayWhile(() => studio?.staysWithoutLogin() === true);
    await session.keepAlive(() => session.end('expired'), () => studio?.isOnAir === true);
    start();
} else {
    session.goToLogin();
}
