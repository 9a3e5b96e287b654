"""The page for viewers, with real streams: off air, on air, off again, faults, controls, and a browser without MSE."""

import itertools
import re

import pytest
from agent import PATIENCE
from pages import (
    DESKTOP, PHONE, SMALL_PHONE, browser, context, errors, expect, fits, page, screenshot, start_stream,
    start_streams, unique,
)  # fmt: skip

__all__ = ["browser", "context", "errors", "page", "start_stream", "start_streams"]

# Watching for the stream takes up to 15 s between two looks, and the agent some seconds to see that it is over.
LONG = 3 * PATIENCE * 1000
WITHOUT_MEDIA_SOURCE = """
for (const name of ['MediaSource', 'ManagedMediaSource', 'WebKitMediaSource']) { delete globalThis[name]; }
"""
FRAMES = "count => document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > count"


# What of the stage's cover sticks out of the stage.
CUT_OFF = """() => {
    const stage = document.getElementById('stage').getBoundingClientRect();
    return [...document.getElementById('cover').children].filter((part) => {
        const box = part.getBoundingClientRect();
        return box.top < stage.top || box.bottom > stage.bottom;
    }).map((part) => part.outerHTML);
}"""


@pytest.fixture
def name():
    return unique("show")


@pytest.fixture(scope="module")
def running(start_streams):
    """The name of a stream that is on air throughout."""
    return start_streams("running").name


def state(page):
    return page.get_by_role("status")


def expect_live(page, frames=5):
    """The page says that it is live, and pictures are decoded."""
    expect(state(page)).to_have_text("Live", timeout=LONG)
    shown = page.evaluate("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames")
    page.wait_for_function(FRAMES, arg=shown + frames, timeout=LONG)


@pytest.fixture
def live(page, running):
    """The page, playing."""
    page.goto(f"/?stream={running}")
    expect_live(page)
    return page


def test_off_air_on_air_and_off_again(page, start_stream, name):
    page.goto(f"/?stream={name}")
    expect(page).to_have_title(f"{name} · PutLive")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(state(page)).to_have_text("Offline")
    expect(page.get_by_text("This stream is offline")).to_be_visible()
    expect(page.get_by_role("group", name="Player")).to_be_hidden()
    stream = start_stream(name)
    expect_live(page)
    expect(page.get_by_text("This stream is offline")).to_be_hidden()
    expect(page.get_by_role("group", name="Player")).to_be_visible()
    assert page.locator("video").evaluate("video => video.muted && !video.paused")
    # The publisher stops: the page plays what there is, then waits for the next time.
    stream.end()
    expect(state(page)).to_have_text("Offline", timeout=LONG)
    start_stream(name)
    expect_live(page)


def test_a_stream_that_vanishes(live):
    """Its files are gone from one moment to the next, and come back."""
    live.route("**/live/**", lambda route: route.fulfill(status=404, body="gone"))
    expect(state(live)).to_have_text("Offline", timeout=LONG)
    live.unroute("**/live/**")
    expect_live(live)


def test_qualities(live):
    menu = live.get_by_role("button", name="Quality")
    expect(menu).to_contain_text("Auto")
    menu.click()
    items = live.get_by_role("menuitemradio")
    expect(items).to_have_text(["Auto", re.compile("^Source"), "144p"])
    expect(live.get_by_role("menuitemradio", name="Auto")).to_be_checked()
    expect(live.get_by_role("menuitemradio", name="Auto")).to_be_focused()
    screenshot(live, "player-qualities")
    for name, height in (("144p", 144), ("Source", 360)):
        live.get_by_role("menuitemradio", name=name).click()
        live.wait_for_function("height => document.querySelector('video').videoHeight === height", arg=height)
        expect(menu).to_contain_text(name)
        menu.click()
        expect(live.get_by_role("menuitemradio", name=name)).to_be_checked()
    live.get_by_role("menuitemradio", name="Auto").click()
    expect(menu).to_contain_text("Auto")


def test_qualities_by_keyboard(live):
    menu = live.get_by_role("button", name="Quality")
    menu.focus()
    steps = ("Enter", "Auto"), ("ArrowDown", "Source"), ("End", "144p"), ("ArrowDown", "Auto"), ("ArrowUp", "144p")
    for key, focused in steps:
        live.keyboard.press(key)
        expect(live.get_by_role("menuitemradio", name=focused)).to_be_focused()
    live.keyboard.press("Escape")
    expect(live.get_by_role("menu")).to_be_hidden()
    expect(menu).to_be_focused()


def test_sound(live):
    video, unmute = live.locator("video"), live.get_by_role("button", name="Unmute", exact=True)
    # The large one and that of the controls.
    expect(unmute).to_have_count(2)
    unmute.first.click()
    live.wait_for_function("() => !document.querySelector('video').muted")
    expect(live.get_by_role("button", name="Mute", exact=True)).to_have_count(1)
    expect(unmute).to_have_count(0)
    live.get_by_role("slider", name="Volume").fill("0.25")
    assert video.evaluate("video => video.volume") == 0.25
    live.keyboard.press("m")
    live.wait_for_function("() => document.querySelector('video').muted")
    expect(unmute).to_have_count(1)


