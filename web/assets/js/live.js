// Keeps a live HLS stream playing in a video element: waits for it, plays it by hls.js or natively, and comes back
// after faults. It has no looks of its own; it tells its state by events.

import { probe } from './probe.js';

// Seconds between looks: few at first, and never all viewers at once when a stream that many watch goes away.
const shortestWait = 3;
const longestWait = 15;
/// So long without a frame, and playing is given up and begun anew.
const stallSeconds = 10;
/// So long in play, and what failed before no longer counts.
const soundSeconds = 10;
// A master playlist is written while renditions are still starting; a viewer who knows just one looks for others.
const masterSeconds = 20;
/// Further behind the live edge than playing begins, in seconds, counts as behind.
const behindSeconds = 6;

const renditionKey = (uri) => /_([a-z0-9]+)\.m3u8$/.exec(new URL(uri, location.href).pathname)?.[1] ?? uri;

/// States: connecting, live, offline, reconnecting, unreachable, unsupported. Events: "state", "levels" and "blocked"
/// (the browser wants a click before it plays).
export class LivePlayback extends EventTarget {
    state = 'idle';
    #video;
    #address;
    #lowest;
    #random;
    #hls = null;
    #native = false;
    #failures = 0;
    #timer;
    #watch;
    #work = new AbortController();
    /// What the playlist ended with when it was given up; the same end again is still no live stream.
    #staleMark;
    #progress = { time: 0, at: 0, since: 0 };
    #lastMasterLook = 0;
    #masterUris = '';
    #wanted = null;
    #edgeDistance = null;
    /// Whether a viewer has paused it; after a fault, whether that was so when what played was given up.
    #isPaused = false;
    #isHeld = false;

    /// `lowest` plays the smallest rendition only: for previews.
    constructor(video, address, { lowest = false, random = Math.random } = {}) {
        super();
        this.#video = video;
        this.#address = address;
        this.#lowest = lowest;
        this.#random = random;
    }

    start() {
        const { signal } = this.#work;
        const hasHls = globalThis.Hls?.isSupported() === true;
        this.#native = !hasHls && this.#video.canPlayType('application/vnd.apple.mpegurl') !== '';
        if (!hasHls && !this.#native) {
            this.#setState('unsupported');
            return;
        }
        this.#video.addEventListener('playing', () => this.#setState('live'), { signal });
        this.#video.addEventListener('play', () => { this.#isPaused = false; }, { signal });
        this.#video.addEventListener('pause', () => this.#notePause(), { signal });
        this.#video.addEventListener('ended', () => this.#lose(true), { signal });
        this.#video.addEventListener('error', () => this.#native && this.#video.src && this.#lose(true), { signal });
        window.addEventListener('online', () => this.#isWaiting && this.#look(), { signal });
        this.#watch = setInterval(() => this.#checkProgress(), 1000);
        this.#setState('connecting');
        this.#look();
    }

    stop() {
        this.#work.abort();
        clearTimeout(this.#timer);
        clearInterval(this.#watch);
        this.#unload();
        this.#setState('idle');
    }

    /// Looks now instead of later.
    retry() {
        if (this.#isWaiting) {
            this.#look();
        }
    }

    /// The renditions to choose from, best first: {index, key, height, bitrate}. The key is the end of the playlist's
    /// name, such as 480p, or src for what the publisher sends. Empty with native playing, which chooses by itself.
    get levels() {
        return (this.#hls?.levels ?? []).map(({ uri, height, bitrate }, index) => ({
            index, key: renditionKey(uri), height, bitrate,
        })).sort((one, other) => other.bitrate - one.bitrate);
    }

    /// The chosen rendition, -1 for automatic, and the one that plays.
    get chosen() {
        return this.#hls?.autoLevelEnabled === false ? this.#hls.manualLevel : -1;
    }

    get playing() {
        return this.#hls?.currentLevel ?? -1;
    }

    choose(index) {
        if (this.#hls) {
            this.#hls.nextLevel = index;
            this.#wanted = index < 0 ? null : renditionKey(this.#hls.levels[index].uri);
            this.dispatchEvent(new Event('levels'));
        }
    }

    /// Whether what is shown lags behind what could be: after a pause, say.
    get isBehind() {
        const distance = this.#distance();
        return distance !== null && this.#edgeDistance !== null && distance > this.#edgeDistance + behindSeconds;
    }

    goLive() {
        const edge = this.#edge();
        if (edge !== null) {
            this.#video.currentTime = Math.max(0, edge - (this.#hls ? 0 : this.#edgeDistance ?? 0));
        }
        this.play();
    }

    async play() {
        try {
            await this.#video.play();
        } catch (error) {
            if (error.name === 'NotAllowedError') {
                this.dispatchEvent(new Event('blocked'));
            }
        }
    }

    get #isWaiting() {
        return !this.#hls && !this.#video.hasAttribute('src') && !this.#work.signal.aborted;
    }

