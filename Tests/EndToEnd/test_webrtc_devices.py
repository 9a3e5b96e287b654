"""Devices that the broadcaster switches off and on in mid-show: who watches goes on watching, with the last picture, or
in silence."""

import time

import pytest
from asking import wait_for
from broadcasting import LONG, browser, go_live, name, open_studio, sender, status, stop, wait_until_sent
from outputs import check_timestamps, tracks
from pages import Errors, expect
from webrtc import embedded, into_nginx, on_air

__all__ = ["browser", "name"]

# The player's time, the frames and the bytes of sound that it has decoded.
PLAYED = """() => {
    const video = document.querySelector('video');
    return [video.currentTime, video.getVideoPlaybackQuality().totalVideoFrames, video.webkitAudioDecodedByteCount];
}"""
# Seconds: a machine with much to do may let a player stop for a moment; tracks that changed stop it until the page
# begins anew, 10 s later.
STALL = 6


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("embedded")) as made:
        yield made


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    with into_nginx(tmp_path_factory.mktemp("nginx-rtmp")) as made:
        yield made


@pytest.fixture
def studio(browser):
    """Opens the page of a streamer."""
    made = []

    def open_page(agent):
        context = browser.new_context(base_url=agent.url, locale="en-GB")
        context.set_default_timeout(LONG)
        errors = Errors()
        errors.watch(context)
        made.append((context, errors))
        page = context.new_page()
        open_studio(page, agent, agent.new_account("streamer").token)
        return page

    yield open_page
    for context, errors in made:
        context.close()
        assert not errors.found, errors.found


def switch(page, label, kind, on):
    choice = page.get_by_role("combobox", name=label)
    choice.select_option(index=0) if on else choice.select_option(label=f"No {label.lower()}")
    wait_for(lambda: (sender(page, kind)["id"] is not None) == on, f"{label}: {on}")


class Viewer:
    """A page that plays a stream, and notices where it stops."""

    def __init__(self, browser, agent, stream):
        self.page = browser.new_context(base_url=agent.url, locale="en-GB").new_page()
        self.page.goto(f"/?stream={stream}")
        expect(self.page.get_by_role("status")).to_have_text("Live", timeout=LONG)
        self.page.wait_for_function(f"() => ({PLAYED})()[0] > 2", timeout=LONG)

    def watch(self, seconds, until=lambda frames, sound: False):
        """Plays for so long, or until something is true of the frames and the bytes of sound since; tells whether it
        came to that. The time rises all the while."""
        end = time.monotonic() + seconds
        (best, frames, sound), moved = self.page.evaluate(PLAYED), time.monotonic()
        while time.monotonic() < end:
            self.page.wait_for_timeout(250)
            now, shown, heard = self.page.evaluate(PLAYED)
            assert now >= best, f"playing began anew at {now} after {best}"
            if now > best:
                best, moved = now, time.monotonic()
            assert time.monotonic() - moved < STALL, f"it stands at {best}"
            if until(shown - frames, heard - sound):
                return True
        return False

    def close(self):
        self.page.context.close()


def test_a_camera_that_is_switched_off_and_on(watched, browser, studio, name):
    page = studio(watched.agent)
    go_live(page, name)
    viewer = Viewer(browser, watched.agent, name)
    switch(page, "Camera", "video", on=False)
    viewer.watch(12)
    switch(page, "Camera", "video", on=True)
    # What stands still has one frame a second.
    assert viewer.watch(15, until=lambda frames, sound: frames > 60)
    viewer.close()
    stop(page)


def test_a_microphone_that_is_switched_on_late(watched, browser, studio, name):
    page = studio(watched.agent)
    page.get_by_role("combobox", name="Microphone").select_option(label="No microphone")
    go_live(page, name)
    viewer = Viewer(browser, watched.agent, name)
    switch(page, "Microphone", "audio", on=True)
    # Silence takes some 6 bytes a frame, 47 times a second.
    assert viewer.watch(15, until=lambda frames, sound: sound > 10_000)
    viewer.watch(5)
    viewer.close()
    stop(page)


def test_a_server_that_restarts_while_the_camera_is_off(published, studio, name):
    agent, server = published.agent, published.server
    page = studio(agent)
    go_live(page, name)
    wait_until_sent(page)
    wait_for(lambda: status(agent, name)["resolution"], "pictures")
    switch(page, "Camera", "video", on=False)
    page.wait_for_timeout(4_000)
    server.kill()
    wait_for(lambda: status(agent, name)["output_lost"], "the loss to be told")
    server.start()
    wait_for(lambda: not status(agent, name)["output_lost"], "the stream to be back")
    page.wait_for_timeout(4_000)
    switch(page, "Camera", "video", on=True)
    page.wait_for_timeout(4_000)
    stop(page)
    wait_for(lambda: not on_air(agent, name), "its end")
    file = server.recorded(name)[-1]
    assert tracks(file).keys() == {"video", "audio"}
    check_timestamps(file)


def test_a_microphone_after_the_camera(published, studio, name):
    """First the camera alone, then nothing, then the microphone alone: it is one publish from beginning to end."""
    agent = published.agent
    page = studio(agent)
    page.get_by_role("combobox", name="Microphone").select_option(label="No microphone")
    go_live(page, name)
    wait_until_sent(page)
    page.wait_for_timeout(3_000)
    switch(page, "Camera", "video", on=False)
    page.wait_for_timeout(2_000)
    sent = agent.metrics()["putlive_rtmp_sent_bytes_total"]
    switch(page, "Microphone", "audio", on=True)
    wait_for(lambda: agent.metrics()["putlive_rtmp_sent_bytes_total"] > sent + 20_000, "the sound to be sent")
    assert status(agent, name)["output_lost"] is False
    stop(page)
    wait_for(lambda: not on_air(agent, name), "its end")
    assert len(published.server.recorded(name)) == 1
