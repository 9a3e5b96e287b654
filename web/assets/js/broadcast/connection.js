// One WebRTC connection to the server: what is offered, sent, and how large.

import { preferH264 } from './codecs.js';
import { audioEncoding, degradation, videoEncoding } from './presets.js';

/// Why a connection didn't come about.
export class ConnectionError extends Error {
    constructor(code, message) {
        super(message);
        this.name = 'ConnectionError';
        this.code = code;
    }
}

function isAsWanted(parameters, encoding, preference) {
    const [now] = parameters.encodings;
    return Object.entries(encoding).every(([name, value]) => now[name] === value)
        && (!preference || parameters.degradationPreference === preference);
}

async function shape(sender, encoding, preference) {
    const parameters = sender.getParameters();
    if (!parameters.encodings?.length || isAsWanted(parameters, encoding, preference)) {
        return;
    }
    Object.assign(parameters.encodings[0], encoding);
    if (preference) {
        parameters.degradationPreference = preference;
    }
    await sender.setParameters(parameters);
}

/// Event: "state", of `isConnected` or `isOver`.
export class Connection extends EventTarget {
    #peer;
    #video;
    #audio;
    #shaping = Promise.resolve();
    #watched = null;

    constructor(iceServers) {
        super();
        this.#peer = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
        const streams = [new MediaStream()];
        // Both from the beginning: what isn't there yet can come later without another offer.
        this.#video = this.#peer.addTransceiver('video', { direction: 'sendonly', streams });
        this.#audio = this.#peer.addTransceiver('audio', { direction: 'sendonly', streams });
        preferH264(this.#video);
        this.#peer.addEventListener('connectionstatechange', () => this.#onState());
    }

    #onState() {
        const transport = this.#video.sender.transport;
        if (transport && !this.#watched) {
            this.#watched = transport;
            // The server's farewell (a DTLS alert) is told here and, by some browsers, nowhere else.
            transport.addEventListener('statechange', () => this.#onState());
        }
        this.dispatchEvent(new Event('state'));
    }

    get #isKeyed() {
        return !['failed', 'closed'].includes(this.#watched?.state);
    }

    get isConnected() {
        return this.#peer.connectionState === 'connected' && this.#isKeyed;
    }

    /// Nothing comes of it by itself any more.
    get isOver() {
        return ['failed', 'closed'].includes(this.#peer.connectionState) || !this.#isKeyed;
    }

    /// Whether another way may be found for it: ICE can begin anew, DTLS can't.
    get canRestart() {
        return this.#peer.connectionState !== 'closed' && this.#isKeyed;
    }

    /// Sends {video, audio, source, preset} from now on; a track may be null.
    async send({ video, audio, source, preset }) {
        const work = this.#shaping.then(async () => {
            const { sender: videoSender } = this.#video;
            const { sender: audioSender } = this.#audio;
            if (videoSender.track !== video) {
                await videoSender.replaceTrack(video);
            }
            if (audioSender.track !== audio) {
                await audioSender.replaceTrack(audio);
            }
            await shape(videoSender, videoEncoding(preset, video), degradation(source));
            await shape(audioSender, audioEncoding(preset));
        });
        this.#shaping = work.catch(() => {});
        await work;
    }

    /// The offer's text. The server doesn't need our candidates: it answers to where our checks come from (ICE-lite,
    /// RFC 8445 section 2.5), so there is nothing to wait for.
    async offer({ isRestart = false } = {}) {
        await this.#peer.setLocalDescription(await this.#peer.createOffer({ iceRestart: isRestart }));
        return this.#peer.localDescription.sdp;
    }

    async accept(sdp) {
        await this.#peer.setRemoteDescription({ type: 'answer', sdp });
    }

    /// Resolves once connected.
    connected(seconds, signal) {
        return new Promise((resolve, reject) => {
            const ending = new AbortController();
            const end = (settle, value) => {
                clearTimeout(timer);
                ending.abort();
                settle(value);
            };
            const onState = () => {
                if (this.isConnected) {
                    end(resolve);
                } else if (this.isOver) {
                    end(reject, new ConnectionError('blocked', 'No way leads to the server.'));
                }
            };
            const timer = setTimeout(() => end(reject, new ConnectionError('blocked', 'No connection in time.')),
                seconds * 1000);
            this.addEventListener('state', onState, { signal: ending.signal });
            signal.addEventListener('abort', () => end(reject, signal.reason), { signal: ending.signal });
            if (this.isConnected) {
                end(resolve);
            }
        });
    }

    stats() {
        return this.#peer.getStats();
    }

    close() {
        this.#peer.close();
    }
}
