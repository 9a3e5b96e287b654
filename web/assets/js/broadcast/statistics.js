// Makes the numbers that people look at of what WebRTC counts (W3C webrtc-stats).

// Loss is told by reports that come now and then, so it is taken over some seconds.
const lossSeconds = 5;

const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0);

function selectedPair(stats) {
    const transport = stats.find(({ type }) => type === 'transport');
    return stats.find(({ type, id }) => type === 'candidate-pair' && id === transport?.selectedCandidatePairId)
        // Firefox has no transport, but says it of the pair.
        ?? stats.find(({ type, selected, nominated, state }) => type === 'candidate-pair'
            && (selected || (nominated && state === 'succeeded')));
}

/// Reads reports of one connection after another.
export class Statistics {
    #history = [];

    /// {width, height, fps, bitsPerSecond, loss (0 to 1), roundTripSeconds, isTCP, limitation}; undefined where
    /// unknown. `time` is in milliseconds.
    read(report, time) {
        const stats = [...report.values()];
        const outbound = stats.filter(({ type }) => type === 'outbound-rtp');
        const remote = stats.filter(({ type }) => type === 'remote-inbound-rtp');
        const video = outbound.find(({ kind }) => kind === 'video');
        const pair = selectedPair(stats);
        const now = {
            time, bytes: sum(outbound, 'bytesSent') + sum(outbound, 'headerBytesSent'),
            packets: sum(outbound, 'packetsSent'), lost: sum(remote, 'packetsLost'), frames: video?.framesEncoded ?? 0,
        };
        const last = this.#history.at(-1);
        // Counters begin anew with a new connection.
        const previous = last && now.packets < last.packets ? undefined : last;
        if (!previous) {
            this.#history = [];
        }
        const seconds = previous ? (time - previous.time) / 1000 : 0;
        const rate = (name) => (seconds > 0 ? Math.max(0, now[name] - previous[name]) / seconds : undefined);
        this.#history = [...this.#history.filter((one) => time - one.time < lossSeconds * 1000), now];
        const first = this.#history[0];
        const sent = now.packets - first.packets;
        const local = stats.find(({ id }) => pair && id === pair.localCandidateId);
        const roundTrips = remote.map(({ roundTripTime }) => roundTripTime).filter(Number.isFinite);
        return {
            width: video?.frameWidth, height: video?.frameHeight,
            fps: video?.framesPerSecond ?? (video && rate('frames')),
            bitsPerSecond: seconds > 0 ? rate('bytes') * 8 : undefined,
            loss: sent > 0 ? Math.min(1, Math.max(0, now.lost - first.lost) / sent) : undefined,
            roundTripSeconds: roundTrips.length > 0 ? Math.max(...roundTrips) : pair?.currentRoundTripTime,
            isTCP: local && (local.relayProtocol ?? local.protocol) === 'tcp',
            limitation: video?.qualityLimitationReason,
        };
    }
}
