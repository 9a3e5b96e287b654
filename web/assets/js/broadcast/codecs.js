// Which video codecs are offered, and in which order.

const kind = (codec) => codec.mimeType.toLowerCase().replace('video/', '');
const profile = (codec) => /profile-level-id=([0-9a-f]{4})/i.exec(codec.sdpFmtpLine ?? '')?.[1].toLowerCase() ?? '';
const isFragmented = (codec) => /packetization-mode=1/.test(codec.sdpFmtpLine ?? '');

// H.264 is passed through to viewers as it is; VP8 costs the server an encoder. What else there is it can't take, but
// for rtx, which repeats lost packets (RFC 4588).
function rank(codec) {
    if (kind(codec) === 'h264') {
        // Packetization mode 1 cuts a frame into packets that fit (RFC 6184); constrained baseline plays everywhere.
        return (isFragmented(codec) ? 0 : 2) + (profile(codec) === '42e0' ? 0 : 1);
    }
    return { vp8: 4, rtx: 5 }[kind(codec)];
}

function capabilities() {
    return [globalThis.RTCRtpSender, globalThis.RTCRtpReceiver]
        .map((one) => one?.getCapabilities?.('video')?.codecs ?? []).filter((codecs) => codecs.length > 0);
}

/// Whether this browser can send H.264; true where it doesn't tell.
export function canSendH264() {
    const [codecs] = capabilities();
    return codecs === undefined || codecs.some((codec) => kind(codec) === 'h264');
}

/// Has a transceiver offer H.264 first and VP8 for the case that it can't.
export function preferH264(transceiver) {
    // Some browsers take what they can send, others only what they can also receive.
    for (const codecs of capabilities()) {
        const wanted = codecs.filter((codec) => rank(codec) !== undefined)
            .sort((one, other) => rank(one) - rank(other));
        try {
            transceiver.setCodecPreferences(wanted);
            return;
        } catch {
            // Then with the next list, else as the browser likes it: the server chooses from what is offered.
        }
    }
}
