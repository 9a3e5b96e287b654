// The studio: puts capture, broadcast and what is seen of them together.

import * as api from '../api.js';
import { button, el, setText } from '../dom.js';
import { duration } from '../format.js';
import { notify } from '../notices.js';
import { poll } from '../polling.js';
import { current, goToLogin } from '../session.js';
import { Broadcaster } from './broadcaster.js';
import { Capture } from './capture.js';
import { Choices } from './choices.js';
import { listDevices, remember, remembered } from './devices.js';
import { Notes } from './notes.js';
import { Numbers } from './numbers.js';
import { choosePreset } from './presets.js';
import { broadcastProblem, loggedOut, outputLost, overTCP, udpBlocked } from './problems.js';
import { Reachability } from './reachability.js';
import { Stage } from './stage.js';
import { Statistics } from './statistics.js';
import { keepAwake } from './wake-lock.js';
import { watchLink } from './watch-link.js';

const statusSeconds = 3;

export class Studio {
    #capture;
    #broadcaster;
    #reachability;
    #stage;
    #choices;
    #notes = new Notes((kinds) => this.#retry(kinds));
    #numbers = new Numbers();
    #limitations;
    #failure = null;
    #isTCP = false;
    /// The server has the picture and can't pass it on.
    #isOutputLost = false;
    #isLoggedOut = false;
    #isOpening = true;
    /// While on air: ends what is watched then.
    #watching = null;
    #link = el('div', { class: 'studio-link' });
    #goLive = button('Go Live', {
        iconName: 'record', kind: 'button-danger studio-go', onClick: () => this.#start(),
    });
    #stop = button('Stop Broadcast', {
        iconName: 'stop', kind: 'button-danger-quiet studio-go', onClick: () => this.#end(),
    });

    /// `streams` are the names that this user has keys for.
    constructor({ config, streams, limitations }) {
        this.#limitations = limitations;
        const { quality } = remembered();
        this.#capture = new Capture(choosePreset(config.presets, quality, config.default_quality));
        const iceServers = config.ice_servers ?? [];
        this.#broadcaster = new Broadcaster({ server: api, iceServers, media: () => this.#media() });
        this.#reachability = new Reachability({ server: api, iceServers });
        this.#stage = new Stage();
        this.#choices = new Choices({ config, streams, capture: this.#capture });
        this.#capture.addEventListener('change', () => this.#onMedia());
        this.#reachability.addEventListener('change', () => this.#show());
        this.#broadcaster.addEventListener('state', () => this.#onState());
        this.#broadcaster.addEventListener('ended', ({ detail }) => this.#fail(detail));
        navigator.mediaDevices.addEventListener('devicechange', () => this.#listDevices());
        window.addEventListener('beforeunload', (event) => this.isOnAir && event.preventDefault());
        this.elements = [
            el('div', { class: 'studio-main' },
                el('h1', { class: 'visually-hidden' }, 'Go live'), this.#stage.element,
                el('div', { class: 'studio-bar' }, this.#choices.quick, this.#goLive, this.#stop),
                this.#notes.element, this.#numbers.element, this.#link),
            el('div', { class: 'studio-side' }, this.#choices.element),
        ];
    }

    get isOnAir() {
        return this.#broadcaster.isOnAir;
    }

    /// The login has ended: viewers needn't notice, so a show goes on, and the broadcaster is told. False without one.
    staysWithoutLogin() {
        if (this.isOnAir) {
            this.#setLoggedOut(true);
        }
        return this.isOnAir;
    }

    async open() {
        this.#show();
        const { camera, microphone } = remembered();
        await this.#capture.open({ camera, microphone });
        this.#isOpening = false;
        await this.#listDevices();
        this.#show();
        // Not before: whoever may use the camera may be given more ways to the network.
        this.#reachability.check();
    }

    /// The page goes away.
    leave() {
        this.#broadcaster.leave();
        this.#capture.close();
    }

    #media() {
        const { video, audio, source, preset } = this.#capture;
        return { video, audio, source, preset };
    }

    #retry(kinds) {
        if (kinds[0] === 'udp') {
            this.#reachability.check();
        } else {
            this.#capture.retry(kinds);
        }
    }

    async #listDevices() {
        this.#choices.setDevices(await listDevices());
    }

    async #start() {
        const streamKey = this.#choices.checkedStreamKey();
        if (streamKey === null || this.#broadcaster.state !== 'idle') {
            return;
        }
        this.#failure = null;
        this.#isTCP = false;
        this.#isOutputLost = false;
        this.#isLoggedOut = false;
        remember({ stream: this.#choices.stream });
        try {
            await this.#broadcaster.start(streamKey);
        } catch (error) {
            this.#fail(error);
        }
    }

    async #end() {
        const { startedAt } = this.#broadcaster;
        const text = startedAt && `You were live for ${duration((Date.now() - startedAt) / 1000)}`;
        await this.#broadcaster.stop();
        if (!current()) {
            goToLogin('expired');
            return;
        }
        if (text) {
            notify(text);
        }
        this.#goLive.focus();
    }

    #fail(error) {
        this.#failure = broadcastProblem(error);
        this.#show();
    }

    #onMedia() {
        this.#broadcaster.update();
        this.#show();
    }

    #onState() {
        const { state } = this.#broadcaster;
        keepAwake(this.isOnAir || state === 'starting');
        if (this.isOnAir && !this.#watching) {
            this.#watch();
            this.#stop.focus();
        } else if (!this.isOnAir && this.#watching) {
            this.#watching.abort();
            this.#watching = null;
        }
        const hadFocus = document.activeElement === this.#stop;
        this.#show();
        if (hadFocus && this.#stop.hidden) {
            this.#goLive.focus();
        }
    }

    // The numbers of this second, while on air.
    #watch() {
        this.#watching = new AbortController();
        const { signal } = this.#watching;
        const statistics = new Statistics();
        const { stream } = this.#broadcaster;
        const look = async () => {
            const report = await this.#broadcaster.stats();
            if (!report || signal.aborted) {
                return;
            }
            const numbers = statistics.read(report, performance.now());
            this.#numbers.show(numbers, this.#broadcaster.startedAt);
            if (numbers.isTCP === false) {
                this.#reachability.confirm();
            }
            if (numbers.isTCP !== undefined && numbers.isTCP !== this.#isTCP) {
                this.#isTCP = numbers.isTCP;
                this.#show();
            }
            // A shared window may have another size by now.
            this.#broadcaster.update();
        };
        this.#numbers.begin();
        look();
        const timer = setInterval(look, 1000);
        signal.addEventListener('abort', () => clearInterval(timer));
        poll({
            seconds: statusSeconds, signal, load: (ending) => api.streamStatus(stream, ending),
            show: (status) => this.#showStatus(status), fail: () => this.#numbers.setViewers(undefined),
        });
        this.#link.replaceChildren(watchLink(stream));
    }

    #setLoggedOut(isLoggedOut) {
        if (isLoggedOut !== this.#isLoggedOut) {
            this.#isLoggedOut = isLoggedOut;
            this.#show();
        }
    }

    #showStatus({ viewers, output_lost: isOutputLost }) {
        this.#numbers.setViewers(viewers);
        this.#setLoggedOut(false);
        if (isOutputLost !== this.#isOutputLost) {
            this.#isOutputLost = isOutputLost;
            this.#show();
        }
    }

    #show() {
        const { state } = this.#broadcaster;
        const capture = this.#capture;
        const isIdle = state === 'idle';
        const hasMedia = Boolean(capture.video || capture.audio);
        const { blockedPort } = this.#reachability;
        this.#stage.show({ capture, state, isOpening: this.#isOpening });
        this.#choices.show({ isLocked: !isIdle });
        this.#numbers.element.hidden = !this.isOnAir;
        this.#link.hidden = !this.isOnAir;
        this.#goLive.hidden = !isIdle;
        this.#goLive.disabled = !hasMedia;
        this.#stop.hidden = isIdle;
        this.#stop.disabled = state === 'stopping';
        setText(this.#stop.lastChild, state === 'starting' ? 'Cancel' : 'Stop Broadcast');
        document.title = this.isOnAir ? `● ${this.#broadcaster.stream} is live · PutLive` : 'Go live · PutLive';
        this.#notes.show([
            this.#failure, ...new Set(capture.problems.values()), this.isOnAir && this.#isLoggedOut && loggedOut,
            this.isOnAir && this.#isOutputLost && outputLost, this.isOnAir && this.#isTCP && overTCP,
            // A broadcast that has failed knows better.
            isIdle && !this.#failure && blockedPort !== null && udpBlocked(blockedPort),
            ...(isIdle ? this.#limitations : []),
        ].filter(Boolean));
    }
}
