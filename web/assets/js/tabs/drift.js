// For admins, how true the host is to config.yaml: the last reconcile, what differs and why, the units, the
// certificate.

import * as api from '../api.js';
import { el, icon } from '../dom.js';
import * as format from '../format.js';
import { poll } from '../polling.js';
import { table } from '../tables.js';
import { badge, card, emptyState, facts, LoadedView, refill } from '../view.js';

const seconds = 10;
// A longer diff is read on the host.
const mostLines = 300;

const results = {
    in_order: ['In order', 'ok'], applied: ['Applied', 'ok'], drift: ['Drift', 'warn'], waiting: ['Waiting', 'warn'],
    failed: ['Failed', 'bad'],
};
const causes = {
    config_changed: 'config.yaml has changed since it was applied', upgraded: 'PutLive was upgraded since',
    edited: 'Changed on the host by another hand', stopped: 'Stopped or disabled by another hand',
    failed: 'The service failed or hangs', never_applied: 'config.yaml was never applied as a whole',
};
const outcomes = {
    repair: ['To be repaired', 'warn'], report: ['Left to you', 'warn'], wait: ['Waits for the stream to end', 'plain'],
};
const stages = {
    config: 'Reading config.yaml', render: 'Rendering the files', srs: 'Getting SRS',
    native_checks: "Checking with the services' own tools", write: 'Writing files', services: 'Restarting services',
    health: 'Waiting for the services to work', rollback: 'Putting everything back',
};
// A later PutLive may have words of which nothing is known here.
const titled = (names, key) => (Object.hasOwn(names, key) ? names[key] : format.words(key));
const badgeOf = (names, key) => badge(...(Object.hasOwn(names, key) ? names[key] : [format.words(key), 'plain']));
const time = (moment) => (moment ? el('time', { datetime: moment }, format.moment(moment)) : format.unknown);
const counted = (count, one, many = `${one}s`) => `${format.number(count)} ${count === 1 ? one : many}`;

function diffView({ subject, diff }) {
    const lines = diff.replace(/\n$/, '').split('\n');
    const rows = lines.slice(0, mostLines).map((line) => {
        const kind = { '+': 'added', '-': 'removed', '@': 'place' }[line[0]];
        return el('span', { class: kind && `diff-${kind}` }, line);
    });
    const left = lines.length - rows.length;
    return el('details', { class: 'more' }, el('summary', {}, 'Show what differs'),
        el('pre', { class: 'diff mono', tabindex: '0', role: 'region', 'aria-label': `Differences of ${subject}` },
            ...rows),
        left > 0 && el('p', { class: 'muted' }, `${counted(left, 'more line')}: putlive-agent reconcile --check`));
}

const differenceList = (differences, state) => el('ul', { class: 'differences' }, ...differences.map((one) =>
    el('li', { class: 'difference' },
        el('p', { class: 'difference-head' }, el('span', { class: 'mono strong' }, one.subject), state(one)),
        el('p', {}, one.detail),
        el('p', { class: 'muted' }, `${titled(causes, one.cause)}.`),
        one.diff && diffView(one))));

const alert = (kind, iconName, ...content) =>
    el('div', { class: `alert alert-${kind}` }, icon(iconName), ...content);

function failureNote({ failure, count }) {
    const times = count > 1 ? ` ${counted(count, 'time')} in a row` : '';
    return failure ? alert('bad', 'alert', el('div', { class: 'alert-text' },
        el('p', { class: 'strong' }, `${titled(stages, failure.stage)} failed${times}. The host is as it was before.`),
        el('p', { class: 'cause' }, failure.message))) : '';
}

function waitingNotes(pending) {
    if (pending.length === 0) {
        return '';
    }
    return el('div', { class: 'stack-small' }, ...pending.map(({ unit, reason, since }) =>
        alert('plain', 'clock', el('p', {}, el('span', { class: 'mono strong' }, unit),
            ' is restarted when the stream has ended: ', reason, '. Waiting since ', time(since), '.'))));
}

function differencesLeft(differences) {
    return differences.length === 0
        ? el('p', { class: 'no-differences' }, icon('check'), el('span', {}, 'The host is as config.yaml says.'))
        : el('div', {}, el('h3', { class: 'differences-title' }, counted(differences.length, 'difference')),
            differenceList(differences, ({ outcome }) => badgeOf(outcomes, outcome)));
}

const repairedList = (repaired) => (repaired.length === 0 ? '' : el('details', { class: 'more' },
    el('summary', {}, `${counted(repaired.length, 'difference')} repaired by the last reconcile`),
    differenceList(repaired, () => badge('Repaired', 'ok'))));

