// Finds out whether UDP leads to the server, before one goes live: by a connection that is thrown away.

const requestSeconds = 10;
/// Milliseconds until a way that nothing came by counts as blocked. On a good network it takes some hundred.
const patience = 5000;
// The server answers checks and nothing more: no certificate is ever looked at.
const fingerprint = Array(32).fill('00').join(':');

// The answer to an offer of a data channel (RFC 8841), of a server that is ICE-lite (RFC 8839).
function answer(offer, { ice_ufrag: ufrag, ice_pwd: password, candidates }) {
    const mid = /^a=mid:(\S+)/m.exec(offer)[1];
    return [
        'v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=ice-lite', `a=group:BUNDLE ${mid}`,
        'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', `a=mid:${mid}`, `a=ice-ufrag:${ufrag}`,
        `a=ice-pwd:${password}`, `a=fingerprint:sha-256 ${fingerprint}`, 'a=setup:passive', 'a=sctp-port:5000',
        ...candidates.map((one) => `a=candidate:${one}`), 'a=end-of-candidates', '',
    ].join('\r\n');
}

// Whether there is a way; false after a while in which none was found.
function connected(peer) {
    return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), patience);
        const look = () => {
            const { iceConnectionState: state } = peer;
            if (['connected', 'completed', 'failed'].includes(state)) {
                clearTimeout(timer);
                resolve(state !== 'failed');
            }
        };
        peer.addEventListener('iceconnectionstatechange', look);
        look();
    });
}

async function isReached(probe, iceServers) {
    const peer = new RTCPeerConnection({ iceServers });
    try {
        peer.createDataChannel('');
        await peer.setLocalDescription(await peer.createOffer());
        await peer.setRemoteDescription({ type: 'answer', sdp: answer(peer.localDescription.sdp, probe) });
        return await connected(peer);
    } finally {
        peer.close();
    }
}

/// Event: "change", of `blockedPort`.
export class Reachability extends EventTarget {
    /// The server's UDP port if it seems out of reach; null if it isn't, or if nobody knows.
    blockedPort = null;
    #server;
    #iceServers;
    #newest = 0;

    /// `server` has webrtcProbe as api.js; `iceServers` are the broadcast's own: a way by them is one for it, too.
    constructor({ server, iceServers }) {
        super();
        this.#server = server;
        this.#iceServers = iceServers;
        // Perhaps another network.
        window.addEventListener('online', () => this.check());
    }

    async check() {
        this.#newest += 1;
        const number = this.#newest;
        this.#set(null);
        try {
            const probe = await this.#server.webrtcProbe(requestSeconds);
            const isFree = await isReached(probe, this.#iceServers);
            if (number === this.#newest && !isFree) {
                this.#set(probe.udp_port);
            }
        } catch {
            // Then nobody knows, and Go Live finds out.
        }
    }

    /// UDP gets through: a broadcast goes by it.
    confirm() {
        this.#newest += 1;
        this.#set(null);
    }

    #set(port) {
        if (port !== this.blockedPort) {
            this.blockedPort = port;
            this.dispatchEvent(new Event('change'));
        }
    }
}
