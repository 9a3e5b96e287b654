// What is broadcast: a picture of a camera or a screen, and the sound of a microphone; chosen, switched and lost.

import { isDenied, listDevices } from './devices.js';
import { cameraConstraints, contentHint, microphoneConstraints, screenConstraints } from './presets.js';
import { captureProblem, lost } from './problems.js';
import { mix } from './sound.js';

const isBusy = (error) => error.name === 'NotReadableError' || error.name === 'AbortError';
const failure = (name) => new DOMException('', name);
// A screen's sound is meant to be heard as it is.
const screenSound = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/// Event: "change", of any of its properties.
export class Capture extends EventTarget {
    /// Problems by camera, microphone and screen; those that aren't there are all right.
    problems = new Map();
    isMuted = false;
    #preset;
    #tracks = { camera: null, microphone: null };
    /// The device that is wanted; '' for none, undefined for any.
    #wanted = { camera: undefined, microphone: undefined };
    #screen = null;
    #mix = null;
    #queue = Promise.resolve();

    constructor(preset) {
        super();
        this.#preset = preset;
    }

    get source() {
        return this.#screen ? 'screen' : 'camera';
    }

    /// The tracks to send, or null.
    get video() {
        return this.#screen ? this.#screen.getVideoTracks()[0] : this.#tracks.camera;
    }

    get audio() {
        return this.#mix?.track ?? this.#screen?.getAudioTracks()[0] ?? this.#tracks.microphone;
    }

    get microphone() {
        return this.#tracks.microphone;
    }

    get preset() {
        return this.#preset;
    }

    /// The id of the device that is in use or would be; '' for none.
    chosen(kind) {
        return this.#wanted[kind] ?? '';
    }