    #setState(state) {
        if (state !== this.state) {
            this.state = state;
            this.dispatchEvent(new Event('state'));
        }
    }

    #later() {
        const ceiling = Math.min(longestWait, shortestWait * 1.5 ** (this.#failures + 1));
        this.#failures += 1;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#look(), (shortestWait + this.#random() * (ceiling - shortestWait)) * 1000);
    }

    async #look() {
        clearTimeout(this.#timer);
        const found = await probe(this.#address, this.#work.signal);
        if (!this.#isWaiting) {
            return;
        }
        const isStale = found.state === 'live' && this.#staleMark !== undefined && found.mark === this.#staleMark;
        if (found.state === 'live' && this.#staleMark === null) {
            // The first look after the pictures stopped: what it finds may be what was left behind.
            this.#staleMark = found.mark;
            this.#later();
        } else if (found.state === 'live' && !isStale) {
            this.#staleMark = undefined;
            this.#masterUris = found.uris;
            this.#load();
        } else {
            this.#setState(found.state === 'unreachable' ? 'unreachable' : 'offline');
            this.#later();
        }
    }

    #load() {
        this.#progress = { time: -1, at: Date.now(), since: Date.now() };
        this.#lastMasterLook = Date.now();
        this.#edgeDistance = null;
        if (this.state !== 'reconnecting') {
            this.#setState('connecting');
        }
        if (this.#native) {
            this.#video.src = this.#address;
            this.#begin();
            return;
        }
        const { Hls } = globalThis;
        const hls = new Hls({
            enableWorker: true, lowLatencyMode: false, liveSyncDurationCount: 3, maxBufferLength: 20,
            backBufferLength: 30, startLevel: this.#lowest ? 0 : -1, capLevelToPlayerSize: !this.#lowest,
        });
        this.#hls = hls;
        hls.on(Hls.Events.MANIFEST_PARSED, () => {
            if (this.#lowest) {
                hls.autoLevelCapping = 0;
            }
            const wanted = hls.levels.findIndex(({ uri }) => renditionKey(uri) === this.#wanted);
            if (wanted >= 0) {
                hls.nextLevel = wanted;
            }
            this.dispatchEvent(new Event('levels'));
            this.#begin();
        });
        for (const name of [Hls.Events.LEVEL_SWITCHED, Hls.Events.LEVELS_UPDATED]) {
            hls.on(name, () => this.dispatchEvent(new Event('levels')));
        }
        // What hls.js can't mend by itself, of the network or the media, is begun anew: its own recovery leaves the
        // video paused, which looks like a viewer's wish.
        hls.on(Hls.Events.ERROR, (_, { fatal }) => this.#hls === hls && fatal && this.#lose(false));
        hls.loadSource(this.#address);
        hls.attachMedia(this.#video);
    }

    // What a viewer has paused stays so after a fault.
    #begin() {
        if (this.#isHeld) {
            this.#setState('live');
        } else {
            this.play();
        }
    }

    #unload() {
        this.#hls?.destroy();
        this.#hls = null;
        if (this.#video.hasAttribute('src')) {
            this.#video.removeAttribute('src');
            this.#video.load();
        }
        this.dispatchEvent(new Event('levels'));
    }

    // A browser also pauses what has ended or failed, and may tell of the fault later: `paused` alone is no wish.
    #notePause() {
        this.#isPaused = !this.#isWaiting && !this.#video.ended && this.#video.error === null;
    }

    // Gives up what plays. `mayBeOver` asks for a playlist that has moved on before it is played again.
    #lose(mayBeOver) {
        if (this.#isWaiting || this.#work.signal.aborted) {
            return;
        }
        this.#isHeld = this.state === 'live' && this.#isPaused;
        this.#unload();
        this.#staleMark = mayBeOver ? null : undefined;
        this.#setState('reconnecting');
        if (this.#failures === 0) {
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => this.#look(), this.#random() * 1000);
            this.#failures = 1;
        } else {
            this.#later();
        }
    }

    #edge() {
        if (this.#hls) {
            return this.#hls.liveSyncPosition ?? null;
        }
        const { seekable } = this.#video;
        const end = seekable.length > 0 ? seekable.end(seekable.length - 1) : NaN;
        return Number.isFinite(end) ? end : null;
    }

    #distance() {
        const edge = this.#edge();
        return edge === null ? null : edge - this.#video.currentTime;
    }

    #checkProgress() {
        if (this.#isWaiting) {
            return;
        }
        const now = Date.now();
        const { currentTime, paused } = this.#video;
        if (paused) {
            this.#progress = { time: currentTime, at: now, since: now };
        } else if (currentTime !== this.#progress.time) {
            this.#progress.time = currentTime;
            this.#progress.at = now;
            this.#edgeDistance ??= this.#distance();
            if (now - this.#progress.since > soundSeconds * 1000) {
                this.#failures = 0;
            }
        } else if (now - this.#progress.at > stallSeconds * 1000) {
            this.#lose(true);
            return;
        }
        if (this.#hls?.levels?.length === 1 && now - this.#lastMasterLook > masterSeconds * 1000) {
            this.#lastMasterLook = now;
            this.#lookForRenditions();
        }
    }

    async #lookForRenditions() {
        const hls = this.#hls;
        const { state, uris } = await probe(this.#address, this.#work.signal);
        if (state === 'live' && uris !== this.#masterUris && hls === this.#hls && uris.includes('\n')) {
            this.#isHeld = this.#isPaused;
            this.#unload();
            this.#masterUris = uris;
            this.#load();
        }
    }
}
