// Broadcast: the way to the page that goes live from this browser, and who is live by it now. For admins and streamers.

import * as api from '../api.js';
import { el, icon } from '../dom.js';
import * as format from '../format.js';
import { poll } from '../polling.js';
import { table } from '../tables.js';
import { badge, card, emptyState, LoadedView } from '../view.js';

const streamSeconds = 5;

const goLive = () => el('a', { class: 'button button-primary', href: '/broadcast.html' }, icon('camera'),
    el('span', {}, 'Go Live'));

const step = (title, text) => el('li', {}, el('p', { class: 'strong' }, title), el('p', { class: 'muted' }, text));

const streamTable = (streams) => table({
    caption: 'Live from a browser', rows: streams, cards: true,
    columns: [
        {
            title: 'Stream',
            cell: ({ stream_name: name, output_lost: isLost, no_picture: hasNone }) => el('span', {},
                el('span', { class: 'strong' }, name),
                isLost === true && ' ', isLost === true && badge('Not passed on', 'bad'),
                hasNone === true && ' ', hasNone === true && badge('No picture', 'bad')),
        },
        {
            title: 'Picture',
            cell: ({ resolution, fps }) =>
                (resolution ? `${resolution}, ${format.number(fps)} fps` : format.unknown),
        },
        { title: 'Bit rate', cell: ({ bitrate_kbps: kbps }) => format.bitRate(kbps * 1000) },
        { title: 'Viewers', cell: ({ viewers }) => format.number(viewers) },
        { title: 'On air for', cell: ({ uptime_seconds: seconds }) => format.duration(seconds) },
    ],
});

export function showBroadcast(panel, { signal }) {
    const view = new LoadedView('small');
    panel.append(
        el('header', { class: 'panel-head' }, el('h1', {}, 'Broadcast'),
            el('p', { class: 'muted' }, 'Go live from this browser, with nothing to install.'), goLive()),
        card('How it works', {}, el('ol', { class: 'steps' },
            step('Allow camera and microphone',
                'Your browser asks when the page opens. You see yourself before anybody else does.'),
            step('Choose what to show', 'A camera or your screen, a microphone, and a quality that your connection '
                + 'can carry. You can switch while you are live.'),
            step('Press Go Live', 'Viewers see you some seconds later. Press Stop Broadcast when you are done.'))),
        card('Live from a browser now', { className: 'card-table' }, view.element));
    poll({
        seconds: streamSeconds, signal, load: api.streams,
        show({ streams }) {
            const live = streams.filter(({ active, source }) => active && source === 'webrtc');
            view.show(live.length > 0 ? streamTable(live)
                : emptyState('signal', 'Nobody is live from a browser', 'Who goes live shows up here.'));
        },
        fail: (error, retry) => view.fail(error, retry),
    });
}
