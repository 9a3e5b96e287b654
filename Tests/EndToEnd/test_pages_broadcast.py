"""The page to go live from, before one does: who may, what it asks for, preview, the stream's name; and its looks."""

import re

import pytest
from broadcasting import (
    INSECURE_HOST, agent, browser, go_live, name, number, on_air, open_studio, refuse, state, stop, studio,
    wait_until_sent,
)  # fmt: skip
from pages import (
    DESKTOP, PHONE, SMALL_PHONE, answer, context, errors, expect, fits, log_in, page, screenshot, settle, sign_in,
    tokens,
)  # fmt: skip

__all__ = ["agent", "browser", "context", "errors", "name", "page", "studio", "tokens"]


def test_signing_in_leads_back_here(page, agent):
    page.goto("/broadcast.html")
    expect(page).to_have_url(re.compile(r"/login\.html\?next="))
    log_in(page, agent.admin_name, agent.admin_password)
    expect(page).to_have_url(f"{agent.url}/broadcast.html")
    expect(page.get_by_role("button", name="Go Live")).to_be_enabled()


def test_a_viewer_is_told_why_not(page, agent, tokens):
    open_studio(page, agent, tokens["viewer"], waits=False)
    expect(page.get_by_text("Your account may watch, but not stream")).to_be_visible()
    expect(page.get_by_role("button", name="Go Live")).to_have_count(0)
    screenshot(page, "broadcast-viewer")


def test_ways_to_this_page(page, agent, tokens):
    sign_in(page, agent, tokens["streamer"])
    page.goto("/dashboard.html#broadcast")
    panel = page.get_by_role("tabpanel", name="Broadcast")
    panel.get_by_role("link", name="Go Live").click()
    expect(page).to_have_url(f"{agent.url}/broadcast.html")
    page.goto("/")
    page.get_by_role("link", name="Go Live").click()
    expect(page).to_have_url(f"{agent.url}/broadcast.html")
    page.get_by_role("link", name="Dashboard").click()
    expect(page).to_have_url(f"{agent.url}/dashboard.html")


def test_a_viewer_sees_no_way_here(page, agent, tokens):
    sign_in(page, agent, tokens["viewer"])
    page.goto("/")
    expect(page.get_by_role("link", name="Dashboard")).to_be_visible()
    expect(page.get_by_role("link", name="Go Live")).to_have_count(0)


def test_preview_before_going_live(studio, agent):
    video = studio.get_by_label("Preview of your picture")
    studio.wait_for_function("() => document.querySelector('video').videoWidth > 0")
    assert video.evaluate("video => [video.muted, video.videoWidth, video.videoHeight]") == [True, 854, 480]
    expect(state(studio)).to_have_text("Preview")
    expect(studio.get_by_role("combobox", name="Camera").locator("option")).not_to_have_count(1)
    expect(studio.get_by_label("Stream name")).to_have_value("stream")
    expect(studio.get_by_role("radio", name="480p")).to_be_checked()
    # The microphone beeps.
    studio.wait_for_function("() => document.querySelector('meter').value > 0.1")
    assert studio.evaluate("connections.length") == 0


def test_https_is_needed(context, agent, tokens, errors):
    insecure = f"http://{INSECURE_HOST}:{agent.port}"
    page = context().new_page()
    sign_in(page, agent, tokens["streamer"])
    session = page.evaluate("localStorage.getItem('putlive.session')")
    page.goto(f"{insecure}/nothing.html")
    page.evaluate("text => localStorage.setItem('putlive.session', text)", session)
    page.goto(f"{insecure}/broadcast.html")
    expect(page.get_by_text("This page needs HTTPS")).to_be_visible()
    link = page.get_by_role("link", name="Open with HTTPS")
    expect(link).to_have_attribute("href", f"https://{INSECURE_HOST}/broadcast.html")
    screenshot(page, "broadcast-insecure")
    # Chromium warns of a policy that it ignores without HTTPS.
    errors.found = [one for one in errors.found if "Cross-Origin-Opener-Policy" not in one]


@pytest.mark.parametrize(
    "error, message, words",
    [
        ("NotAllowedError", "Permission denied", "This page may not use the camera and the microphone"),
        ("NotAllowedError", "Permission denied by system", "Your system blocks the camera and the microphone"),
        ("NotReadableError", "Could not start video source", "The camera can't be opened"),
        ("NotFoundError", "Requested device not found", "No camera was found"),
    ],
)
def test_no_access(page, agent, tokens, error, message, words):
    """Each reason has its words, and the way out works without loading the page again."""
    refuse(page, error, message)
    open_studio(page, agent, tokens["streamer"], waits=False)
    notes = page.get_by_role("alert")
    expect(notes.get_by_text(words)).to_be_visible()
    expect(page.get_by_role("button", name="Go Live")).to_be_disabled()
    screenshot(page, f"broadcast-{error}-{len(message)}")
    page.evaluate("refusing = false")
    notes.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_role("button", name="Go Live")).to_be_enabled()
    expect(notes.get_by_text(words)).to_be_hidden()


def test_no_camera_but_a_microphone(page, agent, tokens, name):
    """Sound alone is a broadcast, too."""
    refuse(page, "NotReadableError", kinds=["video"])
    open_studio(page, agent, tokens["streamer"])
    expect(page.get_by_text("Sound alone")).to_be_visible()
    expect(page.get_by_role("alert").get_by_text("The camera can't be opened")).to_be_visible()
    go_live(page, name)
    wait_until_sent(page, "audio")
    on_air(agent, name)
    stop(page)