def test_pause_and_go_live(live):
    video = live.locator("video")
    expect(live.get_by_role("button", name="Live", exact=True)).to_be_disabled()
    live.get_by_role("button", name="Pause").click()
    expect(live.get_by_role("button", name="Play the stream")).to_be_visible()
    go_live = live.get_by_role("button", name="Go to live")
    expect(go_live).to_be_enabled()
    # What is paused stays so, and the page doesn't take it for a fault.
    live.wait_for_function("() => Hls && document.querySelector('video').paused")
    go_live.click()
    live.wait_for_function("() => !document.querySelector('video').paused")
    expect_live(live)
    expect(live.get_by_role("button", name="Live", exact=True)).to_be_disabled()
    # Left behind, it leads to the edge again.
    live.wait_for_function("() => document.querySelector('video').buffered.length > 0")
    behind = video.evaluate("video => { video.pause(); return video.currentTime; }")
    live.wait_for_function(
        "time => document.querySelector('video').buffered.end(0) > time + 3", arg=behind, timeout=LONG
    )
    live.get_by_role("button", name="Go to live").click()
    live.wait_for_function("time => document.querySelector('video').currentTime > time + 1", arg=behind)


def test_keys(live):
    video = live.locator("video")
    live.locator("body").click(position={"x": 5, "y": 5})
    live.keyboard.press("k")
    live.wait_for_function("() => document.querySelector('video').paused")
    live.keyboard.press("Space")
    live.wait_for_function("() => !document.querySelector('video').paused")
    live.keyboard.press("f")
    live.wait_for_function("() => document.fullscreenElement?.id === 'stage'")
    expect(live.get_by_role("button", name="Leave full screen")).to_be_visible()
    live.keyboard.press("f")
    live.wait_for_function("() => !document.fullscreenElement")
    # On a control the space bar is that control's.
    live.get_by_role("button", name="Quality").focus()
    live.keyboard.press("Space")
    expect(live.get_by_role("menu")).to_be_visible()
    assert not video.evaluate("video => video.paused")


def test_controls_by_keyboard_alone(live):
    """Every control is reached by Tab, in the order in which it is seen."""
    live.get_by_role("button", name="Pause").focus()
    order = ["Unmute", "Volume", "Quality", "Picture in picture", "Full screen"]
    for name in order:
        live.keyboard.press("Tab")
        focused = live.evaluate("document.activeElement.ariaLabel ?? document.activeElement.innerText")
        assert focused.replace("\n", " ").startswith(name), focused


def test_the_server_goes_away(live, errors):
    """No answer at all is another state than off air, and a button tries again at once."""
    live.route("**/live/**", lambda route: route.abort())
    expect(state(live)).to_have_text("No connection", timeout=LONG)
    expect(live.get_by_text("The server can't be reached")).to_be_visible()
    screenshot(live, "player-unreachable")
    live.unroute("**/live/**")
    live.get_by_role("button", name="Try now").click()
    expect_live(live)
    errors.found = [one for one in errors.found if "net::ERR_FAILED" not in one]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width, height", [(320, 568), (360, 640), (568, 320), (1280, 800)])
def test_what_is_wrong_is_told_in_full(context, errors, name, width, height, scheme):
    """The stage of a phone is low: no part of the words or the button is cut off."""
    page = context({"width": width, "height": height}, color_scheme=scheme).new_page()
    page.route("**/live/**", lambda route: route.abort())
    cases = (f"/?stream={name}", "The server can't be reached"), ("/?stream=Wrong", "There is no such stream")
    for address, title in cases:
        page.goto(address)
        expect(page.get_by_text(title)).to_be_visible()
        assert page.evaluate(CUT_OFF) == []
        assert fits(page)
        screenshot(page, f"player-{'wrong' if 'Wrong' in address else 'unreachable'}-{width}-{scheme}")
    errors.found = [one for one in errors.found if "net::ERR_FAILED" not in one]


def test_broken_media(live):
    """Segments that are no media for a while: playing starts anew."""
    broken = []

    def spoil(route):
        broken.append(route.request.url)
        route.fulfill(body=b"no media" * 1000, content_type="video/mp2t")

    live.route("**/live/*.ts", spoil)
    expect(state(live)).not_to_have_text("Live", timeout=LONG)
    assert broken
    live.unroute("**/live/*.ts")
    expect_live(live)


def test_left_behind_files_are_not_live(live):
    """A playlist that stands still is shown to its end, once; the same again isn't."""
    # As the server has it, for ever.
    kept = {}

    def keep(route):
        if route.request.url not in kept:
            kept[route.request.url] = route.fetch()
        route.fulfill(response=kept[route.request.url])

    live.route("**/live/*.m3u8", keep)
    expect(state(live)).to_have_text("Reconnecting", timeout=LONG)
    expect(state(live)).to_have_text("Offline", timeout=LONG)
    live.unroute("**/live/*.m3u8")
    expect_live(live)


