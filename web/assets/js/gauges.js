// Gauges of a host: a ring for a share of a whole, and a small line for a rate.

import { el, icon, setText, svg, uniqueID } from './dom.js';
import { bitRate, percent } from './format.js';

// Where a share starts to matter. The words say so too: colour alone isn't seen by all.
const high = 75;
const full = 90;
// Of a ring with this circumference, a number of percent is a length.
const radius = 100 / (2 * Math.PI);
const trendLength = 60;

/// A ring with a <meter> that screen readers read. `warnings` says what a high and a very high share mean.
export function gauge(title, iconName, warnings = ['high', 'nearly full']) {
    const id = uniqueID('gauge');
    const value = svg('circle', { class: 'ring-value', cx: 20, cy: 20, r: radius, 'stroke-dasharray': '0 100' });
    const ring = svg('svg', { class: 'ring', viewBox: '0 0 40 40', 'aria-hidden': 'true', focusable: 'false' },
        svg('circle', { class: 'ring-track', cx: 20, cy: 20, r: radius }), value);
    const number = el('span', { class: 'ring-number', 'aria-hidden': 'true' }, '–');
    const meter = el('meter', {
        class: 'visually-hidden', min: 0, max: 100, low: high, high: full, optimum: 0, 'aria-labelledby': id,
    });
    const detail = el('p', { class: 'gauge-detail' });
    const element = el('div', { class: 'gauge card' },
        el('h2', { class: 'gauge-title', id }, icon(iconName), el('span', {}, title)),
        el('div', { class: 'ring-box' }, ring, number), meter, detail);
    return {
        element,
        set(share, text) {
            const isKnown = typeof share === 'number' && Number.isFinite(share);
            const bounded = isKnown ? Math.min(100, Math.max(0, share)) : 0;
            value.setAttribute('stroke-dasharray', `${bounded.toFixed(1)} 100`);
            value.classList.toggle('is-none', bounded < 0.5);
            element.classList.toggle('is-high', bounded >= high && bounded < full);
            element.classList.toggle('is-full', bounded >= full);
            setText(number, percent(share));
            meter.value = bounded;
            meter.setAttribute('aria-valuetext', percent(share));
            const warning = bounded >= full ? warnings[1] : bounded >= high ? warnings[0] : null;
            setText(detail, [text, warning].filter(Boolean).join(', '));
        },
    };
}

/// A rate with its course since the page was opened. `series` is 1 or 2, the colour.
export function trend(title, series) {
    const number = el('span', { class: 'trend-value' }, '–');
    const line = svg('polyline', { class: `trend-line series-${series}`, points: '', fill: 'none' });
    const element = el('div', { class: 'trend', role: 'group', 'aria-label': title },
        el('p', { class: 'trend-text' }, el('span', { class: 'trend-title' }, title), number),
        svg('svg', {
            class: 'trend-chart', viewBox: '0 0 59 20', preserveAspectRatio: 'none', 'aria-hidden': 'true',
        }, line));
    const values = [];
    return {
        element,
        add(bytesPerSecond) {
            setText(number, bitRate(bytesPerSecond * 8));
            values.push(Number.isFinite(bytesPerSecond) ? bytesPerSecond : 0);
            values.splice(0, values.length - trendLength);
            const most = Math.max(1, ...values);
            const start = trendLength - values.length;
            line.setAttribute('points', values.map((one, index) =>
                `${start + index},${(19 - (18 * one) / most).toFixed(2)}`).join(' '));
        },
    };
}
