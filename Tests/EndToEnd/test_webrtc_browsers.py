"""The whole way, as people go it: a browser broadcasts its camera from the page, another watches: frames count."""

import pytest
from asking import wait_for
from broadcasting import browser, go_live, open_studio, stats, stop
from cameras import Camera
from outputs import check_timestamps, faults, frames, tracks
from pages import Errors, expect, unique
from webrtc import TARGETS, key_for, on_air, status

__all__ = ["browser"]

PLAYED = "count => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames >= count"
LONG = 90_000


@pytest.fixture(scope="module", params=TARGETS)
def target(request, tmp_path_factory):
    with TARGETS[request.param](tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def page(browser, target):
    """The broadcaster's."""
    context = browser.new_context(base_url=target.agent.url, locale="en-GB")
    context.set_default_timeout(LONG)
    errors = Errors()
    errors.watch(context)
    yield context.new_page()
    context.close()
    assert not errors.found, errors.found


def test_from_camera_to_viewer(target, browser, page):
    agent, name = target.agent, unique("camera")
    with target.recording(name) as end:
        open_studio(page, agent, agent.new_account("streamer").token)
        page.get_by_role("radio", name="720p").check()
        go_live(page, name)
        wait_for(lambda: status(agent, name).get("resolution"), "pictures")
        if target.kind == "embedded":
            watch(target, browser, name)
        else:
            # Nobody delivers HLS here; a while of it is recorded.
            page.wait_for_timeout(10_000)
        (video,) = [row for row in stats(page, "outbound-rtp") if row["kind"] == "video"]
        (codec,) = [row for row in stats(page, "codec") if row["id"] == video["codecId"]]
        assert codec["mimeType"] == "video/H264"
        stop(page)
        wait_for(lambda: not on_air(agent, name), "its end")
        files = end()
    file = files[-1]
    found = tracks(file)
    assert (found["video"]["codec_name"], found["audio"]["codec_name"]) == ("h264", "aac")
    assert found["video"]["width"] * 9 == found["video"]["height"] * 16
    assert faults(file) == ""
    check_timestamps(file)
    # The picture may have grown meanwhile, which begins a new one.
    assert sum(map(frames, files)) > 60


def watch(target, browser, name):
    """Another browser plays it as HLS: a hundred frames are decoded."""
    context = browser.new_context(base_url=target.agent.url, locale="en-GB")
    context.set_default_timeout(LONG)
    viewer = context.new_page()
    viewer.goto(f"/?stream={name}")
    expect(viewer.get_by_role("status")).to_have_text("Live", timeout=LONG)
    viewer.wait_for_function(PLAYED, arg=100)
    assert viewer.evaluate("document.querySelector('video').videoWidth") > 0
    context.close()


def test_its_picture_grows(target, browser):
    """A browser with all the room there is sends all that its camera has before long."""
    if target.kind != "embedded":
        pytest.skip("it is the same wherever it goes")
    camera, name = Camera(browser, target.agent), unique("grows")
    camera.begin(f"{target.agent.url}/whip/{name}", key_for(target.agent, name))
    camera.connected()
    wait_for(lambda: camera.stats()["video"].get("frameWidth") == 1280, "1280x720", 30)
    wait_for(lambda: status(target.agent, name).get("resolution") == "1280x720", "the status to say so")
    assert camera.stop() == 200
    camera.close()