def test_no_h264(page, agent, tokens):
    page.add_init_script("""for (const type of [RTCRtpSender, RTCRtpReceiver]) {
        const { getCapabilities } = type;
        type.getCapabilities = (kind) => {
            const found = getCapabilities.call(type, kind);
            return { ...found, codecs: found.codecs.filter(({ mimeType }) => mimeType !== 'video/H264') };
        };
    }""")
    open_studio(page, agent, tokens["streamer"])
    expect(page.get_by_role("alert").get_by_text("This browser can't send H.264")).to_be_visible()


def test_switched_off_on_the_server(page, agent, tokens, errors):
    errors.allow("/api/webrtc/config", 404)
    sign_in(page, agent, tokens["streamer"])
    answer(page, "/api/webrtc/config", {"type": "urn:putlive:problem:not-found", "detail": "It is off."}, 404)
    page.goto("/broadcast.html")
    expect(page.get_by_text("Going live from the browser is switched off")).to_be_visible()
    expect(page.get_by_role("link", name="Get a stream key")).to_be_visible()


@pytest.mark.parametrize("wrong", ["", "Big", "two words", "a_b", "x" * 65, "name?key="])
def test_a_wrong_name_is_not_sent(studio, wrong):
    studio.on("request", lambda one: pytest.fail("sent") if "/webrtc/offer" in one.url else None)
    field = studio.get_by_label("Stream name")
    field.fill(wrong)
    studio.get_by_role("button", name="Go Live").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(state(studio)).to_have_text("Preview")


def test_a_name_of_ones_own_keys_is_offered(page, agent, name):
    account = agent.new_account("streamer")
    agent.new_key(name, account.token)
    open_studio(page, agent, account.token)
    expect(page.get_by_label("Stream name")).to_have_value(name)
    assert page.evaluate("[...document.querySelectorAll('datalist option')].map(({ value }) => value)") == [name]


def test_a_pasted_key_is_kept_out_of_sight(studio, agent, tokens, name):
    key = agent.new_key(name, tokens["streamer"])["stream_key"]
    field = studio.get_by_label("Stream name")
    field.fill(key)
    expect(field).to_have_value(name)
    expect(studio.get_by_text("Uses the stream key that you pasted.")).to_be_visible()
    with studio.expect_request("**/api/webrtc/offer") as sent:
        go_live(studio)
    assert sent.value.post_data_json["stream_key"] == key
    stop(studio)
    assert key.partition("key=")[2] not in studio.content()
    studio.get_by_role("button", name="Forget the stream key").click()
    with studio.expect_request("**/api/webrtc/offer") as sent:
        go_live(studio)
    assert sent.value.post_data_json["stream_key"] == name
    stop(studio)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_looks(context, agent, tokens, name, scheme, viewport):
    page = context(viewport, color_scheme=scheme).new_page()
    open_studio(page, agent, tokens["streamer"])
    page.wait_for_function("() => document.querySelector('video').videoWidth > 0")
    screenshot(page, f"broadcast-{viewport['width']}-{scheme}")
    go_live(page, name)
    expect(number(page, "Frame rate")).to_have_text(re.compile("fps"))
    expect(number(page, "Packet loss")).to_have_text(re.compile("%"))
    screenshot(page, f"broadcast-live-{viewport['width']}-{scheme}")
    # What ends it is in sight wherever one has scrolled to.
    page.mouse.wheel(0, 2000)
    if viewport == PHONE:
        expect(page.get_by_role("button", name="Stop Broadcast")).to_be_in_viewport()
    stop(page)


@pytest.mark.parametrize("width", [SMALL_PHONE["width"], 768, 1024])
def test_nothing_sticks_out(context, agent, tokens, name, width):
    page = context({"width": width, "height": 740}).new_page()
    open_studio(page, agent, tokens["streamer"])
    assert fits(page)
    go_live(page, name)
    expect(number(page, "Frame rate")).to_have_text(re.compile("fps"))
    assert fits(page)
    stop(page)


def test_a_phone_on_its_side(context, agent, tokens, name):
    """The picture and what is at hand are seen together, and none covers the other."""
    size = {"width": 667, "height": 375}
    page = context(size).new_page()
    open_studio(page, agent, tokens["streamer"])
    page.wait_for_function("() => document.querySelector('video').videoWidth > 0")
    go_live(page, name)
    screenshot(page, "broadcast-live-landscape")
    assert fits(page)
    stage, bar = (page.locator(one).bounding_box() for one in (".studio-stage", ".studio-bar"))
    assert stage["y"] + stage["height"] <= size["height"] and bar["y"] + bar["height"] <= size["height"]
    assert stage["x"] + stage["width"] <= bar["x"]
    stop(page)


def test_by_keyboard_alone(studio, name):
    studio.get_by_label("Stream name").fill(name)
    studio.get_by_role("button", name="Go Live").focus()
    studio.keyboard.press("Enter")
    expect(state(studio)).to_have_text("Live")
    expect(studio.get_by_role("button", name="Stop Broadcast")).to_be_focused()
    studio.keyboard.press("Enter")
    expect(studio.get_by_role("button", name="Go Live")).to_be_focused()


def test_the_dashboard_shows_who_is_live(context, agent, tokens, name):
    page = context().new_page()
    open_studio(page, agent, tokens["streamer"])
    go_live(page, name)
    on_air(agent, name)
    other = context().new_page()
    sign_in(other, agent, tokens["admin"])
    other.goto("/dashboard.html#broadcast")
    expect(other.get_by_role("row", name=name)).to_be_visible()
    settle(other)
    screenshot(other, "broadcast-tab")
    stop(page)
