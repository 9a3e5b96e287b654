"""What networks do to a broadcast: loss, delay, reordering, new addresses, lost handshakes, floods, sudden ends."""

import collections
import contextlib
import random
import re
import socket
import statistics
import struct
import time

import pytest
from asking import LOOPBACK, wait_for
from cameras import Camera, camera_browser
from flashes import loudness
from offers import attributes, offer
from outputs import check_lip_sync, check_timestamps, faults, frames, grown, longest_pause, tracks
from relay import relaying
from webrtc import embedded, into_nginx, key_for, on_air, post, publishing, status, udp_port

# RFC 7983: the first byte tells what a datagram is.
DTLS = range(20, 64)
# A broadcaster that vanished is gone from the status after that.
GONE = 15


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("network")) as made:
        yield made


@pytest.fixture(scope="module")
def browser():
    with camera_browser() as running:
        yield running


@pytest.fixture
def relay(target):
    with relaying(udp_port(target.agent)) as made:
        yield made


def stays_on_air(target, stream, seconds):
    """Watches that it doesn't go off air for a moment."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert on_air(target.agent, stream)
        time.sleep(0.2)


def test_a_bad_network(target, relay):
    """5 % lost either way, 60 ms of delay, overtaken and doubled datagrams: what comes out decodes without an error."""
    relay.shape(loss=0.05, delay=0.03, jitter=0.008, duplicates=0.01)
    with target.recording("lossy") as end:
        with publishing(target.agent, "lossy", relay=relay):
            time.sleep(20)
        (file,) = end()
    assert relay.up.lost > 20
    assert tracks(file).keys() == {"video", "audio"}
    assert faults(file) == ""
    check_timestamps(file)
    # Nearly all that was lost was sent once more in time.
    assert frames(file) > 30 * 14
    assert longest_pause(file) < 1.5
    check_lip_sync(file, lost=1)
    metrics = target.agent.metrics()
    assert metrics["putlive_webrtc_nacks_sent_total"] > 0
    assert metrics['putlive_webrtc_packets_repaired_total{media="video"}'] > 0


def test_lost_sound(target, relay):
    """Each tenth packet of sound is lost, and nobody sends it again: it is heard all the same, by the copy in the next
    packet. Such copies are no noise either."""
    arguments = ["--video", "none", "--hum"]
    with target.recording("mended") as end:
        with publishing(target.agent, "mended", *arguments, relay=relay) as publisher:
            kind = int(re.search(r"a=rtpmap:(\d+) opus/", publisher.event("answer")["body"])[1])
            first = []

            def is_lost(data):
                if data[1] & 0x7F != kind:
                    return False
                number = int.from_bytes(data[2:4])
                # Counted from the first, for numbers begin anywhere, and how much a copy holds differs along the hum.
                first[:] = first or [number]
                return (number - first[0]) % 10 == 5

            relay.up.drop = is_lost
            time.sleep(10)
        (file,) = end()
    assert relay.up.lost > 30
    assert faults(file) == ""
    # Of each ten milliseconds, but for what the ends cut off.
    levels = collections.Counter()
    for when, level in loudness(file):
        levels[int(when * 100)] = max(level, levels[int(when * 100)])
    levels = [level for _, level in sorted(levels.items())][50:-50]
    usual = statistics.median(levels)
    assert len(levels) > 5 * 100
    assert min(levels) > usual / 5, "silence"
    assert max(levels) < usual * 3, "noise"


def test_a_terrible_network(target, relay):
    """20 % lost, 200 ms of delay, a second of nothing: pictures may miss, but those that come are whole. Once it is good
    again, nothing misses any more."""
    relay.shape(loss=0.2, delay=0.1, jitter=0.03)
    with target.recording("terrible") as end:
        with publishing(target.agent, "terrible", relay=relay):
            time.sleep(6)
            relay.cut()
            time.sleep(1)
            relay.shape(loss=0.2, delay=0.1, jitter=0.03)
            time.sleep(9)
            relay.shape(delay=0.03)
            time.sleep(5)
        files = end()
    for file in files:
        assert faults(file) == ""
    # When no picture comes at first, sound begins alone.
    assert len(files) <= 2
    check_timestamps(files[-1])
    assert frames(files[-1]) > 30


def test_a_pause(target, relay):
    """Nothing for six seconds, then pictures alone, then sound as well: players get both, in step, all the time."""
    with target.recording("paused") as end:
        with publishing(target.agent, "paused", relay=relay) as publisher:
            sound = int(re.search(r"a=rtpmap:(\d+) opus/", publisher.event("answer")["body"])[1])
            wait_for(lambda: status(target.agent, "paused").get("resolution"), "pictures")
            time.sleep(5)
            # RTP (RFC 7983), and RTCP with it.
            relay.up.drop = lambda data: 127 < data[0] < 192
            time.sleep(6)
            relay.up.drop = lambda data: 127 < data[0] < 192 and data[1] & 0x7F == sound
            time.sleep(5)
            relay.up.drop = None
            time.sleep(7)
        before, after = end()
    for file in (before, after):
        assert faults(file) == ""
        check_timestamps(file)
    # Of the five seconds of silence there is as much as of all else.
    assert longest_pause(after, "audio") < 0.1
    check_lip_sync(after)


@pytest.mark.parametrize("seed", range(3))
def test_handshakes_survive_loss(target, relay, seed):
    """A third of all DTLS datagrams gets lost, others overtake each other."""
    chance = random.Random(seed)
    for direction in (relay.up, relay.down):
        direction.drop = lambda data: data[0] in DTLS and chance.random() < 0.33
    relay.shape(delay=0.01, jitter=0.03)
    with publishing(target.agent, f"handshake-{seed}", relay=relay):
        wait_for(lambda: status(target.agent, f"handshake-{seed}").get("resolution"), "pictures")
    assert relay.up.lost + relay.down.lost > 0


def move(target, stream, relay):
    """The peer's datagrams come from another port: pictures go on after a while, and those that come are whole."""
    wait_for(lambda: status(target.agent, stream).get("resolution"), "pictures")
    time.sleep(4)
    relay.move()
    stays_on_air(target, stream, 14)


