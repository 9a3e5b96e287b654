"""Broadcasting from the page: going live, switching while live, the numbers, the end."""

import re

import pytest
from asking import wait_for
from broadcasting import (
    agent, browser, go_live, name, number, off_air, on_air, open_studio, refuse, sender, state, stats, stop, studio,
    wait_until_sent,
)  # fmt: skip
from pages import context, errors, expect, page, screenshot, tokens

__all__ = ["agent", "browser", "context", "errors", "name", "page", "studio", "tokens"]

PRESETS = {"360p": (640, 360), "480p": (854, 480), "720p": (1280, 720)}


def test_going_live_and_stopping(studio, agent, name):
    with studio.expect_request("**/api/webrtc/offer") as sent:
        go_live(studio, name)
    offer = sent.value.post_data_json
    assert offer["type"] == "offer" and "broadcaster_id" not in offer
    assert offer["stream_key"] == name
    # H.264 in packets that fit comes first, VP8 is what is left without it.
    (video,) = [one for one in re.split(r"^(?=m=)", offer["sdp"], flags=re.MULTILINE) if one.startswith("m=video")]
    types = re.findall(r"^a=rtpmap:(\d+) (\w+)", video, re.MULTILINE)
    assert types[0][1] == "H264" and "VP8" in dict(types).values()
    assert {codec for _, codec in types} == {"H264", "VP8", "rtx"}
    assert re.search(rf"a=fmtp:{types[0][0]} .*packetization-mode=1", video)
    assert video.startswith(f"m=video 9 UDP/TLS/RTP/SAVPF {types[0][0]} ")

    assert on_air(agent, name)["stream_name"] == name
    wait_until_sent(studio)
    expect(studio).to_have_title(f"● {name} is live · PutLive")
    expect(studio.get_by_label("Stream name")).to_be_disabled()
    expect(studio.get_by_label("Watch page", exact=True)).to_have_value(f"{agent.url}/?stream={name}")
    expect(studio.get_by_role("button", name="Go Live")).to_be_hidden()
    stop(studio)
    expect(studio.get_by_text("You were live for")).to_be_visible()
    expect(state(studio)).to_have_text("Preview")
    off_air(agent, name)
    assert studio.evaluate("connections.map(({ connectionState }) => connectionState)") == ["closed"]
    # And once more.
    go_live(studio)
    on_air(agent, name)
    stop(studio)


def test_live_numbers(studio, name):
    go_live(studio, name)
    patterns = {
        "On air for": r"0:(0[1-9]|\d\d)", "Viewers": r"\d+", "Bit rate": r"[\d.,]+ [kM]?bit/s",
        "Resolution": r"\d+ × \d+", "Frame rate": r"[1-9]\d* fps", "Packet loss": r"[\d.,]+ %",
        "Round trip": r"(< 1|\d+) ms",
    }  # fmt: skip
    for title, pattern in patterns.items():
        expect(number(studio, title)).to_have_text(re.compile(f"^{pattern}$"))
    (video,) = [one for one in stats(studio, "outbound-rtp") if one["kind"] == "video"]
    expect(number(studio, "Resolution")).to_have_text(re.compile(rf"^\d+ × \d+$"))
    assert video["frameWidth"] <= 854
    stop(studio)
    expect(studio.get_by_role("region", name="Live numbers")).to_be_hidden()


@pytest.mark.parametrize("quality", PRESETS)
def test_quality(studio, agent, tokens, name, quality):
    """A preset sets the camera's resolution and the encoder's bit rate, before and while live."""
    config = agent.api("GET", "/api/webrtc/config", tokens["streamer"]).json()
    rates = {one["name"]: one["video_kbps"] * 1000 for one in config["presets"]}
    assert set(rates) == set(PRESETS)
    other = "360p" if quality != "360p" else "720p"
    studio.get_by_role("radio", name=quality).check()
    go_live(studio, name)

    def check(wanted):
        size = wait_for(
            lambda: (
                (now := sender(studio, "video"))
                and (now["settings"]["width"], now["settings"]["height"]) == PRESETS[wanted]
                and now["encoding"]["maxBitrate"] == rates[wanted] and now
            ),
            f"{wanted} is sent",
        )  # fmt: skip
        assert size["encoding"]["scaleResolutionDownBy"] == 1
        expect(studio.get_by_role("radio", name=wanted)).to_be_checked()

    check(quality)
    track = sender(studio, "video")["id"]
    studio.get_by_role("radio", name=other).check()
    check(other)
    # Of the same camera, which wasn't opened again, over the same connection.
    assert sender(studio, "video")["id"] == track
    assert studio.evaluate("connections.length") == 1
    expect(state(studio)).to_have_text("Live")
    stop(studio)


