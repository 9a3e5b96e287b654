// System Health: gauges of the host, the state of services and components, and for admins how true the host is to its
// config; fresh while the page is seen.

import * as api from '../api.js';
import { el, icon, setText } from '../dom.js';
import * as format from '../format.js';
import { gauge, trend } from '../gauges.js';
import { poll } from '../polling.js';
import { table } from '../tables.js';
import { badge, card, emptyState, facts, LoadedView, refill } from '../view.js';
import { driftSection } from './drift.js';

const seconds = 5;

const states = { ok: ['OK', 'ok'], degraded: ['Degraded', 'warn'], down: ['Down', 'bad'], error: ['Error', 'bad'] };
const stateBadge = (state) => badge(...(states[state] ?? [format.words(state), 'plain']));

const memoryText = ({ used_bytes: used, total_bytes: total }) =>
    (total > 0 ? `${format.binaryBytes(used)} of ${format.binaryBytes(total)}` : 'None');

function componentFacts({ pid, memory_mb: memory, size_mb: size, usage_percent: usage }) {
    return [
        typeof pid === 'number' && `Process ${pid}`,
        typeof memory === 'number' && `${format.number(memory)} MB of memory`,
        typeof size === 'number' && `${format.number(size)} MB large`,
        typeof usage === 'number' && `${format.percent(usage)} used`,
    ].filter(Boolean).join(', ') || format.unknown;
}

function verdict(health, services) {
    const rows = [...Object.entries(health.components).map(([name, { status }]) => ({ name, status })), ...services];
    const names = [...new Set(rows.filter(({ status }) => status !== 'ok').map(({ name }) => format.name(name)))];
    const isWell = health.status === 'ok' && names.length === 0;
    const text = isWell ? 'Everything works' : `Needs attention${names.length > 0 ? `: ${names.join(', ')}` : ''}`;
    return { isWell, text };
}

const componentTable = (components) => table({
    caption: 'Components', rows: Object.entries(components),
    columns: [
        { title: 'Component', cell: ([name]) => format.name(name) },
        { title: 'State', cell: ([, { status }]) => stateBadge(status) },
        { title: 'Details', kind: 'text', cell: ([, part]) => part.detail || componentFacts(part) },
    ],
});

const serviceTable = (services) => (services.length === 0 ? emptyState('health', 'No services to show') : table({
    caption: 'Services', rows: services,
    columns: [
        { title: 'Service', cell: ({ name }) => format.name(name) },
        { title: 'State', cell: ({ status }) => stateBadge(status) },
        { title: 'Details', kind: 'text', cell: ({ detail }) => detail || format.unknown },
    ],
}));

export function showHealth(panel, { signal, user }) {
    const gauges = {
        cpu: gauge('CPU', 'cpu', ['busy', 'very busy']), memory: gauge('Memory', 'memory'),
        swap: gauge('Swap', 'swap'), disk: gauge('Disk', 'disk'),
    };
    const received = trend('Received', 1);
    const sent = trend('Sent', 2);
    const state = el('div', { class: 'verdict', role: 'status' });
    const updated = el('p', { class: 'muted updated' });
    const host = el('div', {});
    const services = el('div', { class: 'table-box' });
    const components = el('div', { class: 'table-box' });
    const view = new LoadedView('large');
    const content = el('div', { class: 'stack' },
        el('div', { class: 'gauges' }, ...Object.values(gauges).map(({ element }) => element)),
        el('div', { class: 'columns' }, card('Network', {}, received.element, sent.element), card('Host', {}, host)),
        el('div', { class: 'columns' }, card('Services', {}, services), card('Components', {}, components)),
        user.role === 'admin' && driftSection(signal));
    panel.append(el('header', { class: 'panel-head' }, el('h1', {}, 'System Health'), state, updated), view.element);

    const show = ([system, health]) => {
        view.show(...(content.isConnected ? [] : [content]));
        const cores = system.cpu_count === 1 ? '1 core' : `${format.number(system.cpu_count)} cores`;
        gauges.cpu.set(system.cpu_percent, cores);
        for (const part of ['memory', 'swap', 'disk']) {
            gauges[part].set(system[part].percent, memoryText(system[part]));
        }
        received.add(system.network.received_bytes_per_second);
        sent.add(system.network.sent_bytes_per_second);
        refill(host, [
            ['Running for', format.duration(system.uptime_seconds)],
            ['Load, 1, 5 and 15 minutes', system.load.map((one) => format.number(one)).join(' · ')],
        ], facts);
        refill(services, system.services, serviceTable);
        refill(components, health.components, componentTable);
        const { isWell, text } = verdict(health, system.services);
        // Read out when it changes, not each time.
        if (state.textContent !== text) {
            state.className = `verdict ${isWell ? 'is-well' : 'is-unwell'}`;
            state.replaceChildren(icon(isWell ? 'check' : 'alert'), el('span', {}, text));
        }
        setText(updated, `Updated ${format.clockWithSeconds(Date.now())}`);
    };
    poll({
        seconds, signal, show, load: (ending) => Promise.all([api.system(ending), api.health(ending)]),
        fail: (error, retry) => view.fail(error, retry),
    });
}
