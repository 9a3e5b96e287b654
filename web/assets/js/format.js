// Numbers, times and names as people read them, in the browser's own language and time zone.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const dayAndTime = new Intl.DateTimeFormat(undefined, {
    day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit',
});
const onlyTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const timeWithSeconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const onlyDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/// What stands where a value isn't known.
export const unknown = '–';

const known = (value) => typeof value === 'number' && Number.isFinite(value);

/// 1,234 or 12.5: large numbers need no decimals.
export function number(value) {
    if (!known(value)) {
        return unknown;
    }
    return (Math.abs(value) < 100 ? oneDigit : whole).format(value);
}

export function percent(value) {
    return known(value) ? `${whole.format(value)} %` : unknown;
}

function scaled(value, base, units) {
    if (!known(value)) {
        return unknown;
    }
    let rest = value;
    let unit = 0;
    // Not 1,000 kB but 1 MB: the limit is where rounding would show four digits.
    while (Math.abs(rest) >= base - 0.5 && unit < units.length - 1) {
        rest /= base;
        unit += 1;
    }
    return `${number(rest)} ${units[unit]}`;
}

/// Sizes of memory and disks, in powers of 1,024.
export function binaryBytes(value) {
    return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}

/// Data sent, in powers of 1,000 as networks count.
export function bytes(value) {
    return scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

export function bitRate(bitsPerSecond) {
    return scaled(bitsPerSecond, 1000, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s']);
}

/// The two largest units: 3 d 4 h, 5 min 20 s.
export function duration(seconds) {
    if (!known(seconds)) {
        return unknown;
    }
    const total = Math.max(0, Math.floor(seconds));
    const parts = [
        [Math.floor(total / 86400), 'd'], [Math.floor(total / 3600) % 24, 'h'], [Math.floor(total / 60) % 60, 'min'],
        [total % 60, 's'],
    ];
    const first = parts.findIndex(([count]) => count > 0);
    if (first < 0) {
        return '0 s';
    }
    return parts.slice(first, first + 2).filter(([count]) => count > 0)
        .map(([count, unit]) => `${whole.format(count)} ${unit}`).join(' ');
}

/// Time watched, by many at once, is counted in hours.
export function hours(seconds) {
    return known(seconds) && seconds >= 86400 ? `${whole.format(seconds / 3600)} h` : duration(seconds);
}

function formatted(format, time) {
    const date = time === null || time === undefined ? NaN : new Date(time);
    return Number.isNaN(Number(date)) ? unknown : format.format(date);
}

/// A time of the API (RFC 3339) or milliseconds; the year is told where it isn't this one.
export function moment(time) {
    const isThisYear = time && new Date(time).getFullYear() === new Date().getFullYear();
    return formatted(isThisYear ? dayAndTime : dateAndTime, time);
}
export const clock = (time) => formatted(onlyTime, time);
export const clockWithSeconds = (time) => formatted(timeWithSeconds, time);
export const day = (time) => formatted(onlyDay, time);

/// A country's name for its two letters; the API says `-` where it doesn't know.
export function country(code) {
    if (!/^[A-Z]{2}$/.test(code)) {
        return 'Unknown';
    }
    try {
        return new Intl.DisplayNames(undefined, { type: 'region' }).of(code);
    } catch {
        return code;
    }
}

/// `stream_started` as words: "Stream started".
export function words(kind) {
    const text = String(kind).replaceAll('_', ' ').trim();
    return text === '' ? unknown : text[0].toUpperCase() + text.slice(1);
}

const abbreviations = {
    api: 'API', srs: 'SRS', tmpfs: 'HLS memory', webrtc: 'WebRTC', hls: 'HLS', nginx: 'nginx', rtmp: 'RTMP',
};

/// What a service, a component or a source is called.
export function name(key) {
    return abbreviations[key] ?? words(key);
}

const sources = { rtmp: 'Encoder (RTMP)', webrtc: 'Browser (WebRTC)', playout: 'Video from the library' };
export const source = (key) => sources[key] ?? (key ? words(key) : unknown);

/// A rendition's name: `src` is what arrives.
export const rendition = (key) => (key === 'src' ? 'Source' : key);

/// Roles as people call them.
export const roles = { admin: 'Admin', streamer: 'Streamer', viewer: 'Viewer' };
export const role = (key) => roles[key] ?? words(key);
