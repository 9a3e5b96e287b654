// The preview: what is sent, or will be, and whether it is on air.

import { el, icon, setText } from '../dom.js';

const badges = {
    idle: ['Preview', 'plain'], starting: ['Connecting', 'plain'], live: ['Live', 'live'],
    reconnecting: ['Reconnecting', 'warn'], stopping: ['Stopping', 'plain'],
};
const working = { starting: 'Going live', reconnecting: 'Looking for another way to the server' };

// What stands where no picture is: [icon, title, text].
function words({ capture, isOpening }) {
    if (isOpening) {
        return ['camera', 'Allow the camera and the microphone', 'Your browser asks you now.'];
    }
    if (!capture.video) {
        return capture.audio
            ? ['microphone', 'Sound alone', 'There is no picture. Viewers hear your microphone.']
            : ['camera', 'No camera and no microphone', 'Choose one of them, or share your screen.'];
    }
    return capture.video.muted
        ? ['camera', 'The picture is paused', 'The system holds it back, until you come back to this page say.'] : null;
}

export class Stage {
    #video = el('video', { muted: true, playsinline: true, autoplay: true, 'aria-label': 'Preview of your picture' });
    #badge = el('p', { class: 'badge badge-plain', role: 'status' }, 'Preview');
    #work = el('p', { class: 'studio-work' });
    #cover = el('div', { class: 'cover' });
    #shown = '';

    constructor() {
        // The attribute counts for a parsed element only.
        this.#video.muted = true;
        this.element = el('section', { class: 'stage studio-stage', 'aria-label': 'Preview' }, this.#video, this.#cover,
            el('div', { class: 'studio-state' }, this.#badge, this.#work));
    }

    show({ capture, state, isOpening }) {
        const { video } = capture;
        const current = this.#video.srcObject?.getVideoTracks()[0] ?? null;
        if (current !== video) {
            this.#video.srcObject = video && new MediaStream([video]);
        }
        const [text, kind] = badges[state];
        setText(this.#badge, text);
        this.#badge.className = `badge badge-${kind}`;
        setText(this.#work, working[state] ?? '');
        this.element.dataset.state = state;
        const cover = words({ capture, isOpening });
        this.#cover.hidden = cover === null;
        if (cover && this.#shown !== String(cover)) {
            const [name, title, about] = cover;
            this.#shown = String(cover);
            this.#cover.replaceChildren(icon(name), el('p', { class: 'cover-title' }, title),
                el('p', { class: 'cover-text' }, about));
        }
    }
}
