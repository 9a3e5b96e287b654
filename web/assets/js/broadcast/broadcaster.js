// A broadcast from Go Live to Stop: begins it, keeps it going when the network changes, ends it.

import { Connection, ConnectionError } from './connection.js';

const requestSeconds = 10;
// Less than the server waits for a connection that never comes, so that it still knows which one is given up.
const connectSeconds = 12;
const restartSeconds = 6;
const stopSeconds = 3;
/// A connection often comes back by itself within this.
const patience = 1000;
/// Milliseconds before each further attempt; the last one is repeated.
const waits = [0, 500, 1000, 2000, 4000, 8000];

// What the server says no to stays so; a server or a network that is away may come back. A restart that is refused is
// followed by a new connection, unless the stream is somebody else's now.
const isFinal = ({ code, status }, isRestart) => code === 'taken-over' || (isRestart
    ? status === 403 || status === 409 : status >= 400 && status < 500 && status !== 408 && status !== 429);

/// States: idle, starting, live, reconnecting, stopping. Events: "state", and "ended" with the error as `detail` when
/// the server or another window ended the broadcast.
export class Broadcaster extends EventTarget {
    state = 'idle';
    /// When it went live, in milliseconds; null before and after.
    startedAt = null;
    #server;
    #iceServers;
    #media;
    #connect;
    #connection = null;
    /// Since when the stream is ours at the latest: the server gives it to whoever offers, or in another's place connects.
    #acceptedAt = 0;
    #id = null;
    #streamKey = null;
    #work = new AbortController();
    #isRecovering = false;
    #wake = () => {};

    /// `server` has webrtcOffer, webrtcStop and streamStatus as api.js; `media` returns what Connection.send takes.
    constructor({ server, iceServers, media, connect = (servers) => new Connection(servers) }) {
        super();
        this.#server = server;
        this.#iceServers = iceServers;
        this.#media = media;
        this.#connect = connect;
        // The way to the server is another one now, whatever the old one still promises.
        window.addEventListener('online', () => {
            this.#wake();
            this.#recover();
        });
    }

    get isOnAir() {
        return this.state === 'live' || this.state === 'reconnecting';
    }

    /// The stream's name, without a key.
    get stream() {
        return this.#streamKey?.split('?', 1)[0] ?? null;
    }

    /// Goes live; throws what is in the way. `streamKey` is a name, or a name with its key.
    async start(streamKey) {
        this.#streamKey = streamKey;
        this.#work = new AbortController();
        const { signal } = this.#work;
        this.#setState('starting');
        try {
            await this.#open(signal);
            this.startedAt = Date.now();
            this.#setState('live');
            // What was lost between the two.
            this.#watch();
        } catch (error) {
            if (!signal.aborted) {
                this.#reset();
                throw error;
            }
        }
    }

    async stop() {
        if (this.state === 'idle' || this.state === 'stopping') {
            return;
        }
        this.#work.abort();
        this.#setState('stopping');
        // Before the connection is closed: of that the server hears as well, and then knows of no broadcast to stop.
        await this.#tellEnd();
        this.#reset();
    }

    /// As stop, for a page that goes away.
    leave() {
        if (this.state !== 'idle') {
            this.#work.abort();
            this.#tellEnd();
        }
    }

    /// Sends what there is now.
    async update() {
        await this.#connection?.send(this.#media()).catch(() => {});
    }

    async stats() {
        return this.#connection?.stats();
    }