def test_a_quality_is_remembered(studio, agent):
    studio.get_by_role("radio", name="360p").check()
    studio.reload()
    expect(studio.get_by_role("radio", name="360p")).to_be_checked()


def test_switching_devices_while_live(context, agent, tokens, name):
    page = context().new_page()
    open_studio(page, agent, tokens["streamer"])
    go_live(page, name)
    wait_until_sent(page)
    for kind, label in (("video", "Camera"), ("audio", "Microphone")):
        choice = page.get_by_role("combobox", name=label)
        before = sender(page, kind)
        choice.select_option(label=f"No {label.lower()}")
        wait_for(lambda: sender(page, kind)["id"] is None, f"no {label}")
        choice.select_option(index=0)
        wait_for(lambda: sender(page, kind)["readyState"] == "live", f"{label} again")
        assert sender(page, kind)["id"] != before["id"]
    # Several microphones are there to choose from.
    microphones = page.get_by_role("combobox", name="Microphone")
    names = microphones.locator("option").all_inner_texts()
    microphones.select_option(label=names[1])
    wait_for(lambda: sender(page, "audio")["label"] == names[1], names[1])
    assert page.evaluate("connections.length") == 1
    assert sender(page, "audio")["settings"]["echoCancellation"] is not False
    expect(state(page)).to_have_text("Live")
    stop(page)


def test_muting(studio, name):
    go_live(studio, name)
    studio.get_by_role("button", name="Mute", exact=True).click()
    assert sender(studio, "audio")["enabled"] is False
    studio.get_by_role("button", name="Unmute").click()
    assert sender(studio, "audio")["enabled"] is True
    stop(studio)


def test_sharing_the_screen_while_live(studio, agent, name):
    go_live(studio, name)
    wait_until_sent(studio)
    camera = sender(studio, "video")
    assert (camera["contentHint"], camera["degradationPreference"]) == ("motion", "maintain-framerate")
    studio.get_by_role("radio", name="Screen").check()
    wait_for(lambda: sender(studio, "video")["contentHint"] == "detail", "the screen is sent")
    screen = wait_for(
        lambda: (one := sender(studio, "video"))["degradationPreference"] == "maintain-resolution" and one,
        "the screen's pixels are kept",
    )
    assert screen["id"] != camera["id"]
    screenshot(studio, "broadcast-screen")
    # As by "Stop sharing" of the browser: it goes back to the camera.
    studio.evaluate("""() => {
        const { track } = connections.at(-1).getTransceivers()[0].sender;
        track.stop();
        track.dispatchEvent(new Event('ended'));
    }""")
    wait_for(lambda: sender(studio, "video")["contentHint"] == "motion", "the camera is sent")
    expect(studio.get_by_role("radio", name="Camera", exact=True)).to_be_checked()
    # And by the page itself.
    studio.get_by_role("radio", name="Screen").check()
    wait_for(lambda: sender(studio, "video")["contentHint"] == "detail", "the screen is sent")
    studio.get_by_role("radio", name="Camera", exact=True).check()
    wait_for(lambda: sender(studio, "video")["contentHint"] == "motion", "the camera is sent")
    assert studio.evaluate("connections.length") == 1
    expect(state(studio)).to_have_text("Live")
    stop(studio)


def test_the_sound_of_a_screen_is_mixed_with_the_microphone(page, agent, tokens, name):
    page.add_init_script("""MediaDevices.prototype.getDisplayMedia = async () => {
        const canvas = document.createElement('canvas');
        canvas.getContext('2d');
        const context = new AudioContext();
        const sound = context.createMediaStreamDestination();
        const tone = new OscillatorNode(context);
        tone.connect(sound);
        tone.start();
        return new MediaStream([...canvas.captureStream(10).getTracks(), ...sound.stream.getTracks()]);
    };""")
    open_studio(page, agent, tokens["streamer"])
    go_live(page, name)
    microphone = sender(page, "audio")["id"]
    page.get_by_role("button", name="Mute", exact=True).click()
    page.get_by_role("radio", name="Screen").check()
    wait_for(lambda: sender(page, "audio")["id"] != microphone, "the mix is sent")
    level = """async () => Math.max(0, ...[...(await connections.at(-1).getStats()).values()]
        .filter(({ type, kind }) => type === 'media-source' && kind === 'audio').map((one) => one.audioLevel))"""
    # The screen is heard, though the microphone is muted.
    wait_for(lambda: page.evaluate(level) > 0.1, "the tone")
    page.get_by_role("radio", name="Camera", exact=True).check()
    wait_for(lambda: sender(page, "audio")["id"] == microphone, "the microphone alone is sent")
    stop(page)