def check_moved(files, rate):
    # It lasts until the peer's next check (RFC 7675), some five seconds at most, and then needs a keyframe.
    assert sum(frames(file) for file in files) > rate * 10
    for file in files:
        assert faults(file) == "" and longest_pause(file) < 8


def test_a_new_port(target, relay):
    """As when a NAT forgets: the same peer from another port. It needs no new session."""
    with target.recording("moved") as end:
        with publishing(target.agent, "moved", relay=relay):
            move(target, "moved", relay)
        check_moved(end(), 30)


def test_a_new_port_of_a_browser(target, browser, relay):
    camera = Camera(browser, target.agent)
    with target.recording("moved-camera") as end:
        camera.begin(f"{target.agent.url}/whip/moved-camera", key_for(target.agent, "moved-camera"), relay=relay)
        camera.connected()
        move(target, "moved-camera", relay)
        assert camera.stop() == 200
        # Of the fake camera's twenty pictures a second; its size grows meanwhile.
        check_moved(end(), 20)
    camera.close()


def test_a_new_network(target, browser, relay):
    """The browser begins a new ICE session (RFC 9725, section 4.3.2) on the way that is left."""
    camera = Camera(browser, target.agent)
    camera.begin(f"{target.agent.url}/whip/switched", key_for(target.agent, "switched"), relay=relay)
    camera.connected()
    wait_for(lambda: status(target.agent, "switched").get("resolution"), "pictures")
    with relaying(udp_port(target.agent)) as other:
        relay.cut()
        camera.page.evaluate(
            "port => { broadcast.port = port; broadcast.answer = broadcast.altered(broadcast.answer); }", other.port
        )
        camera.restart()
        sent = other.up.count
        wait_for(lambda: other.up.count > sent + 200, "media on the other way")
        before = camera.stats()["far"].get("packetsLost", 0)
        stays_on_air(target, "switched", 12)
        assert camera.stats()["state"] == "connected"
        assert camera.stats()["far"].get("packetsLost", 0) - before < 50
        assert camera.stop() == 200
    camera.close()
    wait_for(lambda: not on_air(target.agent, "switched"), "its end")


@pytest.mark.parametrize("strangers", [0, 256])
def test_ice_over_tcp(target, browser, strangers):
    """RFC 6544, for those whose network lets no UDP through. Connections that say nothing keep nobody out."""
    port, stream = target.agent.settings["streaming"]["webrtc"]["tcp_port"], f"tcp-{strangers}"
    # All that there may be, each 16 from an address of their own.
    silent = [
        socket.create_connection((LOOPBACK, port), timeout=5, source_address=(f"127.0.1.{1 + number // 16}", 0))
        for number in range(strangers)
    ]
    camera = Camera(browser, target.agent)
    camera.begin(f"{target.agent.url}/whip/{stream}", key_for(target.agent, stream), tcp=True)
    camera.connected()
    wait_for(lambda: status(target.agent, stream).get("resolution"), "pictures")
    stats = camera.stats()
    assert stats["remote"]["protocol"] == "tcp"
    assert target.agent.metrics()["putlive_webrtc_tcp_sessions_active"] == 1
    assert camera.stop() == 200
    camera.close()
    for one in silent:
        one.close()
    wait_for(lambda: target.agent.metrics()["putlive_webrtc_tcp_sessions_active"] == 0, "the end of its connection")


