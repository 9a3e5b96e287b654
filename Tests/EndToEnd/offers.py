"""Offers of SDP (RFC 8829) as browsers make them, for tests of the answers alone: no peer stands behind them."""

import itertools
import secrets

FINGERPRINT = ":".join(["AB"] * 32)
H264 = {
    102: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
    108: "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f",
}
TRANSPORT_FEEDBACK = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


def h264_lines():
    for number, parameters in H264.items():
        yield f"a=rtpmap:{number} H264/90000"
        yield from (f"a=rtcp-fb:{number} {kind}" for kind in ("goog-remb", "transport-cc", "nack", "nack pli"))
        yield f"a=fmtp:{number} {parameters}"
        yield f"a=rtpmap:{number + 1} rtx/90000"
        yield f"a=fmtp:{number + 1} apt={number}"


def other_lines(number, codec):
    """VP8 and its like."""
    yield f"a=rtpmap:{number} {codec}/90000"
    yield from (f"a=rtcp-fb:{number} {kind}" for kind in ("nack", "nack pli"))


VIDEO = {
    "h264": ([102, 103, 108, 109], list(h264_lines())),
    "vp8": ([96], list(other_lines(96, "VP8"))),
    "av1": ([45], list(other_lines(45, "AV1"))),
}
AUDIO = {
    "opus": ([111], ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"]),
    "g711": ([0], ["a=rtpmap:0 PCMU/8000"]),
}


def section(kind, mid, codecs, credentials, extra=(), direction="sendonly"):
    known = VIDEO if kind == "video" else AUDIO
    numbers = list(itertools.chain.from_iterable(known[codec][0] for codec in codecs))
    lines = list(itertools.chain.from_iterable(known[codec][1] for codec in codecs))
    return [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, numbers))}", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
        *credentials, "a=ice-options:trickle", f"a=fingerprint:sha-256 {FINGERPRINT}", "a=setup:actpass",
        f"a=mid:{mid}", "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", f"a=extmap:3 {TRANSPORT_FEEDBACK}",
        f"a={direction}", "a=rtcp-mux", "a=rtcp-rsize", *lines, f"a=ssrc:{1000 + mid} cname:peer", *extra,
    ]  # fmt: skip


def offer(video=("h264", "vp8"), audio=("opus",), extra=(), direction="sendonly"):
    """An offer of these codecs; `extra` lines end the section of the video."""
    credentials = [f"a=ice-ufrag:{secrets.token_hex(4)}", f"a=ice-pwd:{secrets.token_hex(16)}"]
    sections = []
    if audio:
        sections.append(section("audio", 0, audio, credentials, direction=direction))
    if video:
        sections.append(section("video", 1, video, credentials, extra, direction))
    mids = " ".join(line.partition(":")[2] for part in sections for line in part if line.startswith("a=mid:"))
    head = ["v=0", f"o=- {secrets.randbits(60)} 2 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    return "".join(line + "\r\n" for line in itertools.chain(head, *sections))


def attributes(text, name):
    """The values of all attributes of a name, in SDP or a part of it."""
    return [line.partition(":")[2] for line in text.splitlines() if line.partition(":")[0] == f"a={name}"]
