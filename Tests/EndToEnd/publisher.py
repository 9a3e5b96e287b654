"""A broadcaster that is no browser: aiortc publishes flashes and beeps over WHIP, in a process of its own.

publisher.py --url URL [--token TOKEN] [--video h264|vp8|none] [--audio opus|none] [--port PORT] …

It prints what happens as lines of JSON, and ends (with the DELETE of RFC 9725) when its standard input does. `--port`
replaces the port of the answer's candidates, so that a relay can stand in the way.
"""

import argparse
import array
import asyncio
import base64
import contextlib
import fractions
import json
import random
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import aioice.ice
import aiortc.clock
import av
from aiortc import AudioStreamTrack, RTCPeerConnection, RTCRtpSender, RTCSessionDescription, VideoStreamTrack
from aiortc.rtp import RtcpSrPacket
from av.video.frame import PictureType
from flashes import FRAME_RATE, SAMPLE_RATE, beep, hum, is_flash

AUDIO_FRAME = SAMPLE_RATE // 50
# What encodes, and how: at once, and whatever the picture.
ENCODERS = {
    "h264": ("libx264", {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": "900"}),
    "vp8": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": "900"}),
}
# AV_CODEC_FLAG_GLOBAL_HEADER: SPS and PPS beside the stream, and not in it.
GLOBAL_HEADER = 1 << 22
# aiortc leaves loopback out, and everything here is there.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"] if use_ipv4 else []


def say(event, **more):
    print(json.dumps({"event": event, "time": time.time(), **more}), flush=True)


class Clock:
    """When the broadcast began: one for both tracks, set by the first of them that is asked for something."""

    def __init__(self):
        self.began = self.began_at = None

    async def wait_until(self, seconds):
        if self.began is None:
            self.began, self.began_at = time.monotonic(), aiortc.clock.current_ntp_time()
        await asyncio.sleep(max(0.0, self.began + seconds - time.monotonic()))

    def ntp(self, seconds):
        """The time of the wall (RFC 3550, section 4) at that much media."""
        return self.began_at + int(seconds * (1 << 32))


def report_honestly(sender, track, clock):
    """Has sender reports tell when frames were made. aiortc has them tell when it sent one, which on a busy machine is
    late, and not equally late for sound and picture."""
    send = sender._send_rtcp

    def rewritten(packet):
        if isinstance(packet, RtcpSrPacket) and track.origin is not None:
            info = packet.sender_info
            info.ntp_timestamp = clock.ntp(((info.rtp_timestamp - track.origin) & 0xFFFFFFFF) / track.clock_rate)
        return packet

    # A report from before the first frame would say nothing.
    async def send_honestly(packets):
        if track.origin is not None:
            await send([rewritten(packet) for packet in packets])

    sender._send_rtcp = send_honestly


class Timed:
    """A track that knows the time stamp of its first packet, which aiortc makes up."""

    origin = sender = None

    def look(self):
        """Called for each frame but the first: the one before has been sent."""
        if self.origin is None:
            self.origin = self.sender._RTCRtpSender__rtp_timestamp


class Flashes(Timed, VideoStreamTrack):
    """Noise that moves, and white while there is a flash. It is encoded here, with the least effort."""

    clock_rate = 90_000

    def __init__(self, clock, codec, sizes, has_headers, late=0.0):
        super().__init__()
        self.clock, self.codec, self.sizes, self.number = clock, codec, sizes, 0
        self.has_headers = has_headers
        # A keyframe comes so many frames after it was asked for; the next one at this frame.
        self.encoder, self.late, self.keyframe = None, int(late * FRAME_RATE), None
        self.noise = random.Random(1).randbytes(1 << 20).translate(bytes(16 + byte // 3 for byte in range(256)))

    def picture(self, seconds):
        """In the first size, or the one that begins last by now."""
        width, height = [size for begin, size in self.sizes if begin <= seconds][-1]
        frame = av.VideoFrame(width, height, "yuv420p")
        luma, *chroma = frame.planes
        begin = self.number % 100 * 2
        grey = self.noise[begin : begin + luma.buffer_size]
        luma.update(bytes([235]) * luma.buffer_size if is_flash(seconds) else grey)
        for plane in chroma:
            plane.update(bytes([128]) * plane.buffer_size)
        return frame

    def make_encoder(self, width, height):
        name, options = ENCODERS[self.codec]
        self.encoder = av.CodecContext.create(name, "w")
        self.encoder.width, self.encoder.height, self.encoder.pix_fmt = width, height, "yuv420p"
        self.encoder.time_base = fractions.Fraction(1, FRAME_RATE)
        self.encoder.framerate = fractions.Fraction(FRAME_RATE, 1)
        self.encoder.bit_rate, self.encoder.thread_count = 600_000, 1
        self.encoder.options = options
        if not self.has_headers:
            self.encoder.flags |= GLOBAL_HEADER

    def headers(self):
        """SPS and PPS of the first size, as SDP has them (RFC 6184, section 8.1)."""
        self.make_encoder(*self.sizes[0][1])
        self.encoder.open()
        units = re.split(rb"\x00*\x00\x00\x01", self.encoder.extradata)
        return ",".join(base64.b64encode(unit).decode() for unit in units if unit and unit[0] & 31 in (7, 8))

    def encode(self, frame):
        if self.encoder is None or (self.encoder.width, self.encoder.height) != (frame.width, frame.height):
            self.make_encoder(frame.width, frame.height)
        # Like a browser: a keyframe is what somebody asks for.
        is_due = self.keyframe is not None and self.number >= self.keyframe
        frame.pict_type = PictureType.I if is_due else PictureType.NONE
        self.keyframe = None if is_due else self.keyframe
        (packet,) = self.encoder.encode(frame)
        return packet

    def ask_for_keyframe(self):
        if self.keyframe is None:
            self.keyframe = self.number + self.late

    async def recv(self):
        seconds = self.number / FRAME_RATE
        if self.number:
            self.look()
        await self.clock.wait_until(seconds)
        frame = self.picture(seconds)
        frame.pts, frame.time_base = self.number, fractions.Fraction(1, FRAME_RATE)
        packet = self.encode(frame)
        packet.pts, packet.time_base = self.number, fractions.Fraction(1, FRAME_RATE)
        self.number += 1
        return packet


class Beeps(Timed, AudioStreamTrack):
    """Silence, and a tone while there is a flash."""

    clock_rate = SAMPLE_RATE
    samples, bit_rate, coding = staticmethod(beep), 64_000, {"application": "lowdelay"}

    def __init__(self, clock):
        super().__init__()
        self.clock, self.number = clock, 0
        self.encoder = av.CodecContext.create("libopus", "w")
        self.encoder.sample_rate, self.encoder.layout, self.encoder.format = SAMPLE_RATE, "stereo", "s16"
        self.encoder.bit_rate, self.encoder.options = self.bit_rate, {"frame_duration": "20", **self.coding}

    async def recv(self):
        if self.number:
            self.look()
        await self.clock.wait_until(self.number / SAMPLE_RATE)
        frame = av.AudioFrame("s16", "stereo", AUDIO_FRAME)
        both = array.array("h", (sample for sample in self.samples(self.number, AUDIO_FRAME) for _ in range(2)))
        frame.planes[0].update(both.tobytes())
        frame.sample_rate, frame.pts = SAMPLE_RATE, self.number
        frame.time_base = fractions.Fraction(1, SAMPLE_RATE)
        (packet,) = self.encoder.encode(frame)
        packet.pts, packet.time_base = self.number, fractions.Fraction(1, SAMPLE_RATE)
        self.number += AUDIO_FRAME
        return packet


class Hum(Beeps):
    """A hum, as a browser sends a voice that knows of losses: each packet with a copy of the one before."""

    samples, bit_rate = staticmethod(hum), 32_000
    coding = {"application": "voip", "fec": "1", "packet_loss": "20"}


def request(method, url, token, body=None, kind="application/sdp"):
    """Status, headers and text of an answer."""
    headers = {"Content-Type": kind} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    made = urllib.request.Request(url, body and body.encode(), headers, method=method)
    try:
        with urllib.request.urlopen(made, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read().decode()


def add_track(connection, track, clock):
    transceiver = connection.addTransceiver(track, direction="sendonly")
    track.sender = transceiver.sender
    report_honestly(transceiver.sender, track, clock)
    return transceiver


def add_tracks(connection, options):
    clock = Clock()
    if options.audio != "none":
        add_track(connection, Hum(clock) if options.hum else Beeps(clock), clock)
    if options.video != "none":
        sizes = [(float(begin), (int(width), int(height))) for begin, width, height in options.size]
        has_headers = options.headers == "stream"
        track = Flashes(clock, options.video, sizes, has_headers, options.late)
        transceiver = add_track(connection, track, clock)
        # PLI (RFC 4585, section 6.3.1) and its like.
        transceiver.sender._send_keyframe = track.ask_for_keyframe
        known = RTCRtpSender.getCapabilities("video").codecs
        wanted = {f"video/{options.video}", "video/rtx"}
        transceiver.setCodecPreferences([codec for codec in known if codec.mimeType.lower() in wanted])
        return track
    return None


def redirected(answer, port):
    """The answer with other ports in its candidates of UDP."""
    return re.sub(r"(?m)^(a=candidate:\S+ \d+ udp \d+ \S+) \d+ ", rf"\g<1> {port} ", answer, flags=re.I)


async def publish(options, ended):
    connection = RTCPeerConnection()
    video = add_tracks(connection, options)
    states = asyncio.Queue()
    connection.on("connectionstatechange", lambda: states.put_nowait(connection.connectionState))
    await connection.setLocalDescription(await connection.createOffer())
    offer = connection.localDescription.sdp
    if options.headers == "offer":
        offer = re.sub(r"(?m)^(a=fmtp:.*profile-level-id=\w+)", rf"\1;sprop-parameter-sets={video.headers()}", offer)
    began = time.monotonic()
    status, headers, text = await asyncio.to_thread(request, "POST", options.url, options.token, offer)
    location = headers.get("Location")
    say("answer", status=status, location=location, etag=headers.get("ETag"), body=text)
    if status != 201:
        return 1
    answer = redirected(text, options.port) if options.port else text
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    while not ended.is_set():
        waits = [asyncio.ensure_future(ended.wait()), asyncio.ensure_future(states.get())]
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in pending:
            one.cancel()
        if waits[1] in done:
            state = waits[1].result()
            say(state, seconds=time.monotonic() - began)
            if state in ("failed", "closed"):
                break
    if location and not options.leave:
        url = urllib.parse.urljoin(options.url, location)
        status, _, _ = await asyncio.to_thread(request, "DELETE", url, options.token)
        say("deleted", status=status)
    await connection.close()
    return 0


async def main(options):
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), lambda: sys.stdin.buffer.read(1) or ended.set())
    with contextlib.suppress(asyncio.CancelledError):
        return await publish(options, ended)


def parse(words=None):
    """The options as a command line has them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", default="")
    parser.add_argument("--video", default="h264", choices=["h264", "vp8", "none"])
    parser.add_argument("--audio", default="opus", choices=["opus", "none"])
    parser.add_argument(
        "--headers", default="stream", choices=["stream", "offer", "none"], help="where SPS and PPS of H.264 are"
    )
    parser.add_argument("--hum", action="store_true", help="a steady sound in place of beeps")
    parser.add_argument("--size", nargs=3, action="append", metavar=("FROM", "WIDTH", "HEIGHT"))
    parser.add_argument("--late", type=float, default=0, help="seconds between asking for a keyframe and having it")
    parser.add_argument("--port", type=int)
    parser.add_argument("--leave", action="store_true", help="end without a DELETE")
    arguments = parser.parse_args(words)
    arguments.size = arguments.size or [(0, 320, 240)]
    return arguments


if __name__ == "__main__":
    sys.exit(asyncio.run(main(parse())))