def test_a_broadcaster_that_never_comes(target):
    began = time.monotonic()
    assert post(target.agent, "never", key_for(target.agent, "never"), offer()).status == 201
    assert on_air(target.agent, "never")
    wait_for(lambda: not on_air(target.agent, "never"), "its end")
    assert time.monotonic() - began < GONE


def test_a_browser_that_is_closed(target, browser):
    camera = Camera(browser, target.agent)
    camera.begin(f"{target.agent.url}/whip/closed", key_for(target.agent, "closed"))
    camera.connected()
    wait_for(lambda: on_air(target.agent, "closed"), "the stream")
    camera.close()
    wait_for(lambda: not on_air(target.agent, "closed"), "its end", GONE)


def test_a_broadcaster_that_is_killed(target):
    with target.recording("killed") as end:
        with publishing(target.agent, "killed") as publisher:
            wait_for(lambda: status(target.agent, "killed").get("resolution"), "pictures")
            time.sleep(5)
            publisher.kill()
            wait_for(lambda: not on_air(target.agent, "killed"), "its end", GONE)
        (file,) = end()
    # What came before is whole.
    assert faults(file) == "" and frames(file) > 60
    active = 'putlive_webrtc_sessions_active{state="connected"}'
    wait_for(lambda: target.agent.metrics()[active] == 0, "the gauge to say so")


def test_it_comes_back(target):
    """The same key goes on where its first broadcast was cut off: the playlist goes on too, with a discontinuity."""
    token = key_for(target.agent, "returned")
    with target.recording("returned") as end:
        with publishing(target.agent, "returned", token=token) as publisher:
            wait_for(lambda: status(target.agent, "returned").get("resolution"), "pictures")
            time.sleep(5)
            publisher.kill()
            with publishing(target.agent, "returned", token=token):
                playlist = target.agent.live_folder / "returned_src.m3u8"
                wait_for(lambda: "#EXT-X-DISCONTINUITY\n" in playlist.read_text(), "the playlist to go on")
                assert on_air(target.agent, "returned")
        for file in end():
            assert faults(file) == ""


def test_the_agent_ends_in_mid_broadcast(tmp_path):
    with embedded(tmp_path) as target, publishing(target.agent, "cut-short"):
        wait_for(lambda: status(target.agent, "cut-short").get("resolution"), "pictures")
        began = time.monotonic()
        target.agent.stop()
        assert time.monotonic() - began < 10
        assert [line["stream"] for line in target.agent.log_lines("stream_ended")] == ["cut-short"]


def test_a_recording_outlives_a_crash(tmp_path):
    more = {"streaming__enable_recording": "true", "streaming__recording_path": tmp_path / "recordings"}
    with embedded(tmp_path, **more) as target, publishing(target.agent, "kept"):
        file = wait_for(lambda: list((tmp_path / "recordings").glob("kept-*.mp4")), "the recording")[0]
        grown(file, 300_000)
        target.agent.process.kill()
        target.agent.process.wait()
        target.agent.process = None
    assert tracks(file).keys() == {"video", "audio"}
    check_timestamps(file)
    assert faults(file) == "" and frames(file) > 30


def noise(chance, count):
    """Datagrams of all kinds that nobody should believe."""
    for _ in range(count):
        body = chance.randbytes(chance.randrange(1, 1400))
        kind = chance.randrange(5)
        if kind == 0:
            # STUN, of a user who isn't known.
            attributes = b"\x00\x06\x00\x08" + b"abcd:efg" + chance.randbytes(chance.randrange(0, 40))
            length = len(attributes).to_bytes(2, "big")
            yield b"\x00\x01" + length + b"\x21\x12\xa4\x42" + chance.randbytes(12) + attributes
        elif kind == 1:
            # A ClientHello, or so it begins.
            yield b"\x16\xfe\xfd" + bytes(8) + len(body).to_bytes(2, "big") + b"\x01" + body
        elif kind == 2:
            yield bytes([0x80, 102]) + body
        elif kind == 3:
            yield bytes([0x80, 200]) + body
        else:
            yield body