def test_without_media_source_extensions(context, start_stream, name):
    """As on an iPhone: the browser plays HLS itself, and chooses the quality itself."""
    browser_context = context()
    browser_context.add_init_script(WITHOUT_MEDIA_SOURCE)
    page = browser_context.new_page()
    stream = start_stream(name)
    page.goto(f"/?stream={name}")
    expect_live(page)
    expect(page.get_by_role("button", name="Quality")).to_have_count(0)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert page.locator("video").evaluate("video => new URL(video.currentSrc).pathname") == f"/live/{name}.m3u8"
    stream.end()
    expect(state(page)).to_have_text("Offline", timeout=LONG)
    start_stream(name)
    expect_live(page)


# As Chromium has it when its own player of HLS can't read a segment: it pauses, and tells of the error first.
FAULT = """video => {
    Object.defineProperty(video, 'paused', { value: true, configurable: true });
    video.dispatchEvent(new Event('error'));
    delete video.paused;
}"""


def test_a_fault_without_media_source_extensions(context, running):
    """Playing goes on by itself after it, unless the viewer had paused."""
    browser_context = context()
    browser_context.add_init_script(WITHOUT_MEDIA_SOURCE)
    page = browser_context.new_page()
    page.goto(f"/?stream={running}")
    expect_live(page)
    video = page.locator("video")
    video.evaluate(FAULT)
    expect(state(page)).to_have_text("Reconnecting")
    expect_live(page)
    page.locator("#stage").hover()
    page.get_by_role("button", name="Pause").click()
    page.wait_for_function("() => document.querySelector('video').paused")
    video.evaluate(FAULT)
    expect(state(page)).to_have_text("Reconnecting")
    expect(state(page)).to_have_text("Live", timeout=LONG)
    assert video.evaluate("video => video.paused")


def test_a_browser_that_can_play_nothing(context, name):
    browser_context = context()
    browser_context.add_init_script(WITHOUT_MEDIA_SOURCE + "HTMLMediaElement.prototype.canPlayType = () => '';")
    page = browser_context.new_page()
    page.goto(f"/?stream={name}")
    expect(page.get_by_text("This browser can't play live streams")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 568})
    assert page.evaluate(CUT_OFF) == []


def test_a_browser_that_wants_a_click(context, running):
    """As on a telephone that saves power: nothing plays by itself, not even without sound."""
    browser_context = context()
    browser_context.add_init_script(
        "const play = HTMLMediaElement.prototype.play; let clicked = false;"
        "addEventListener('click', () => { clicked = true; }, true);"
        "HTMLMediaElement.prototype.play = function () {"
        " return clicked ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError')); };"
    )
    page = browser_context.new_page()
    page.goto(f"/?stream={running}")
    page.get_by_role("button", name="Play the stream").click(timeout=LONG)
    expect_live(page)
    expect(page.get_by_role("button", name="Play the stream")).to_be_hidden()


def test_looking_for_a_stream_is_gentle(page, name):
    """From the answer to one look to the next it waits 3 s to 15 s, at random, longer and longer."""
    page.clock.install()
    page.add_init_script(
        "const ask = fetch; globalThis.looks = []; globalThis.fetch = async (...all) => {"
        " const look = { begin: Date.now() }; looks.push(look);"
        " try { return await ask(...all); } finally { look.end = Date.now(); } };"
    )
    page.goto(f"/?stream={name}")
    expect(state(page)).to_have_text("Offline")
    looks = []
    while len(looks) < 12:
        page.clock.run_for(250)
        looks = page.evaluate("looks")
    waits = [after["begin"] - before["end"] for before, after in itertools.pairwise(looks) if "end" in before]
    assert len(waits) == 11
    assert all(3_000 <= wait <= 15_000 for wait in waits), waits
    assert waits[0] <= 4_500 and len(set(waits)) > 1, waits


@pytest.mark.parametrize("wrong", ["Upper", "under_score", "a" * 65, "../api/health", "", "a%00b"])
def test_names_that_no_stream_has(page, wrong):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    page.goto(f"/?stream={wrong}")
    expect(page.get_by_text("There is no such stream")).to_be_visible()
    expect(state(page)).to_have_text("Not found")
    assert asked == []


def test_the_default_name(page):
    with page.expect_request("**/live/stream.m3u8"):
        page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("stream")


def test_the_way_to_the_dashboard(page, agent):
    page.goto("/?stream=nothing")
    page.get_by_role("link", name="Log in").click()
    expect(page).to_have_url(re.compile("/login.html$"))


def test_other_pages_may_not_embed_it(page, agent):
    policy = agent.api("GET", "/").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe" not in policy


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, SMALL_PHONE], ids=["desktop", "phone", "small-phone"])
def test_looks(context, running, scheme, viewport):
    page = context(viewport, color_scheme=scheme).new_page()
    page.goto("/?stream=off-air")
    expect(state(page)).to_have_text("Offline")
    assert fits(page)
    screenshot(page, f"player-offline-{viewport['width']}-{scheme}")
    page.goto(f"/?stream={running}")
    expect_live(page)
    assert fits(page)
    screenshot(page, f"player-live-{viewport['width']}-{scheme}")
