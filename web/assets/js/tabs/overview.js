// Overview: what is on air now, with a small preview, and the last 24 hours.

import * as api from '../api.js';
import { timeChart } from '../charts.js';
import { copyField } from '../copying.js';
import { el, icon, setText } from '../dom.js';
import * as format from '../format.js';
import { LivePlayback } from '../live.js';
import { poll } from '../polling.js';
import { tile } from '../tiles.js';
import { badge, card, emptyState, facts, LoadedView, refill } from '../view.js';

const streamSeconds = 5;
const numbersSeconds = 60;
const span = 24 * 3600_000;

// Which stream was looked at last, while the page is open.
let chosen = null;

/// The smallest rendition's playlist, or the master where the source is all there is.
function previewAddress({ stream_name: name, renditions }) {
    const heights = (renditions ?? []).map((one) => Number.parseInt(/^(\d+)p$/.exec(one)?.[1] ?? '', 10))
        .filter(Number.isFinite);
    return heights.length === 0 ? `/live/${name}.m3u8` : `/live/${name}_${Math.min(...heights)}p.m3u8`;
}

/// The preview; it plays while it is seen, for it costs bandwidth.
function previewPlayer(signal) {
    const video = el('video', { muted: true, playsinline: true, 'aria-label': 'Live preview without sound' });
    // The attribute counts for a parsed element only.
    video.muted = true;
    const note = el('p', { class: 'preview-note' });
    const element = el('div', { class: 'preview' }, video, note);
    const texts = { live: '', unsupported: "This browser can't show the preview.", unreachable: 'No connection.' };
    let playback = null;
    let address = null;
    const apply = () => {
        const wanted = signal.aborted || document.hidden ? null : address;
        playback?.stop();
        playback = null;
        if (wanted) {
            playback = new LivePlayback(video, wanted, { lowest: true });
            const made = playback;
            made.addEventListener('state', () => setText(note, texts[made.state] ?? 'Loading the preview'));
            made.start();
        }
    };
    document.addEventListener('visibilitychange', apply, { signal });
    signal.addEventListener('abort', apply);
    return {
        element,
        set(next) {
            if (next !== address) {
                address = next;
                apply();
            }
        },
    };
}

function detailRows(stream) {
    return [
        ['Source', format.source(stream.source)],
        ...(stream.output_lost === true ? [['Passed on to viewers', 'Not right now: the output is lost']] : []),
        ...(stream.no_picture === true ? [['Shown to viewers', 'No: its picture lacks keyframes, or SPS and PPS']] : []),
        ['Picture', stream.resolution ? `${stream.resolution}, ${format.number(stream.fps)} fps` : format.unknown],
        ['Bit rate', format.bitRate(stream.bitrate_kbps * 1000)],
        ['Codecs', [stream.video_codec, stream.audio_codec].filter(Boolean).join(' and ') || format.unknown],
        ['Renditions', (stream.renditions ?? []).map(format.rendition).join(', ') || format.unknown],
        ['On air since', format.moment(stream.started_at)],
        ['Peak viewers', format.number(stream.peak_viewers)],
        ['Sent to viewers', format.bytes(stream.bytes_sent)],
    ];
}

function chooser(names, onChoose) {
    const select = el('select', { id: 'stream-choice', on: { change: () => onChoose(select.value) } },
        ...names.map((name) => el('option', { value: name }, name)));
    select.value = chosen;
    return el('div', { class: 'chooser' }, el('label', { for: 'stream-choice' }, 'Stream'), select);
}

function offAir(canPublish) {
    if (!canPublish) {
        return emptyState('signal', 'Nothing is on air', 'As soon as somebody goes live, the stream shows up here.');
    }
    return emptyState('signal', 'Nothing is on air',
        'Go live from this browser, or connect OBS or another encoder with a stream key.',
        el('a', { class: 'button button-primary', href: '/broadcast.html' }, icon('camera'), el('span', {}, 'Go Live')),
        el('a', { class: 'button', href: '#keys' }, icon('key'), el('span', {}, 'Get your stream key')));
}