def test_a_flood_of_garbage(target):
    """From strangers, and from the broadcaster's own address: the broadcast goes on, and memory isn't taken."""
    agent, chance = target.agent, random.Random(3)
    with relaying(udp_port(agent)) as relay, target.recording("flooded") as end:
        with publishing(agent, "flooded", relay=relay):
            wait_for(lambda: status(agent, "flooded").get("resolution"), "pictures")
            memory = agent.metrics()["putlive_anonymous_memory_bytes"]
            (own,) = relay._upstream.values()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                for number, datagram in enumerate(noise(chance, 12_000)):
                    (own if number % 3 == 0 else stranger).sendto(datagram, (LOOPBACK, udp_port(agent)))
                    if number % 40 == 0:
                        time.sleep(0.01)
            stays_on_air(target, "flooded", 3)
            assert agent.metrics()["putlive_anonymous_memory_bytes"] - memory < 8 << 20
        (file,) = end()
    assert faults(file) == "" and frames(file) > 30 * 4
    assert agent.metrics()['putlive_webrtc_packets_discarded_total{reason="authentication"}'] > 0


def test_a_packet_that_nobody_can_answer(target):
    """Forged, from port 0: sending there is an error, and the port has to stay open for everybody."""
    try:
        forging = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    except PermissionError:
        pytest.skip("raw sockets are for root")
    with forging, publishing(target.agent, "forged") as publisher:
        user = f"{attributes(publisher.event('answer')['body'], 'ice-ufrag')[0]}:peer".encode()
        user = struct.pack(">HH", 6, len(user)) + user + bytes(-len(user) % 4)
        check = struct.pack(">HHI", 1, len(user), 0x2112A442) + bytes(12) + user
        forging.sendto(struct.pack(">HHHH", 0, udp_port(target.agent), 8 + len(check), 0) + check, (LOOPBACK, 0))
        with publishing(target.agent, "after-forged"):
            assert on_air(target.agent, "forged")


def test_garbage_over_tcp(target):
    """On the port of ICE-TCP: frames that lie, and frames that never end."""
    port, chance = target.agent.settings["streaming"]["webrtc"]["tcp_port"], random.Random(4)
    for number in range(60):
        with socket.create_connection((LOOPBACK, port), timeout=5) as connection:
            data = chance.randbytes(chance.randrange(1, 4000)) if number % 2 else b"\xff\xff" + bytes(70_000)
            with contextlib.suppress(ConnectionError):
                connection.sendall(data)
    # Those that say nothing don't stay for ever, and don't keep others out.
    silent = [socket.create_connection((LOOPBACK, port), timeout=5) for _ in range(100)]
    assert target.agent.api("GET", "/api/health").status == 200
    for one in silent:
        one.close()


def test_the_rtmp_server_restarts(tmp_path):
    """Killed and started again in mid-broadcast: what comes then is a recording of its own, from its headers on."""
    with into_nginx(tmp_path) as target, publishing(target.agent, "resumed"):
        first = wait_for(lambda: target.server.recorded("resumed"), "the first recording")[0]
        grown(first, 100_000)
        target.server.kill()
        time.sleep(3)
        assert on_air(target.agent, "resumed"), "the media server's end is no end of the broadcast"
        target.server.start()
        second = wait_for(lambda: (found := target.server.recorded("resumed"))[1:] and found[-1], "another recording")
        grown(second, 150_000)
        time.sleep(4)
        target.server.stop()
    for file in (first, second):
        assert tracks(file).keys() == {"video", "audio"}
    assert faults(second) == ""
    check_timestamps(second)
    assert frames(second) > 60
    metrics = target.agent.log_lines("output_lost")
    assert metrics and metrics[0]["output"] == "rtmp"
    # What libavformat says of it is in the log, without the agent's secret, and nowhere else.
    said = [line["text"] for line in target.agent.log_lines("media_library")]
    assert said and not any("secret=" in text for text in said), said
    assert (target.agent.folder / "stderr.log").read_text(encoding="utf-8") == ""


def test_an_rtmp_server_that_comes_late(tmp_path):
    with into_nginx(tmp_path) as target:
        target.server.kill()
        with publishing(target.agent, "early"):
            time.sleep(2)
            target.server.start()
            file = wait_for(lambda: target.server.recorded("early"), "a recording")[0]
            grown(file, 100_000)
            time.sleep(3)
        wait_for(lambda: not on_air(target.agent, "early"), "its end")
        assert faults(file) == ""
        check_timestamps(file)
