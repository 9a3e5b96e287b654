"""What the tests of the broadcast page share: a browser with a camera of its own, and the ways on the page."""

import pytest
from agent import PATIENCE, running
from asking import wait_for
from cameras import camera_browser
from pages import expect, sign_in, unique
from webrtc import settings

# A lost connection is noticed after some seconds, and mended in some more.
LONG = 2 * PATIENCE * 1000
# A name that no address is looked up for: plain HTTP, and no loopback address to the browser.
INSECURE_HOST = "putlive.test"

# Remembers the connections that the page makes for media: the newest is the last. The others are `probes`.
KEEP_CONNECTIONS = """
globalThis.connections = [];
globalThis.probes = [];
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    addTransceiver(...all) {
        if (!connections.includes(this)) { connections.push(this); }
        return super.addTransceiver(...all);
    }
    createDataChannel(...all) { probes.push(this); return super.createDataChannel(...all); }
};
"""
STATS = """async (type) => [...(await connections.at(-1).getStats()).values()]
    .filter((one) => one.type === type).map((one) => ({ ...one }))"""


@pytest.fixture(scope="module")
def browser():
    """As pages.browser, with a camera and a microphone."""
    with camera_browser(f"--host-resolver-rules=MAP {INSECURE_HOST} 127.0.0.1") as running:
        yield running


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    """With WebRTC on ports of its own."""
    with running(tmp_path_factory.mktemp("agent"), settings()) as one:
        yield one


@pytest.fixture
def studio(page, agent, tokens):
    """The page of a streamer, with its preview."""
    open_studio(page, agent, tokens["streamer"])
    return page


@pytest.fixture
def name():
    """A stream that no other test uses."""
    return unique("cast")


def open_studio(page, agent, token, waits=True):
    """Opens the page as somebody who is logged in, up to the preview."""
    page.add_init_script(KEEP_CONNECTIONS)
    sign_in(page, agent, token)
    page.goto("/broadcast.html")
    if waits:
        expect(page.get_by_role("button", name="Go Live")).to_be_enabled()


def state(page):
    """The word that tells whether one is on air."""
    return page.get_by_role("region", name="Preview").get_by_role("status")


def go_live(page, stream=None):
    if stream is not None:
        page.get_by_label("Stream name").fill(stream)
    page.get_by_role("button", name="Go Live").click()
    expect(state(page)).to_have_text("Live")


def stop(page):
    page.get_by_role("button", name="Stop Broadcast").click()
    expect(page.get_by_role("button", name="Go Live")).to_be_enabled()


def number(page, name):
    """One of the live numbers, by its title."""
    return page.locator(".numbers > div", has_text=name).locator("dd")


def status(agent, stream):
    """What the agent says of a stream."""
    answer = agent.api("GET", f"/api/stream/status?stream={stream}", agent.token)
    assert answer.status == 200, answer.text
    return answer.json()


def on_air(agent, stream):
    """Waits until a stream is on air; its status."""
    return wait_for(lambda: (one := status(agent, stream))["active"] and one, f"{stream} on air")


def off_air(agent, stream):
    wait_for(lambda: not status(agent, stream)["active"], f"{stream} off air")


def wait_until_sent(page, kind="video"):
    """Waits until frames or sound have left the browser."""
    page.wait_for_function(
        f"""async (kind) => [...(await connections.at(-1).getStats()).values()]
            .some((one) => one.type === 'outbound-rtp' && one.kind === kind && one.packetsSent > 10)""",
        arg=kind,
    )


def stats(page, type):
    """Of the newest connection: the rows of a type (W3C webrtc-stats)."""
    return page.evaluate(STATS, type)


def sender(page, kind):
    """What the newest connection sends of a kind: its track, its settings and its encoding."""
    return page.evaluate(
        """(kind) => {
            const [sender] = connections.at(-1).getTransceivers().filter((one) => one.receiver.track.kind === kind)
                .map((one) => one.sender);
            const { encodings, degradationPreference } = sender.getParameters();
            const { id, label, readyState, enabled, contentHint } = sender.track ?? {};
            return { id, label, readyState, enabled, contentHint, degradationPreference, encoding: { ...encodings[0] },
                settings: sender.track?.getSettings() };
        }""",
        kind,
    )


def refuse(page, error, message="", kinds=("video", "audio"), method="getUserMedia"):
    """Has the browser refuse devices, or the screen, with an error of this name, while `refusing` is true."""
    page.add_init_script(
        f"""globalThis.refusing = true;
        const given = MediaDevices.prototype.{method};
        MediaDevices.prototype.{method} = async function (wanted) {{
            if (refusing && {list(kinds)}.some((kind) => wanted[kind])) {{
                throw new DOMException({message!r}, {error!r});
            }}
            return given.call(this, wanted);
        }};"""
    )
