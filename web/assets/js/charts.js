// Line charts over time, by Chart.js, in the colours of the stylesheet, each with its numbers as a table.

import { el, setText } from './dom.js';
import { clock, day, moment } from './format.js';
import { table } from './tables.js';

const minute = 60_000;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720].map((count) => count * minute);
const dayLength = 24 * 60 * minute;
// Room that a label of the time axis needs, in CSS pixels.
const labelWidth = 76;
// More rows than that are read by nobody; they are thinned out.
const tableRows = 48;

/// Round local times between two times, at most `count`, and the text of each.
function timeTicks(from, to, count) {
    const step = steps.find((one) => (to - from) / one <= count);
    const start = new Date(from);
    start.setHours(0, 0, 0, 0);
    const days = step ? 0 : Math.max(1, Math.ceil((to - from) / dayLength / count));
    const ticks = [];
    for (let index = 0; ; index += 1) {
        const date = new Date(start);
        // By the calendar, so that ticks stay at round times when clocks are changed.
        if (step) {
            date.setMinutes(index * (step / minute));
        } else {
            date.setDate(date.getDate() + index * days);
        }
        const value = date.getTime();
        if (value > to) {
            return ticks;
        }
        if (value >= from) {
            const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
            ticks.push({ value, label: !step || isMidnight ? day(value) : clock(value) });
        }
    }
}

function colours() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return {
        text: of('--ink-2'), line: of('--line'), surface: of('--surface'), ink: of('--ink'),
        series: [of('--series-1'), of('--series-2')], fills: [of('--series-1-fill'), 'transparent'],
        font: getComputedStyle(document.body).fontFamily,
    };
}

function paint(chart) {
    const { text, line, surface, ink, series, fills, font } = colours();
    chart.data.datasets.forEach((dataset, index) => Object.assign(dataset, {
        borderColor: series[index], backgroundColor: fills[index], pointHoverBackgroundColor: series[index],
        pointHoverBorderColor: surface,
    }));
    for (const axis of Object.values(chart.options.scales)) {
        axis.ticks.color = text;
        axis.ticks.font = { family: font, size: 12 };
        axis.grid.color = line;
    }
    Object.assign(chart.options.plugins.legend.labels, { color: text, font: { family: font, size: 13 } });
    Object.assign(chart.options.plugins.tooltip, {
        backgroundColor: ink, titleColor: surface, bodyColor: surface, titleFont: { family: font },
        bodyFont: { family: font },
    });
}

function configuration(series, format) {
    return {
        type: 'line',
        data: {
            datasets: series.map(({ title }, index) => ({
                label: title, data: [], borderWidth: 2, borderDash: index === 0 ? [] : [5, 4], fill: index === 0,
                pointRadius: 0, pointHitRadius: 12, pointHoverRadius: 4, pointHoverBorderWidth: 2,
            })),
        },
        options: {
            // Numbers that come in every minute need no show.
            animation: false, responsive: true, maintainAspectRatio: false, parsing: false, normalized: true,
            interaction: { mode: 'index', intersect: false },
            scales: {
                x: {
                    type: 'linear', grid: { drawOnChartArea: false }, border: { display: false },
                    ticks: { maxRotation: 0, autoSkip: false, callback: (value, index, ticks) => ticks[index].label },
                    afterBuildTicks(axis) {
                        axis.ticks = timeTicks(axis.min, axis.max, Math.max(2, Math.floor(axis.width / labelWidth)));
                    },
                },
                y: {
                    beginAtZero: true, suggestedMax: 1, border: { display: false }, grid: {},
                    ticks: { maxTicksLimit: 6, precision: 0, callback: (value) => format(value) },
                },
            },
            plugins: {
                legend: { display: series.length > 1, align: 'end', labels: { boxWidth: 18, boxHeight: 0 } },
                tooltip: {
                    padding: 10, displayColors: false,
                    callbacks: {
                        title: ([point]) => moment(point.parsed.x),
                        label: (point) => `${point.dataset.label}: ${format(point.parsed.y)}`,
                    },
                },
            },
        },
    };
}

/// A chart of one or two series [{title, value(point)}] over points with a `time`. Its colours follow the system's
/// scheme until `signal` aborts, which also frees it.
export function timeChart({ title, series, format, signal }) {
    const canvas = el('canvas', { role: 'img', 'aria-label': title });
    const box = el('div', { class: 'chart-box' }, canvas);
    const numbers = el('div', {
        class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': `${title}: table`,
    });
    const details = el('details', { class: 'chart-numbers' }, el('summary', {}, 'Show as a table'), numbers);
    let chart;
    let points = [];

    const tabulate = () => {
        const every = Math.ceil(points.length / tableRows);
        const columns = [{ title: 'Time', cell: ({ time }) => moment(time) },
            ...series.map((one) => ({ title: one.title, kind: 'number', cell: (point) => format(one.value(point)) }))];
        const rows = points.filter((_, index) => index % every === 0).reverse();
        numbers.replaceChildren(table({ caption: title, columns, rows }));
    };
    details.addEventListener('toggle', () => details.open && tabulate());

    if (globalThis.Chart === undefined) {
        box.replaceChildren(el('p', { class: 'muted' },
            'The chart library is missing on this server. The numbers are below.'));
        details.open = true;
    }
    const repaint = () => {
        if (chart) {
            paint(chart);
            chart.update();
        }
    };
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint, { signal });
    signal.addEventListener('abort', () => chart?.destroy());

    return {
        element: el('div', { class: 'chart' }, box, details),
        /// Draws the points; `summary` says in words what they show.
        update(next, { from, to, summary }) {
            points = next;
            setText(canvas, summary);
            canvas.setAttribute('aria-label', `${title}. ${summary}`);
            if (details.open) {
                tabulate();
            }
            if (globalThis.Chart === undefined || signal.aborted) {
                return;
            }
            // Made when its box is on the page and has a size.
            if (chart === undefined) {
                chart = new globalThis.Chart(canvas, configuration(series, format));
                paint(chart);
            }
            Object.assign(chart.options.scales.x, { min: from, max: to });
            series.forEach(({ value }, index) => {
                chart.data.datasets[index].data = points.map((point) => (
                    { x: Date.parse(point.time), y: value(point) }));
            });
            chart.update();
        },
    };
}
