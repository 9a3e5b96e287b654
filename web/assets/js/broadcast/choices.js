// What a broadcaster chooses: the stream's name, camera or screen, devices, quality; all but the name while live, too.

import { button, el, icon, setText, uniqueID } from '../dom.js';
import { select } from '../forms.js';
import * as format from '../format.js';
import { card } from '../view.js';
import { remember, remembered } from './devices.js';
import { watchLevel } from './sound.js';
import { StreamName } from './stream-name.js';

const noneText = { camera: 'No camera', microphone: 'No microphone' };
const qualityWords = { '360p': 'For slow or mobile connections.', '480p': 'Recommended.', '720p': 'HD.' };

/// One of several, as buttons in a row. `choose` gets its key.
function segments(legend, choices, choose) {
    const name = uniqueID('choice');
    const inputs = {};
    const element = el('fieldset', { class: 'segments' }, el('legend', { class: 'visually-hidden' }, legend),
        ...choices.map(([key, title, iconName]) => {
            inputs[key] = el('input', {
                type: 'radio', name, value: key, id: `${name}-${key}`, on: { change: () => choose(key) },
            });
            return el('span', { class: 'segment' }, inputs[key],
                el('label', { for: `${name}-${key}` }, iconName && icon(iconName), title));
        }));
    return {
        element,
        set(chosen) {
            for (const [key, input] of Object.entries(inputs)) {
                input.checked = key === chosen;
            }
        },
    };
}

function describe({ name, width, height, fps, video_kbps: kbps }) {
    return [`${width} × ${height}, ${fps} fps, ${format.bitRate(kbps * 1000)}.`, qualityWords[name]]
        .filter(Boolean).join(' ');
}

export class Choices {
    #capture;
    #presets;
    #name;
    #selects = {};
    #quality;
    #qualityHint = el('p', { class: 'field-hint' });
    #source;
    #mute;
    #level = el('meter', { min: 0, max: 1, class: 'level', hidden: true, 'aria-label': 'Level of the microphone' });
    #levelOf = null;
    #endLevel = () => {};
    #drawn = '';

    constructor({ config, streams, capture }) {
        this.#capture = capture;
        this.#presets = config.presets;
        const { stream } = remembered();
        this.#name = new StreamName({ value: stream ?? streams[0] ?? 'stream', streams });
        for (const [kind, label] of [['camera', 'Camera'], ['microphone', 'Microphone']]) {
            this.#selects[kind] = select({ label, name: kind, options: [['', noneText[kind]]], value: '' });
            const { input } = this.#selects[kind];
            input.addEventListener('change', () => {
                remember({ [kind]: input.value });
                capture.use(kind, input.value);
            });
        }
        this.#selects.microphone.input.after(this.#level);
        this.#quality = segments('Quality', this.#presets.map(({ name }) => [name, name]), (name) => {
            remember({ quality: name });
            capture.setPreset(this.#presets.find((one) => one.name === name));
        });
        this.element = card('Your stream', { className: 'choices' }, el('div', { class: 'form' }, this.#name.element,
            this.#selects.camera.element, this.#selects.microphone.element,
            el('div', { class: 'field' }, el('p', { class: 'field-title', 'aria-hidden': 'true' }, 'Quality'),
                this.#quality.element, this.#qualityHint)));

        const canShare = typeof navigator.mediaDevices.getDisplayMedia === 'function';
        this.#source = segments('Picture', [['camera', 'Camera', 'camera'], ['screen', 'Screen', 'screen']],
            (source) => this.#setSource(source));
        this.#mute = button('Mute', {
            iconName: 'microphone', 'aria-pressed': 'false', kind: 'mute',
            onClick: () => capture.setMuted(!capture.isMuted),
        });
        /// What is at hand right under the picture.
        this.quick = el('div', { class: 'quick' }, canShare && this.#source.element, this.#mute);
    }

    get stream() {
        return this.#name.name;
    }

    /// What is sent as stream_key; null, with the error shown, where it can't be.
    checkedStreamKey() {
        return this.#name.checked();
    }

    setDevices({ cameras, microphones }) {
        this.#setOptions('camera', cameras);
        this.#setOptions('microphone', microphones);
        this.show({});
    }

    show({ isLocked }) {
        const capture = this.#capture;
        if (isLocked !== undefined) {
            this.#name.setLocked(isLocked);
        }
        for (const kind of ['camera', 'microphone']) {
            const { input } = this.#selects[kind];
            const chosen = capture.chosen(kind);
            input.value = [...input.options].some(({ value }) => value === chosen) ? chosen : '';
        }
        this.#quality.set(capture.preset.name);
        setText(this.#qualityHint, describe(capture.preset));
        this.#source.set(capture.source);
        this.#showMicrophone();
    }

    #setSource(source) {
        if (source === 'camera') {
            this.#capture.stopSharing();
        } else {
            this.#capture.shareScreen();
        }
    }

    #setOptions(kind, devices) {
        const { input } = this.#selects[kind];
        const known = devices.filter(({ id }) => id !== '').map(({ id, label }) => [id, label]);
        const options = [...known, ['', noneText[kind]]];
        if (input.dataset.options !== JSON.stringify(options)) {
            input.dataset.options = JSON.stringify(options);
            input.replaceChildren(...options.map(([value, text]) => el('option', { value }, text)));
        }
    }

    #showMicrophone() {
        const { microphone, isMuted } = this.#capture;
        this.#mute.disabled = !microphone;
        this.#mute.setAttribute('aria-pressed', String(isMuted));
        if (this.#drawn !== String(isMuted)) {
            this.#drawn = String(isMuted);
            this.#mute.replaceChildren(icon(isMuted ? 'microphone-off' : 'microphone'),
                el('span', {}, isMuted ? 'Unmute' : 'Mute'));
        }
        if (microphone !== this.#levelOf) {
            this.#endLevel();
            this.#levelOf = microphone;
            this.#level.hidden = !microphone;
            this.#endLevel = microphone ? watchLevel(microphone, (level) => {
                this.#level.value = level;
            }) : () => {};
        }
    }
}