const noteList = (notes) => (notes.length === 0 ? '' : el('details', { class: 'more' },
    el('summary', {}, counted(notes.length, 'note')),
    el('ul', { class: 'notes' }, ...notes.map((note) => el('li', {}, note)))));

function reportRows(report) {
    const { duration_seconds: length, generation: number } = report;
    const took = length < 1 ? `${format.number(length * 1000)} ms`
        : length < 60 ? `${format.number(length)} s` : format.duration(length);
    return [
        ['Last reconcile', `${format.moment(report.ended_at)}, took ${took}`],
        ...(report.result === 'failed' ? [['Last good one', format.moment(report.last_success_at)]] : []),
        ['Generation', number > 0
            ? `${format.number(number)}, applied ${format.moment(report.generation_applied_at)}` : 'None yet'],
        ['PutLive', report.tool_version],
    ];
}

/// Mounts and swap files are named after their paths, as systemd.unit(5) says.
function unitName(name) {
    const path = /^(.+)\.(mount|swap)$/.exec(name)?.[1];
    return path === undefined ? String(name).replace(/\.service$/, '')
        : `/${path.replaceAll('-', '/').replace(/\\x([0-9a-f]{2})/g,
            (_, code) => String.fromCharCode(Number.parseInt(code, 16)))}`;
}

function unitBadge({ state, healthy, gave_up: gaveUp }) {
    if (gaveUp) {
        return badge('Given up', 'bad');
    }
    const kind = healthy ? 'ok' : 'warn';
    return badge(format.words(String(state).replaceAll('-', ' ')), state === 'not-installed' ? 'plain' : kind);
}

const unitTable = (units) => (units.length === 0 ? el('p', { class: 'muted' }, 'None') : table({
    caption: 'Units', rows: units,
    columns: [
        { title: 'Unit', cell: ({ name }) => unitName(name) },
        { title: 'State', cell: unitBadge },
        { title: 'Restarts', kind: 'number', cell: ({ restarts }) => format.number(restarts) },
    ],
}));

function certificateFacts({ certificate, now }) {
    const days = Math.floor((Date.parse(certificate.not_after) - now) / 86400_000);
    const rest = days < 0 ? 'expired' : `${counted(days, 'day')} left`;
    return el('div', { class: 'stack-small' },
        facts([
            ['Kind', certificate.self_signed ? badge('Self-signed', 'warn')
                : certificate.problem ? badge('Not the configured one', 'warn') : badge('Configured', 'ok')],
            ['Valid until', el('span', {}, time(certificate.not_after), ' ',
                badge(rest, days < 0 ? 'bad' : days < 14 ? 'warn' : 'plain'))],
            ['For', certificate.names.map((name) => el('div', {}, name))],
        ]),
        certificate.problem && alert('plain', 'info', el('p', { class: 'cause' }, certificate.problem)));
}

/// The part of System Health that admins see; it loads by itself until `signal` aborts.
export function driftSection(signal) {
    const view = new LoadedView('medium');
    const state = el('span', {});
    const part = () => el('div', {});
    const parts = {
        facts: part(), failure: part(), waiting: part(), differences: part(), repaired: part(), notes: part(),
        certificate: part(), units: el('div', { class: 'table-box' }),
    };
    const { certificate, units, ...left } = parts;
    const certificateCard = card('Certificate', {}, certificate);
    const report = el('div', { class: 'columns columns-uneven' },
        card('Host and config', { actions: [state] }, el('div', { class: 'stack-small' }, ...Object.values(left))),
        el('div', { class: 'stack' }, certificateCard, card('Units', {}, units)));
    const nothing = part();

    const show = ({ report: last, reason }) => {
        const wanted = last ? report : nothing;
        view.show(...(wanted.isConnected ? [] : [wanted]));
        if (!last) {
            refill(nothing, reason, (text) => card('Host and config', {},
                emptyState('health', 'No reconcile to tell of', text)));
            return;
        }
        refill(state, last.result, (result) => badgeOf(results, result));
        refill(parts.facts, reportRows(last), facts);
        refill(parts.failure, { failure: last.failure, count: last.consecutive_failures }, failureNote);
        refill(parts.waiting, last.pending_restarts, waitingNotes);
        refill(parts.differences, last.differences, differencesLeft);
        refill(parts.repaired, last.repaired, repairedList);
        refill(parts.notes, last.notes, noteList);
        refill(parts.units, last.units, unitTable);
        certificateCard.hidden = !last.certificate;
        if (last.certificate) {
            // By the minute: `now` decides what is drawn anew.
            const now = Math.floor(Date.now() / 60_000) * 60_000;
            refill(parts.certificate, { certificate: last.certificate, now }, certificateFacts);
        }
    };
    poll({
        seconds, signal, load: api.drift, show, fail: (error, retry) => view.fail(error, retry),
    });
    return view.element;
}