    #setState(state) {
        if (state !== this.state) {
            this.state = state;
            this.dispatchEvent(new Event('state'));
        }
    }

    #reset() {
        this.#connection?.close();
        this.#connection = null;
        this.#id = null;
        this.startedAt = null;
        this.#setState('idle');
    }

    #tellEnd(id = this.#id) {
        // If it doesn't arrive, the server notices that nothing comes any more.
        return id === null ? Promise.resolve() : this.#server.webrtcStop(id, this.#streamKey, stopSeconds).catch(() => {});
    }

    // A wholly new connection.
    async #open(signal) {
        const connection = this.#connect(this.#iceServers);
        let id = null;
        // From then on whoever stops the broadcast tells the server.
        let isAdopted = false;
        try {
            await connection.send(this.#media());
            const sdp = await connection.offer();
            const answer = await this.#server.webrtcOffer({ sdp, streamKey: this.#streamKey }, requestSeconds);
            id = answer.broadcaster_id ?? null;
            this.#acceptedAt = Date.now();
            signal.throwIfAborted();
            this.#connection?.close();
            this.#connection = connection;
            this.#id = id;
            isAdopted = true;
            connection.addEventListener('state', () => this.#connection === connection && this.#watch());
            await connection.accept(answer.sdp);
            await connection.connected(connectSeconds, signal);
            this.#acceptedAt = Date.now();
            // What has changed meanwhile.
            await connection.send(this.#media());
        } catch (error) {
            connection.close();
            if (id === null) {
                // The server may have taken the offer all the same, and its answer got lost.
                this.#acceptedAt = Date.now();
            }
            if (id !== null && !(isAdopted && signal.aborted)) {
                this.#tellEnd(id);
            }
            throw error;
        }
    }

    // The same connection by another way (ICE restart, RFC 8445 section 9).
    async #restart(signal) {
        const sdp = await this.#connection.offer({ isRestart: true });
        const answer = await this.#server.webrtcOffer(
            { sdp, streamKey: this.#streamKey, broadcasterID: this.#id }, requestSeconds);
        signal.throwIfAborted();
        await this.#connection.accept(answer.sdp);
        await this.#connection.connected(restartSeconds, signal);
    }

    #watch() {
        const connection = this.#connection;
        if (this.state !== 'live' || !connection || connection.isConnected) {
            return;
        }
        setTimeout(() => {
            if (this.#connection === connection && !connection.isConnected) {
                this.#recover();
            }
        }, connection.isOver ? 0 : patience);
    }

    async #recover() {
        if (this.state !== 'live' || this.#isRecovering) {
            return;
        }
        this.#isRecovering = true;
        const { signal } = this.#work;
        this.#setState('reconnecting');
        try {
            await this.#tryUntilLive(signal);
            this.#setState('live');
        } catch (error) {
            if (!signal.aborted) {
                this.#reset();
                this.dispatchEvent(new CustomEvent('ended', { detail: error }));
            }
        } finally {
            this.#isRecovering = false;
        }
        this.#watch();
    }

    async #tryUntilLive(signal) {
        let mayRestart = this.#connection.canRestart;
        for (let attempt = 0; ; attempt += 1) {
            await this.#wait(waits[Math.min(attempt, waits.length - 1)], signal);
            try {
                if (mayRestart) {
                    await this.#restart(signal);
                } else {
                    await this.#checkOwnership();
                    await this.#open(signal);
                }
                return;
            } catch (error) {
                signal.throwIfAborted();
                if (isFinal(error, mayRestart)) {
                    throw error;
                }
                // Where the server wasn't reached at all, the old connection may still be good.
                mayRestart &&= error.status === 0;
            }
        }
    }

    // Two windows of one login would take the stream from each other for ever: the newer one has it.
    async #checkOwnership() {
        const { active, uptime_seconds: uptime } = await this.#server.streamStatus(this.stream);
        const ours = (Date.now() - this.#acceptedAt) / 1000;
        if (active && uptime + 2 < ours) {
            throw new ConnectionError('taken-over', 'Another connection has the stream.');
        }
    }

    #wait(milliseconds, signal) {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(resolve, milliseconds * (0.75 + Math.random() / 2));
            this.#wake = resolve;
            signal.addEventListener('abort', () => {
                clearTimeout(timer);
                reject(signal.reason);
            }, { once: true });
        });
    }
}