export function showOverview(panel, { signal, canPublish }) {
    const choice = el('div', {});
    const state = el('div', { role: 'status' });
    const stage = new LoadedView('medium');
    const player = previewPlayer(signal);
    const about = el('div', { class: 'stream-about' });
    const watch = el('div', { class: 'stream-watch' });
    const top = el('div', { class: 'columns' }, card('Live preview', {}, stage.element, watch), about);
    const tiles = {
        viewers: tile('Watching now', 'eye'), peak: tile('Peak, 24 h', 'peak'),
        watched: tile('Watched, 24 h', 'clock'), uptime: tile('On air for', 'signal'),
    };
    const chart = timeChart({
        title: 'Viewers, last 24 hours', format: format.number, signal,
        series: [{ title: 'Viewers', value: (point) => point.viewers }],
    });
    const numbers = new LoadedView('medium');
    panel.append(
        el('header', { class: 'panel-head' }, el('h1', {}, 'Overview'), state, choice),
        el('div', { class: 'tiles' }, ...Object.values(tiles).map(({ element }) => element)), top,
        card('Viewers, last 24 hours', {}, numbers.element));

    const rows = el('div', {});
    let list = [];

    const onAir = () => list.find(({ stream_name: name }) => name === chosen) ?? list[0];
    // What is on the page for one stream as long as it is the one, or for none.
    const frame = (name) => {
        const isOnAir = name !== null;
        const watchPage = `${location.origin}/?${new URLSearchParams({ stream: name })}`;
        const playlist = `${location.origin}/live/${name}.m3u8`;
        stage.show(isOnAir ? player.element : offAir(canPublish));
        top.classList.toggle('columns', isOnAir);
        watch.replaceChildren(...(isOnAir ? [copyField({ label: 'Watch page', value: watchPage })] : []));
        about.replaceChildren(...(isOnAir
            ? [card('Stream details', {}, rows, copyField({ label: 'Playlist address', value: playlist }))] : []));
        return badge(isOnAir ? 'Live' : 'Off air', isOnAir ? 'live' : 'plain');
    };
    const showStream = () => {
        const stream = onAir();
        const isOnAir = stream !== undefined;
        chosen = stream?.stream_name ?? chosen;
        tiles.viewers.set(format.number(isOnAir ? stream.viewers : 0));
        tiles.uptime.set(isOnAir ? format.duration(stream.uptime_seconds) : 'Off air');
        player.set(isOnAir ? previewAddress(stream) : null);
        refill(state, stream?.stream_name ?? null, frame);
        stage.show();
        if (isOnAir) {
            refill(rows, detailRows(stream), facts);
        }
    };

    let analytics;
    const choose = (name) => {
        chosen = name;
        showStream();
        analytics.now();
    };
    const showList = ({ streams }) => {
        list = streams.filter(({ active }) => active);
        const before = chosen;
        showStream();
        const several = list.length > 1 ? list.map(({ stream_name: name }) => name) : [];
        refill(choice, several, (names) => (names.length > 0 ? chooser(names, choose) : ''));
        if (before !== chosen) {
            analytics.now();
        }
    };
    poll({
        seconds: streamSeconds, signal, load: api.streams, show: showList,
        fail: (error, retry) => stage.fail(error, retry),
    });
    analytics = poll({
        seconds: numbersSeconds, signal,
        load(ending) {
            const now = Date.now();
            // Of all streams while none is on air.
            return api.analytics({ from: now - span, to: now, stream: onAir()?.stream_name }, ending);
        },
        show({ from, to, points, totals }) {
            tiles.peak.set(format.number(totals.peak_viewers));
            tiles.watched.set(format.hours(totals.watch_seconds));
            numbers.show(chart.element);
            chart.update(points, {
                from: Date.parse(from), to: Date.parse(to),
                summary: `At most ${format.number(totals.peak_viewers)} viewers at once, `
                    + `watched for ${format.hours(totals.watch_seconds)} in all.`,
            });
        },
        fail: (error, retry) => numbers.fail(error, retry),
    });
}
