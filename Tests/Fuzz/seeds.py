"""Writes what fuzzing begins with, a folder for each target: seeds.py FOLDER. The config loader's are elsewhere.

They are small and valid, or nearly: libFuzzer finds what is wrong with the rest.
"""

import binascii
import hashlib
import hmac
import struct
import sys
from pathlib import Path

MAGIC_COOKIE = 0x2112A442
SPS = bytes.fromhex("6742c01fda014016ec0440000003004000000f03c60c6580")
PPS = bytes.fromhex("68ce3c80")
# As the targets have them.
SENDER, RETRANSMITTER, RECEIVER = 1, 2, 2
MID, TRANSPORT_SEQUENCE = 1, 2


# SDP (RFC 8866) of an offer, and a fragment of one (RFC 8840).


def media(kind, types, lines, mid):
    """One section of an offer that sends."""
    common = [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF {types}", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0", "a=ice-ufrag:pUvX",
        "a=ice-pwd:Wkq2vT3lYpTMWzL0s1bHbYcD", "a=ice-options:trickle",
        "a=fingerprint:sha-256 " + ":".join(f"{number:02X}" for number in range(32)), "a=setup:actpass",
        f"a=mid:{mid}", "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", "a=sendonly",
        "a=msid:- track", "a=rtcp-mux", "a=rtcp-rsize",
    ]  # fmt: skip
    return common + lines


VIDEO = [
    "a=rtpmap:102 H264/90000", "a=rtcp-fb:102 goog-remb", "a=rtcp-fb:102 transport-cc", "a=rtcp-fb:102 nack",
    "a=rtcp-fb:102 nack pli", "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
    "a=rtpmap:103 rtx/90000", "a=fmtp:103 apt=102", "a=rtpmap:106 H264/90000",
    "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f;sprop-parameter-sets=Z0LgH4xo,aM48gA==",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:* nack", "a=ssrc-group:FID 287454020 1432778632", "a=ssrc:287454020 cname:peer",
    "a=ssrc:1432778632 cname:peer",
]  # fmt: skip
AUDIO = ["a=rtpmap:111 opus/48000/2", "a=rtcp-fb:111 transport-cc", "a=fmtp:111 minptime=10;useinbandfec=1;stereo=1"]
CANDIDATES = [
    "a=candidate:1 1 udp 2113937151 192.0.2.7 54321 typ host generation 0 network-cost 999",
    "a=candidate:2 1 tcp 1518214911 2001:db8::7 9 typ host tcptype active",
    "a=candidate:3 1 udp 1677729535 198.51.100.9 40000 typ srflx raddr 192.0.2.7 rport 54321",
    "a=end-of-candidates",
]


