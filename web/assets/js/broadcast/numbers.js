// The numbers of a broadcast, each second.

import { el, icon, setText } from '../dom.js';
import * as format from '../format.js';

const oneDigit = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat('en', { minimumIntegerDigits: 2 });

/// As clocks show it: 0:07, 12:34, 1:02:03.
function clock(milliseconds) {
    const total = Math.max(0, Math.floor(milliseconds / 1000));
    const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
    const end = twoDigits.format(seconds);
    return hours > 0 ? `${hours}:${twoDigits.format(minutes)}:${end}` : `${minutes}:${end}`;
}

function milliseconds(seconds) {
    if (seconds === undefined) {
        return format.unknown;
    }
    return seconds < 0.001 ? '< 1 ms' : `${Math.round(seconds * 1000)} ms`;
}

const rows = {
    duration: ['On air for', 'clock'], viewers: ['Viewers', 'eye'], rate: ['Bit rate', 'upload'],
    picture: ['Resolution', 'picture'], fps: ['Frame rate', 'play'], loss: ['Packet loss', 'signal'],
    roundTrip: ['Round trip', 'swap'],
};

// What limits the picture (RTCQualityLimitationReason), as people say it.
const limits = {
    bandwidth: 'Your connection has no room for more: the picture is smaller for now.',
    cpu: 'This device is busy: the picture is smaller for now.',
};
/// So many seconds of the same limit, and it is told.
const limitSeconds = 10;

export class Numbers {
    #values = {};
    #hint = el('p', { class: 'numbers-hint', role: 'status' });
    #limit = { reason: 'none', seconds: 0 };

    constructor() {
        const list = el('dl', { class: 'numbers' }, ...Object.entries(rows).map(([key, [title, iconName]]) => {
            this.#values[key] = el('dd', {}, format.unknown);
            return el('div', { 'data-number': key }, el('dt', {}, icon(iconName), el('span', {}, title)),
                this.#values[key]);
        }));
        this.element = el('section', { class: 'card numbers-card', 'aria-label': 'Live numbers' }, list, this.#hint);
    }

    begin() {
        for (const value of Object.values(this.#values)) {
            setText(value, format.unknown);
        }
        setText(this.#values.duration, clock(0));
        this.#limit = { reason: 'none', seconds: 0 };
        setText(this.#hint, '');
    }

    setViewers(count) {
        setText(this.#values.viewers, format.number(count));
    }

    /// `startedAt` is in milliseconds.
    show({ width, height, fps, bitsPerSecond, loss, roundTripSeconds, limitation }, startedAt) {
        const set = (key, text) => setText(this.#values[key], text);
        set('duration', clock(Date.now() - startedAt));
        set('rate', format.bitRate(bitsPerSecond));
        set('picture', width && height ? `${width} × ${height}` : format.unknown);
        set('fps', fps === undefined ? format.unknown : `${Math.round(fps)} fps`);
        set('loss', loss === undefined ? format.unknown : `${oneDigit.format(loss * 100)} %`);
        set('roundTrip', milliseconds(roundTripSeconds));
        const isSame = limitation === this.#limit.reason;
        this.#limit = { reason: limitation, seconds: isSame ? this.#limit.seconds + 1 : 0 };
        setText(this.#hint, this.#limit.seconds >= limitSeconds ? limits[limitation] ?? '' : '');
    }
}
