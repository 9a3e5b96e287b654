"""What viewers get of a broadcast over WebRTC, from a client that is no browser: as HLS of the embedded engine, by RTMP
in a real nginx-rtmp, and through SRS where SRS_BINARY names one."""

import contextlib
import time

import pytest
from asking import is_problem, wait_for
from offers import offer
from outputs import check_lip_sync, check_timestamps, faults, frames, longest_pause, probe, tracks
from pages import browser, expect
from webrtc import TARGETS, embedded, on_air, post, publishing, status

__all__ = ["browser"]

SECONDS = 14
LONG = 60_000
PLAYED = "count => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames >= count"
# What is published, all at the same time, and how.
BROADCASTS = {
    "both": [],
    "sound": ["--video", "none"],
    "picture": ["--audio", "none"],
    "no-h264": ["--video", "vp8"],
    "resized": ["--size", "0", "320", "240", "--size", "6", "480", "360"],
}


# Plays a file to its end, then looks at some places in it: what is seen of it.
PLAY = """async (places) => {
    const video = document.querySelector('video'), sizes = [], seen = { places: [] };
    const next = (name) => new Promise((resolve, reject) => {
        video.addEventListener(name, resolve, { once: true });
        video.addEventListener('error', () => reject(new Error(video.error.message)), { once: true });
    });
    video.addEventListener('resize', () => sizes.push(video.videoWidth));
    video.src = URL.createObjectURL(document.querySelector('input').files[0]);
    const ended = next('ended');
    await video.play();
    await ended;
    seen.sizes = [...sizes];
    seen.played = video.currentTime;
    seen.duration = video.duration;
    seen.frames = video.getVideoPlaybackQuality().totalVideoFrames;
    for (const place of places) {
        const found = next('seeked');
        video.currentTime = place;
        await found;
        seen.places.push(video.videoWidth);
    }
    return seen;
}"""


class Broadcasts:
    """What came out, and the last status while it was on air, by the broadcasts' names."""

    def __init__(self):
        self.files, self.statuses = {}, {}


@pytest.fixture(scope="module", params=TARGETS)
def broadcasts(request, tmp_path_factory):
    made = Broadcasts()
    with TARGETS[request.param](tmp_path_factory.mktemp(request.param)) as target:
        with contextlib.ExitStack() as recordings:
            ends = {name: recordings.enter_context(target.recording(name)) for name in BROADCASTS}
            with contextlib.ExitStack() as publishers:
                for name, arguments in BROADCASTS.items():
                    publishers.enter_context(publishing(target.agent, name, *arguments))
                time.sleep(SECONDS)
                made.statuses = {name: status(target.agent, name) for name in BROADCASTS}
                made.listed = target.agent.api("GET", "/api/streams", target.agent.token).json()["streams"]
            made.files = {name: end() for name, end in ends.items()}
        yield made


def test_pictures_and_sound(broadcasts):
    (file,) = broadcasts.files["both"]
    found = tracks(file)
    video, audio = found["video"], found["audio"]
    assert (video["codec_name"], video["width"], video["height"]) == ("h264", 320, 240)
    assert (audio["codec_name"], audio["sample_rate"]) == ("aac", "48000")
    check_timestamps(file)
    assert faults(file) == ""
    assert frames(file) > 30 * (SECONDS - 4)
    assert longest_pause(file) < 0.5


def test_lips_are_in_time(broadcasts):
    (file,) = broadcasts.files["both"]
    check_lip_sync(file)


def test_sound_alone(broadcasts):
    (file,) = broadcasts.files["sound"]
    assert list(tracks(file)) == ["audio"]
    check_timestamps(file, ["audio"])
    assert faults(file) == ""


def test_pictures_alone(broadcasts):
    (file,) = broadcasts.files["picture"]
    assert list(tracks(file)) == ["video"]
    check_timestamps(file, ["video"])
    assert faults(file) == ""
    assert frames(file) > 30 * (SECONDS - 4)


def test_a_peer_without_h264(broadcasts):
    """Its VP8 is made H.264."""
    (file,) = broadcasts.files["no-h264"]
    video = tracks(file)["video"]
    assert (video["codec_name"], video["width"], video["height"]) == ("h264", 320, 240)
    check_timestamps(file)
    assert faults(file) == ""
    check_lip_sync(file)


def test_a_picture_that_changes_its_size(broadcasts):
    files = broadcasts.files["resized"]
    for file in files:
        check_timestamps(file)
        assert faults(file) == ""
        check_lip_sync(file, least=2)
    assert len(files) <= 2 and tracks(files[-1])["video"]["width"] in (320, 480)
    assert sum(frames(file) for file in files) > 30 * (SECONDS - 4)
    assert broadcasts.statuses["resized"]["resolution"] == "480x360"


