// The settings of a stream key as OBS Studio wants them, to copy and follow.

import { copyField } from './copying.js';
import { button, el, icon } from './dom.js';
import { facts } from './view.js';

const output = [
    ['Encoder', 'x264, or your graphics card\'s H.264'], ['Rate control', 'CBR'],
    ['Bit rate', '2500 Kbps for 720p, 1200 Kbps for 480p'], ['Keyframe interval', '2 s'], ['CPU preset', 'veryfast'],
    ['Profile', 'main'], ['Tune', 'zerolatency'],
];
const picture = [['Output resolution', '1280x720, or 854x480'], ['FPS', '30']];

const step = (title, ...children) => el('li', {}, el('p', { class: 'strong' }, title), ...children);

/// `key` is the full object of the API, with rtmp_server and stream_key.
export function obsSettings(key, close) {
    const watch = `/?stream=${encodeURIComponent(key.stream)}`;
    return [
        copyField({ label: 'Server', value: key.rtmp_server }),
        copyField({ label: 'Stream Key', value: key.stream_key, secret: true }),
        el('p', { class: 'field-hint' }, 'Keep the stream key to yourself: whoever has it can stream in your name.'),
        el('ol', { class: 'steps' },
            step('In OBS open Settings, Stream',
                el('p', {}, 'Choose the service Custom, then paste Server and Stream Key.')),
            step('Settings, Output, with Output Mode Advanced', facts(output, { tight: true })),
            step('Settings, Video', facts(picture, { tight: true })),
            step('Start Streaming', el('p', {}, 'After some seconds the picture is on the ',
                el('a', { href: watch, target: '_blank', rel: 'noopener' }, 'watch page', icon('external'),
                    el('span', { class: 'visually-hidden' }, ' (opens a new tab)')), '.'))),
        el('div', { class: 'form-actions' }, button('Done', { kind: 'button-primary', onClick: close })),
    ];
}
