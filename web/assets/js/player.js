// The page for viewers: plays the stream that the address names, and says in words what is going on.

import { button, el, icon, setText } from './dom.js';
import { LivePlayback } from './live.js';
import { setUpControls } from './player-controls.js';
import * as session from './session.js';

const stage = document.getElementById('stage');
const video = document.getElementById('video');
const cover = document.getElementById('cover');
const heading = document.getElementById('stream-name');
const status = document.getElementById('stream-state');

const words = {
    idle: { badge: 'Waiting', title: 'Connecting', text: 'Looking for the stream.' },
    connecting: { badge: 'Connecting', title: 'Connecting', text: 'The stream is about to start.' },
    live: { badge: 'Live' },
    offline: {
        badge: 'Offline', title: 'This stream is offline', text: 'It starts here by itself as soon as it is on air.',
    },
    reconnecting: { badge: 'Reconnecting', title: 'Reconnecting', text: 'The pictures stopped coming. Trying again.' },
    unreachable: {
        badge: 'No connection', title: "The server can't be reached",
        text: 'Check your connection. This page keeps trying by itself.', retry: true,
    },
    unsupported: {
        badge: 'Not supported', title: "This browser can't play live streams",
        text: 'Open this page in a current version of Chrome, Edge, Firefox or Safari.',
    },
    invalid: {
        badge: 'Not found', title: 'There is no such stream',
        text: "A stream's name has 1 to 64 small letters, digits and hyphens. Check the address.",
    },
};

function streamName() {
    const name = new URLSearchParams(location.search).get('stream') ?? 'stream';
    return /^[a-z0-9-]{1,64}$/.test(name) ? name : null;
}

function showState(state, retry) {
    const { badge, title, text, retry: hasRetry } = words[state];
    stage.dataset.state = state;
    setText(status, badge);
    status.className = `badge badge-${state === 'live' ? 'live' : 'plain'}`;
    const isBusy = state === 'connecting' || state === 'reconnecting' || state === 'idle';
    cover.hidden = state === 'live';
    if (title) {
        const still = icon(state === 'offline' ? 'signal' : 'alert');
        cover.replaceChildren(
            isBusy ? el('div', { class: 'spinner', 'aria-hidden': 'true' }) : still,
            el('p', { class: 'cover-title' }, title), el('p', { class: 'cover-text' }, text),
            ...(hasRetry ? [button('Try now', { onClick: retry })] : []));
    }
}

function start(name) {
    const playback = new LivePlayback(video, `/live/${name}.m3u8`);
    const show = () => showState(playback.state, () => playback.retry());
    playback.addEventListener('state', show);
    setUpControls({ stage, video, playback });
    show();
    playback.start();
    // Chromium keeps a page for the way back, but not what it loaded: begin anew.
    window.addEventListener('pageshow', (event) => event.persisted && location.reload());
}

const account = document.getElementById('account-link');
const user = session.current()?.user;
if (user) {
    account.href = session.home;
    setText(account, 'Dashboard');
    if (user.role !== 'viewer') {
        account.before(el('a', { class: 'bar-link', href: '/broadcast.html' }, 'Go Live'));
    }
}

const name = streamName();
if (name === null) {
    showState('invalid');
} else {
    setText(heading, name);
    document.title = `${name} · PutLive`;
    start(name);
}