def test_what_the_status_says(broadcasts):
    both = broadcasts.statuses["both"]
    assert both["active"] and both["resolution"] == "320x240"
    assert 24 < both["fps"] < 36 and 10 < both["bitrate_kbps"] < 2500
    row = next(row for row in broadcasts.listed if row["stream_name"] == "both")
    assert (row["source"], row["video_codec"], row["audio_codec"]) == ("webrtc", "h264", "opus")
    assert {row["stream_name"] for row in broadcasts.listed} == set(BROADCASTS)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("headers")) as target:
        yield target


def test_parameter_sets_of_the_offer(bare):
    """Not in the stream, as of GStreamer with config-interval=0."""
    with bare.recording("offered") as end:
        with publishing(bare.agent, "offered", "--headers", "offer"):
            wait_for(lambda: status(bare.agent, "offered").get("resolution"), "pictures")
            time.sleep(6)
            assert status(bare.agent, "offered")["no_picture"] is False
        (file,) = end()
    assert faults(file) == "" and frames(file) > 30 * 4
    assert tracks(file)["video"]["width"] == 320


def test_parameter_sets_that_never_come(bare):
    """On air without a picture, and it says why."""
    agent = bare.agent
    with publishing(agent, "bare", "--headers", "none"):
        wait_for(lambda: status(agent, "bare")["no_picture"], "it to be noticed")
        row = next(row for row in agent.api("GET", "/api/streams", agent.token).json()["streams"])
        assert row["stream_name"] == "bare" and row["no_picture"] is True and row["resolution"] is None
        time.sleep(3)
        (line,) = agent.log_lines("no_picture")
        assert line["level"] == "warning" and line["stream"] == "bare" and "SPS and PPS" in line["reason"]
        assert "config-interval" in line["remedy"]
    wait_for(lambda: not status(agent, "bare")["active"], "its end")
    assert status(agent, "bare")["no_picture"] is False


def test_an_encoder_needs_room(tmp_path):
    with embedded(tmp_path) as target:
        target.agent.load.set(9)
        refused = post(target.agent, "costly", target.agent.token, offer(video=["vp8"]))
        problem = is_problem(refused, 503, "unavailable")
        assert "VP8" in problem["detail"] and refused.headers["Retry-After"]
        # What is passed through is always taken.
        assert post(target.agent, "cheap", target.agent.token, offer(video=["vp8", "h264"])).status == 201
        target.agent.load.set(0)
        assert post(target.agent, "costly", target.agent.token, offer(video=["vp8"])).status == 201


def test_keyframes_that_come_late(tmp_path, browser):
    """No segment is longer than the playlist has promised, and nothing is lost for it; who comes in between sees it."""
    with embedded(tmp_path) as target, browser.new_context(base_url=target.agent.url) as context:
        with target.recording("late") as end:
            with publishing(target.agent, "late", "--late", 6):
                time.sleep(10)
                viewer = context.new_page()
                viewer.goto("/?stream=late")
                expect(viewer.get_by_role("status")).to_have_text("Live", timeout=LONG)
                viewer.wait_for_function(PLAYED, arg=150, timeout=LONG)
            (file,) = end()
    check_timestamps(file)
    assert faults(file) == ""
    assert frames(file) > 30 * 12 and longest_pause(file) < 0.3
    check_lip_sync(file)


def test_a_recording_goes_on_over_changes_of_size(tmp_path, browser):
    folder = tmp_path / "recordings"
    more = {"streaming__enable_recording": "true", "streaming__recording_path": folder}
    sizes = ["--size", 0, 320, 240, "--size", 4, 480, 360, "--size", 8, 640, 480]
    with embedded(tmp_path, **more) as target:
        with publishing(target.agent, "grown", *sizes):
            time.sleep(12)
        wait_for(lambda: not on_air(target.agent, "grown"), "its end")
        (file,) = folder.glob("*.mp4")
    check_timestamps(file)
    assert faults(file) == ""
    check_lip_sync(file)
    shown = probe(file, "-select_streams", "v", "-show_entries", "frame=width")["frames"]
    assert list(dict.fromkeys(frame["width"] for frame in shown)) == [320, 480, 640]
    with browser.new_context() as context:
        page = context.new_page()
        page.set_content("<input type=file><video muted></video>")
        page.locator("input").set_input_files(file)
        seen = page.evaluate(PLAY, [1, 10, 6, 2])
    assert seen["sizes"] == [320, 480, 640] and seen["places"] == [320, 640, 480, 320]
    assert seen["duration"] > 10 and seen["played"] > seen["duration"] - 0.1
    assert seen["frames"] > 0.9 * len(shown)
