// Analytics: viewers and bandwidth over a range, countries, and what happened lately.

import * as api from '../api.js';
import { timeChart } from '../charts.js';
import { el, setText } from '../dom.js';
import * as format from '../format.js';
import { poll } from '../polling.js';
import { table } from '../tables.js';
import { tile } from '../tiles.js';
import { card, emptyState, LoadedView } from '../view.js';

const hour = 3600_000;
const ranges = {
    '1h': { title: '1 hour', words: 'last hour', length: hour },
    '24h': { title: '24 hours', words: 'last 24 hours', length: 24 * hour },
    '7d': { title: '7 days', words: 'last 7 days', length: 7 * 24 * hour },
    '30d': { title: '30 days', words: 'last 30 days', length: 30 * 24 * hour },
};
const numbersSeconds = 60;
const eventsSeconds = 30;
const eventCount = 50;

let range = '24h';

function rangeChooser(onChoose) {
    return el('fieldset', { class: 'segments' }, el('legend', { class: 'visually-hidden' }, 'Range'),
        ...Object.entries(ranges).map(([key, { title }]) => {
            const input = el('input', {
                type: 'radio', name: 'range', value: key, id: `range-${key}`,
                on: { change: () => onChoose(key) },
            });
            input.checked = key === range;
            return el('span', { class: 'segment' }, input, el('label', { for: input.id }, title));
        }));
}

function countryTable(countries) {
    if (countries.length === 0) {
        return emptyState('globe', 'No countries yet',
            'They show up once somebody has watched and the server can tell where.');
    }
    const total = countries.reduce((sum, { watch_seconds: seconds }) => sum + seconds, 0);
    const share = ({ watch_seconds: seconds }) => (total > 0 ? (100 * seconds) / total : 0);
    return table({
        caption: `Time watched by country, ${ranges[range].words}`, rows: countries,
        columns: [
            { title: 'Country', cell: ({ country }) => format.country(country) },
            { title: 'Watched', kind: 'number', cell: ({ watch_seconds: seconds }) => format.hours(seconds) },
            {
                title: 'Share', kind: 'share', cell: (row) => [
                    el('meter', { min: 0, max: 100, value: share(row).toFixed(1), 'aria-hidden': 'true' }),
                    el('span', {}, format.percent(share(row))),
                ],
            },
        ],
    });
}

function eventTable(events) {
    if (events.length === 0) {
        return emptyState('list', 'Nothing has happened yet', 'Streams, logins and changes show up here.');
    }
    return table({
        caption: 'Recent events', rows: events, cards: true,
        columns: [
            { title: 'What', cell: ({ kind }) => format.words(kind) },
            { title: 'When', kind: 'time', cell: ({ time }) => el('time', { datetime: time }, format.moment(time)) },
            { title: 'Stream', kind: 'text', cell: ({ stream }) => stream ?? format.unknown },
            { title: 'Details', kind: 'text', cell: ({ detail }) => detail || format.unknown },
        ],
    });
}

export function showAnalytics(panel, { signal }) {
    const tiles = {
        peak: tile('Peak viewers', 'peak'), watched: tile('Time watched', 'clock'), sent: tile('Data sent', 'upload'),
        sessions: tile('Viewer sessions', 'users'),
    };
    const viewers = timeChart({
        title: 'Viewers', format: format.number, signal,
        series: [
            { title: 'Average', value: (point) => point.viewers },
            { title: 'Peak', value: (point) => point.peak_viewers },
        ],
    });
    let step = 1;
    const bandwidth = timeChart({
        title: 'Bandwidth', format: format.bitRate, signal,
        series: [{ title: 'Bandwidth', value: (point) => (point.bytes_sent * 8) / step }],
    });
    const views = {
        viewers: new LoadedView(), bandwidth: new LoadedView(), countries: new LoadedView(), events: new LoadedView(),
    };
    const note = el('p', { class: 'visually-hidden', role: 'status' });
    let numbers;
    panel.append(
        el('header', { class: 'panel-head' }, el('h1', {}, 'Analytics'), rangeChooser((key) => {
            range = key;
            numbers.now();
        })), note,
        el('div', { class: 'tiles' }, ...Object.values(tiles).map(({ element }) => element)),
        el('div', { class: 'columns' }, card('Viewers', {}, views.viewers.element),
            card('Bandwidth', {}, views.bandwidth.element)),
        el('div', { class: 'columns columns-uneven' },
            card('Recent events', { className: 'card-scroll' }, views.events.element),
            card('Countries', {}, views.countries.element)));

    const showNumbers = (answer) => {
        const { totals, points } = answer;
        const span = { from: Date.parse(answer.from), to: Date.parse(answer.to) };
        step = answer.step_seconds;
        tiles.peak.set(format.number(totals.peak_viewers));
        tiles.watched.set(format.hours(totals.watch_seconds));
        tiles.sent.set(format.bytes(totals.bytes_sent));
        tiles.sessions.set(format.number(totals.sessions));
        views.viewers.show(viewers.element);
        views.bandwidth.show(bandwidth.element);
        views.countries.show(countryTable(answer.countries ?? []));
        const most = Math.max(0, ...points.map((point) => (point.bytes_sent * 8) / step));
        viewers.update(points, {
            ...span,
            summary: `In the ${ranges[range].words} at most ${format.number(totals.peak_viewers)} viewers at once.`,
        });
        bandwidth.update(points, {
            ...span, summary: `In the ${ranges[range].words} ${format.bytes(totals.bytes_sent)} sent, `
                + `at most ${format.bitRate(most)}.`,
        });
        setText(note, `Numbers of the ${ranges[range].words}`);
    };
    numbers = poll({
        seconds: numbersSeconds, signal, show: showNumbers,
        load(ending) {
            const to = Date.now();
            return api.analytics({ from: to - ranges[range].length, to }, ending);
        },
        fail(error, retry) {
            [views.viewers, views.bandwidth, views.countries].forEach((view) => view.fail(error, retry));
        },
    });
    poll({
        seconds: eventsSeconds, signal, load: (ending) => api.events(eventCount, ending),
        show: ({ events }) => views.events.show(eventTable(events)),
        fail: (error, retry) => views.events.fail(error, retry),
    });
}