def sdp():
    head = ["v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    video, audio = media("video", "102 103 106 96", VIDEO, 1), media("audio", "111", AUDIO, 0)
    simulcast = [*video, "a=rid:h send", "a=rid:l send", "a=simulcast:send h;l"]
    channel = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:2", "a=sctp-port:5000"]
    offers = {
        "both": [*head, "a=group:BUNDLE 0 1", "a=msid-semantic: WMS", *audio, *CANDIDATES, *video],
        "audio": [*head, "a=group:BUNDLE 0", *audio],
        "simulcast": [*head, *simulcast],
        "channel": [*head, "a=group:BUNDLE 1 2", *video, *channel],
        "fragment": ["a=ice-ufrag:pUvY", "a=ice-pwd:Xkq2vT3lYpTMWzL0s1bHbYcD", *audio[:1], "a=mid:0", *CANDIDATES],
    }
    return {name: "".join(line + "\r\n" for line in lines).encode() for name, lines in offers.items()}


# STUN (RFC 8489) with what ICE adds (RFC 8445).


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def message(kind, attributes, password=b"", fingerprint=True):
    def head(length):
        return struct.pack("!HHI", kind, length, MAGIC_COOKIE) + bytes(range(12))

    if password:
        key = hmac.new(password, head(len(attributes) + 24) + attributes, hashlib.sha1).digest()
        attributes += attribute(0x0008, key)
    if fingerprint:
        check = binascii.crc32(head(len(attributes) + 8) + attributes) ^ 0x5354554E
        attributes += attribute(0x8028, struct.pack("!I", check))
    return head(len(attributes)) + attributes


def stun():
    user = attribute(0x0006, b"evtj:h6vY")
    password = b"VOkJxbRl1RmTxUk/WvJxBt"
    priority, controlling = attribute(0x0024, struct.pack("!I", 1853693695)), attribute(0x802A, bytes(8))
    address = attribute(0x0020, b"\0\1" + struct.pack("!HI", 54321 ^ 0x2112, 0x7F000001 ^ MAGIC_COOKIE))
    check = message(0x0001, user + priority + controlling, password)
    probe = b"probe0000001fabcdefgh"
    characters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    code = hmac.new(bytes([7]) * 32, probe, hashlib.sha256).digest()[:24]
    probes = attribute(0x0006, probe + b":h6vY") + priority + controlling
    return {
        "check": check,
        "probe": message(0x0001, probes, bytes(characters[byte & 63] for byte in code)),
        "nominates": message(0x0001, user + attribute(0x0025, b"") + priority + controlling, password),
        "controlled": message(0x0001, user + priority + attribute(0x8029, bytes(8)), password),
        "answer": message(0x0101, address, password),
        "indication": message(0x0011, b""),
        "refusal": message(0x0111, attribute(0x0009, b"\0\0\4\x57Role Conflict"), password),
        "plain": message(0x0001, b"", fingerprint=False),
        # In the frames of RFC 4571, as over TCP.
        "framed": b"".join(struct.pack("!H", len(one)) + one for one in (check, b"\x80\x66" + bytes(30))),
    }


# RTP (RFC 3550), its header extensions (RFC 8285), retransmissions (RFC 4588).


def packet(payload, kind=102, number=65534, time=90_000, ssrc=SENDER, marker=True, extension=b"", padding=0):
    first = 0x80 | (0x10 if extension else 0) | (0x20 if padding else 0)
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    return struct.pack("!BBHII", first, (marker << 7) | kind, number, time, ssrc) + extension + payload + tail


def one_byte(*elements):
    """Elements of an identifier and a value."""
    body = b"".join(bytes([(number << 4) | (len(value) - 1)]) + value for number, value in elements)
    body += bytes(-len(body) % 4)
    return struct.pack("!HH", 0xBEDE, len(body) // 4) + body


def two_byte(*elements):
    body = b"".join(bytes([number, len(value)]) + value for number, value in elements)
    body += bytes(-len(body) % 4)
    return struct.pack("!HH", 0x1000, len(body) // 4) + body


def script(*packets):
    """Packets as the target reads them: of each the time since the one before, its length, and itself."""
    return b"".join(bytes([pause, len(one)]) + one for pause, one in packets)


def rtp():
    idr = bytes.fromhex("6588840abcdef0")
    aggregate = b"\x78" + b"".join(struct.pack("!H", len(unit)) + unit for unit in (SPS, PPS, idr))
    delta = bytes.fromhex("419a0abcdef0")

    def picture(number, payload=delta, **more):
        ids = one_byte((MID, b"1"), (TRANSPORT_SEQUENCE, struct.pack("!H", number & 0xFFFF)))
        return packet(payload, number=number & 0xFFFF, time=number * 3000, extension=ids, **more)

    def repair(number):
        return packet(struct.pack("!H", number) + delta, kind=103, ssrc=RETRANSMITTER, number=1, time=number * 3000)

    def sound(number):
        opus = bytes.fromhex("fcfffe")
        return packet(opus, kind=111, ssrc=7, number=number, time=number * 960, extension=one_byte((MID, b"0")))

    key = bytes.fromhex("90808004b00800009d012a80026801")
    report = control(0, 200, struct.pack("!IQIII", SENDER, 0xE9A1B2C3D4E5F607, 90_000, 3, 3_000))
    single = packet(idr, extension=one_byte((MID, b"1"), (TRANSPORT_SEQUENCE, b"\0\7")))
    return {
        "single": single,
        "two-byte": packet(idr, extension=two_byte((MID, b"1"), (TRANSPORT_SEQUENCE, b"\0\7"))),
        "padded": packet(idr, padding=8),
        "sources": bytes([0x82]) + packet(b"")[1:] + bytes(8) + idr,
        "nothing": packet(b"", padding=255),
        "in-order": script((0, picture(10, aggregate)), (6, picture(11)), (18, picture(12)), (3, sound(0))),
        "reordered": script((0, picture(10, aggregate)), (18, picture(12)), (3, picture(11)), (3, picture(11))),
        "repaired": script((0, picture(10, aggregate)), (18, picture(12)), (40, repair(11)), (18, picture(13))),
        "lost": script((0, picture(10, aggregate)), (18, picture(12)), (90, picture(13)), (90, picture(14, aggregate))),
        "wrapping": script(*((18, picture(number, aggregate)) for number in (65534, 65535, 65536, 65537))),
        "vp8": script((0, picture(1, key, kind=96)), (18, picture(2, bytes.fromhex("8080800531"), kind=96))),
        "reported": script((0, picture(10, aggregate)), (9, report), (9, sound(0)), (18, sound(60_000))),
    }


# RTCP (RFC 3550, 4585) in compounds.


def control(count, kind, body):
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def rtcp():
    name = control(1, 202, struct.pack("!I", SENDER) + b"\1\4peer\0\0")
    block = struct.pack("!IIIIII", SENDER, 0x05000010, 65540, 90, 0x12345678, 65536)
    report = control(1, 200, struct.pack("!IQIII", SENDER, 0xE9A1B2C3D4E5F607, 90_000, 100, 100_000) + block)
    feedback = struct.pack("!II", RECEIVER, SENDER)
    congestion = struct.pack("!HHI", 7, 3, 0x00001205) + bytes.fromhex("2003") + bytes([4, 8, 12]) + bytes(3)
    return {
        "sender": report + name,
        "receiver": control(1, 201, struct.pack("!I", RECEIVER) + block) + name,
        "bye": report + control(1, 203, struct.pack("!I", SENDER) + b"\4gone\0\0\0"),
        "nack": report + control(1, 205, feedback + struct.pack("!HH", 7, 0x8001)),
        "picture-loss": control(1, 206, feedback),
        "bit-rate": control(15, 206, struct.pack("!II", RECEIVER, 0) + b"REMB" + struct.pack("!II", 0x0109C400, 7)),
        "congestion": control(15, 205, feedback + congestion),
        "extended": control(0, 207, struct.pack("!I", SENDER) + bytes.fromhex("0400000200000001") + bytes(4)),
        "unknown": control(0, 209, bytes(12)),
    }


# The payloads of H.264 (RFC 6184), VP8 (RFC 7741) and Opus (RFC 7587).


# What the flags of a packet ask for.
MARKER, GAP, NEXT = 1, 2, 4


def depacketizers():
    """The kind of codec, then packets: flags, length, payload."""
    idr, delta = bytes.fromhex("6588840abcdef0"), bytes.fromhex("419a0abcdef0")
    aggregate = b"\x78" + b"".join(struct.pack("!H", len(unit)) + unit for unit in (SPS, PPS, idr))
    fragments = [(0, b"\x7c\x85" + idr[1:4]), (0, b"\x7c\x05" + idr[4:6]), (MARKER, b"\x7c\x45" + idr[6:])]
    key = bytes.fromhex("90808004b00800009d012a80026801")
    streams = {
        "h264": [(0, SPS), (0, PPS), (MARKER, idr), (NEXT | MARKER, delta)],
        "h264-aggregate": [(MARKER, aggregate), (NEXT | GAP | MARKER, delta), (NEXT | MARKER, aggregate)],
        "h264-fragments": [(0, SPS), (0, PPS), *fragments, (NEXT | MARKER, delta)],
        "vp8": [(MARKER, key), (NEXT | MARKER, bytes.fromhex("8080800531"))],
        "opus": [(MARKER, bytes.fromhex("fcfffe")), (NEXT | MARKER, bytes.fromhex("7b0301020304"))],
    }
    kinds = {"h264": 0, "vp8": 1, "opus": 2}
    return {
        name: bytes([kinds[name.partition("-")[0]]])
        + b"".join(bytes([flags, len(payload)]) + payload for flags, payload in packets)
        for name, packets in streams.items()
    }


def sps():
    return {
        "baseline": SPS,
        "high": bytes.fromhex("67640028acd940780227e5c05a808080a0000003002000000781e30632c0"),
        "cropped": bytes.fromhex("6764001facd9405005bb011000000300100000030320f1831960"),
    }


def main(folder):
    for make in (sdp, stun, rtp, rtcp, depacketizers, sps):
        target = Path(folder) / make.__name__
        target.mkdir(parents=True, exist_ok=True)
        for name, content in make().items():
            (target / name).write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1])