def test_calling_off_the_choice_of_a_screen(page, agent, tokens):
    refuse(page, "NotAllowedError", "Permission denied by user", method="getDisplayMedia")
    open_studio(page, agent, tokens["streamer"])
    page.get_by_role("radio", name="Screen").click()
    expect(page.get_by_role("radio", name="Camera", exact=True)).to_be_checked()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_phone_without_screens_to_share(page, agent, tokens):
    page.add_init_script("delete MediaDevices.prototype.getDisplayMedia")
    open_studio(page, agent, tokens["streamer"])
    expect(page.get_by_role("radio", name="Screen")).to_have_count(0)


def test_a_camera_that_is_unplugged(studio, name):
    """Another one takes over, if there is one."""
    go_live(studio, name)
    before = sender(studio, "video")["id"]
    studio.evaluate("""() => {
        const { track } = connections.at(-1).getTransceivers()[0].sender;
        track.stop();
        track.dispatchEvent(new Event('ended'));
    }""")
    wait_for(lambda: (now := sender(studio, "video"))["id"] != before and now["readyState"] == "live", "a camera")
    expect(state(studio)).to_have_text("Live")
    stop(studio)


def test_the_screen_stays_on(page, agent, tokens, name):
    page.add_init_script("""
        globalThis.held = 0;
        WakeLock.prototype.request = async () => {
            held += 1;
            const lock = new EventTarget();
            lock.release = async () => { held -= 1; };
            return lock;
        };
    """)
    open_studio(page, agent, tokens["streamer"])
    assert page.evaluate("held") == 0
    go_live(page, name)
    assert page.evaluate("held") == 1
    stop(page)
    page.wait_for_function("() => held === 0")


def test_numbers_of_what_webrtc_counts(page):
    """Rates are of the last second, loss is of the last five; a new connection begins anew."""
    page.goto("/login.html")
    found = page.evaluate("""async () => {
        const { Statistics } = await import('/assets/js/broadcast/statistics.js');
        const statistics = new Statistics();
        const read = (second, { bytes, packets, lost, protocol = 'udp' }) => statistics.read(new Map([
            ['v', { id: 'v', type: 'outbound-rtp', kind: 'video', bytesSent: bytes, packetsSent: packets,
                framesPerSecond: 25, frameWidth: 854, frameHeight: 480, qualityLimitationReason: 'none' }],
            ['r', { id: 'r', type: 'remote-inbound-rtp', kind: 'video', packetsLost: lost, roundTripTime: 0.04 }],
            ['t', { id: 't', type: 'transport', selectedCandidatePairId: 'p' }],
            ['p', { id: 'p', type: 'candidate-pair', localCandidateId: 'l', currentRoundTripTime: 0.03 }],
            ['l', { id: 'l', type: 'local-candidate', protocol }],
        ]), second * 1000);
        return [
            read(0, { bytes: 0, packets: 0, lost: 0 }), read(1, { bytes: 125_000, packets: 100, lost: 5 }),
            read(2, { bytes: 375_000, packets: 200, lost: 5 }), read(9, { bytes: 375_000, packets: 400, lost: 5 }),
            read(10, { bytes: 1_000, packets: 10, lost: 0, protocol: 'tcp' }),
            read(11, { bytes: 2_000, packets: 20, lost: 1, protocol: 'tcp' }),
        ];
    }""")
    picture = {"width": 854, "height": 480, "fps": 25, "roundTripSeconds": 0.04, "limitation": "none"}
    assert all(one | picture == one for one in found)
    assert [one.get("bitsPerSecond") for one in found] == [None, 1_000_000, 2_000_000, 0, None, 8_000]
    assert [one.get("loss") for one in found] == [None, 0.05, 0.025, None, None, 0.1]
    assert [one["isTCP"] for one in found] == [False, False, False, False, True, True]