    /// Asks for camera and microphone, with one question for both if possible. `wanted` is {camera, microphone}.
    open(wanted) {
        this.#wanted = { camera: wanted.camera, microphone: wanted.microphone };
        return this.#inTurn(async () => {
            const found = await listDevices();
            const count = { camera: found.cameras.length, microphone: found.microphones.length };
            const kinds = [];
            for (const kind of ['camera', 'microphone'].filter((one) => this.#wanted[one] !== '')) {
                if (count[kind] === 0) {
                    this.#fail(failure('NotFoundError'), [kind]);
                } else if (await isDenied(kind)) {
                    this.#fail(failure('NotAllowedError'), [kind]);
                } else {
                    kinds.push(kind);
                }
            }
            await this.#openAll(kinds);
        });
    }

    /// Takes another camera or microphone: an id, '' for none, or undefined for any.
    use(kind, id) {
        this.#wanted[kind] = id;
        return this.#inTurn(() => this.#replace(kind));
    }

    /// Tries again what didn't work, of one kind or of several.
    retry(kinds) {
        return this.#inTurn(() => this.#openAll(kinds));
    }

    /// Asks for a screen, a window or a tab; false if nobody chose one.
    async shareScreen() {
        let stream;
        try {
            stream = await navigator.mediaDevices.getDisplayMedia({
                video: screenConstraints(this.#preset), audio: screenSound, selfBrowserSurface: 'exclude',
                surfaceSwitching: 'include', systemAudio: 'include',
            });
        } catch (error) {
            // The question was called off, which is no problem.
            if (error.name !== 'NotAllowedError' || /system/i.test(error.message)) {
                this.#fail(error, ['screen']);
            }
            this.#changed();
            return false;
        }
        await this.#inTurn(() => this.#adoptScreen(stream));
        return true;
    }

    /// Goes back from the screen to the camera.
    stopSharing() {
        return this.#inTurn(async () => {
            if (this.#screen) {
                this.#releaseScreen();
                await this.#replace('camera');
            }
        });
    }

    setPreset(preset) {
        this.#preset = preset;
        return this.#inTurn(async () => {
            const constraints = this.#screen ? screenConstraints(preset) : cameraConstraints(preset);
            // What a source can't do, the encoder does: it scales.
            await this.video?.applyConstraints(constraints).catch(() => {});
        });
    }

    setMuted(isMuted) {
        this.isMuted = isMuted;
        if (this.#tracks.microphone) {
            this.#tracks.microphone.enabled = !isMuted;
        }
        this.#changed();
    }

    close() {
        this.#releaseScreen();
        for (const kind of ['camera', 'microphone']) {
            this.#set(kind, null);
        }
    }

    #changed() {
        this.dispatchEvent(new Event('change'));
    }

    // One after the other: two cameras that are opened at once would be in each other's way.
    #inTurn(work) {
        const done = this.#queue.then(work).then(() => this.#changed());
        this.#queue = done.catch(() => {});
        return done;
    }

    #fail(error, kinds) {
        const problem = captureProblem(error, kinds);
        for (const kind of kinds) {
            this.problems.set(kind, problem);
        }
    }

    #constraints(kind, isExact) {
        const id = this.#wanted[kind];
        const base = kind === 'camera' ? cameraConstraints(this.#preset) : microphoneConstraints;
        return id ? { ...base, deviceId: isExact ? { exact: id } : { ideal: id } } : base;
    }

    async #take(kinds, isExact) {
        const stream = await navigator.mediaDevices.getUserMedia({
            video: kinds.includes('camera') && this.#constraints('camera', isExact),
            audio: kinds.includes('microphone') && this.#constraints('microphone', isExact),
        });
        const { camera, microphone } = { camera: stream.getVideoTracks()[0], microphone: stream.getAudioTracks()[0] };
        for (const [kind, track] of Object.entries({ camera, microphone })) {
            if (track) {
                this.#set(kind, track);
            }
        }
    }

    async #openAll(kinds) {
        if (kinds.length === 0) {
            return;
        }
        try {
            await this.#take(kinds, false);
        } catch (error) {
            if (kinds.length > 1 && error.name !== 'NotAllowedError') {
                // One of them may be well.
                for (const kind of kinds) {
                    await this.#openAll([kind]);
                }
            } else {
                this.#fail(error, kinds);
            }
        }
    }

    async #replace(kind) {
        this.problems.delete(kind);
        const old = this.#tracks[kind];
        if (this.#wanted[kind] === '' || (kind === 'camera' && this.#screen)) {
            // While a screen is shared the camera is off, its light too.
            this.#set(kind, null);
            return;
        }
        try {
            await this.#take([kind], true).catch((error) => {
                if (!old || !isBusy(error)) {
                    throw error;
                }
                // Phones open one camera at a time.
                old.stop();
                return this.#take([kind], true);
            });
        } catch (error) {
            this.#fail(error, [kind]);
            if (old?.readyState === 'ended') {
                this.#set(kind, null);
            }
        }
    }

    #set(kind, track) {
        this.#tracks[kind]?.stop();
        this.#tracks[kind] = track;
        if (track) {
            this.problems.delete(kind);
            this.#wanted[kind] = track.getSettings().deviceId;
            track.contentHint = kind === 'camera' ? contentHint('camera') : 'speech';
            track.enabled = kind === 'camera' || !this.isMuted;
            track.addEventListener('ended', () => this.#onLost(kind, track));
            for (const name of ['mute', 'unmute']) {
                track.addEventListener(name, () => this.#changed());
            }
        }
        if (kind === 'microphone') {
            this.#mixSound();
        }
    }

    // Unplugged: another device of the kind takes over, if there is one.
    #onLost(kind, track) {
        if (this.#tracks[kind] !== track) {
            return;
        }
        this.#wanted[kind] = undefined;
        this.#inTurn(async () => {
            if (this.#tracks[kind] !== track) {
                return;
            }
            this.#set(kind, null);
            await this.#replace(kind);
            // What else was in the way says more, such as a permission that was taken back.
            if (!this.#tracks[kind] && this.problems.get(kind)?.isMissing !== false) {
                this.problems.set(kind, lost(kind));
            }
        });
    }

    #adoptScreen(stream) {
        this.#releaseScreen();
        this.problems.delete('screen');
        this.#screen = stream;
        const [track] = stream.getVideoTracks();
        track.contentHint = contentHint('screen');
        // "Stop sharing" of the browser.
        track.addEventListener('ended', () => this.#screen === stream && this.stopSharing());
        this.#set('camera', null);
        this.#mixSound();
    }

    #releaseScreen() {
        for (const track of this.#screen?.getTracks() ?? []) {
            track.stop();
        }
        this.#screen = null;
        this.#mixSound();
    }

    #mixSound() {
        this.#mix?.close();
        const sound = this.#screen?.getAudioTracks()[0];
        const { microphone } = this.#tracks;
        this.#mix = sound && microphone ? mix(microphone, sound) : null;
    }
}
