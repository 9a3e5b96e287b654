"""Chromium with a camera that isn't there: it publishes over WHIP (RFC 9725) from a page with nothing else on it."""

import contextlib
import os

import pytest
from asking import PATIENCE
from pages import CHROMIUM, EMPTY_PAGE
from playwright.sync_api import sync_playwright

ARGUMENTS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]

# One broadcast: begun, moved to new credentials, measured, ended.
SCRIPT = r"""
class Broadcast {
    constructor(url, token, {port = null, tcp = false} = {}) {
        Object.assign(this, {url, token, port, tcp, states: [], peer: new RTCPeerConnection()});
        const began = performance.now();
        this.peer.onconnectionstatechange = () =>
            this.states.push([this.peer.connectionState, (performance.now() - began) / 1000]);
    }

    // What a test changes of the answer: the port, for a relay, and which transports there are.
    altered(lines) {
        return lines.split('\r\n')
            .filter(line => !(this.tcp && /^a=candidate:\S+ \d+ udp /i.test(line)))
            .map(line => this.port === null ? line
                : line.replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+ /i, `$1 ${this.port} `))
            .join('\r\n');
    }

    async ask(method, url, body, type, more = {}) {
        const headers = {Authorization: `Bearer ${this.token}`, ...more};
        if (type) { headers['Content-Type'] = type; }
        const response = await fetch(url, {method, body, headers});
        return {status: response.status, headers: response.headers, text: await response.text()};
    }

    async start(constraints) {
        this.media = await navigator.mediaDevices.getUserMedia(constraints);
        // The camera is open: now somebody goes live.
        this.wanted = Date.now();
        for (const track of this.media.getTracks()) {
            this.peer.addTransceiver(track, {direction: 'sendonly', streams: [this.media]});
        }
        await this.peer.setLocalDescription();
        await this.gathered();
        const answer = await this.ask('POST', this.url, this.peer.localDescription.sdp, 'application/sdp');
        if (answer.status !== 201) { throw new Error(`${answer.status} ${answer.text}`); }
        this.session = new URL(answer.headers.get('Location'), this.url).href;
        this.answer = this.altered(answer.text);
        await this.peer.setRemoteDescription({type: 'answer', sdp: this.answer});
    }

    // All candidates belong to the offer, for at most a second.
    gathered() {
        return new Promise(resolve => {
            const look = () => this.peer.iceGatheringState === 'complete' && resolve();
            this.peer.onicegatheringstatechange = look;
            setTimeout(resolve, 1000);
            look();
        });
    }

    // RFC 9725, section 4.3.2: new credentials and candidates go there, and new ones come back.
    async restart() {
        this.peer.restartIce();
        await this.peer.setLocalDescription();
        await this.gathered();
        const sent = this.peer.localDescription.sdp.split('\r\n');
        const wanted = /^(a=ice-ufrag:|a=ice-pwd:|a=ice-options:|a=candidate:|a=end-of-candidates)/;
        const first = sent.slice(0, sent.findIndex((line, index) =>
            line.startsWith('m=') && index > sent.findIndex(other => other.startsWith('m='))) || undefined);
        const media = first.find(line => line.startsWith('m='));
        const mid = first.find(line => line.startsWith('a=mid:'));
        const credentials = first.filter(line => /^a=ice-(ufrag|pwd):/.test(line));
        const rest = first.filter(line => wanted.test(line) && !/^a=ice-(ufrag|pwd):/.test(line));
        const fragment = [...credentials, media, mid, ...rest, ''].join('\r\n');
        const reply = await this.ask(
            'PATCH', this.session, fragment, 'application/trickle-ice-sdpfrag', {'If-Match': '*'});
        if (reply.status !== 200) { throw new Error(`${reply.status} ${reply.text}`); }
        const value = name => reply.text.match(new RegExp(`^a=${name}:(.*?)\r?$`, 'm'))[1];
        this.answer = this.answer
            .replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${value('ice-ufrag')}`)
            .replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${value('ice-pwd')}`)
            .replace(/\r\r/g, '\r');
        await this.peer.setRemoteDescription({type: 'answer', sdp: this.answer});
        return reply.headers.get('ETag');
    }

    async stats() {
        const all = [...(await this.peer.getStats()).values()];
        const of = (type, kind) => all.find(one => one.type === type && (!kind || one.kind === kind)) ?? {};
        const transport = of('transport');
        const pair = all.find(one => one.id === transport.selectedCandidatePairId) ?? {};
        const local = all.find(one => one.id === pair.localCandidateId) ?? {};
        const remote = all.find(one => one.id === pair.remoteCandidateId) ?? {};
        return {video: of('outbound-rtp', 'video'), audio: of('outbound-rtp', 'audio'), pair, local, remote,
                far: of('remote-inbound-rtp', 'video'), state: this.peer.connectionState};
    }

    async stop() {
        const answer = await this.ask('DELETE', this.session);
        this.close();
        return answer.status;
    }

    close() {
        this.peer.close();
        this.media.getTracks().forEach(track => track.stop());
    }
}
globalThis.Broadcast = Broadcast;
"""
CAMERA = {"video": {"width": 1280, "height": 720, "frameRate": 30}, "audio": True}
BEGIN = """async ([url, token, options, constraints]) => {
    globalThis.broadcast = new Broadcast(url, token, options);
    await broadcast.start(constraints);
}"""


@contextlib.contextmanager
def camera_browser(*more):
    """Chromium with a fake camera and a fake microphone, and no question before it uses them."""
    if not CHROMIUM:
        pytest.skip("there is no chromium")
    arguments = [*ARGUMENTS, *more, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Camera:
    """A page that broadcasts."""

    def __init__(self, browser, agent):
        self.context = browser.new_context(base_url=agent.url, permissions=["camera", "microphone"])
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        # Of the agent's origin, and without its policy.
        self.page.route("**/nothing.html", lambda route: route.fulfill(body=EMPTY_PAGE, content_type="text/html"))
        self.page.goto("/nothing.html")
        self.page.add_script_tag(content=SCRIPT)

    def begin(self, url, token, constraints=None, relay=None, **options):
        """Publishes; with a relay, through it."""
        if relay:
            options["port"] = relay.port
        self.page.evaluate(BEGIN, [url, token, options, constraints or CAMERA])

    def connected(self):
        """Waits for it; the seconds that it took."""
        self.page.wait_for_function("broadcast.states.some(([state]) => state === 'connected')")
        return self.page.evaluate("broadcast.states.find(([state]) => state === 'connected')[1]")

    def stats(self):
        return self.page.evaluate("broadcast.stats()")

    def restart(self):
        return self.page.evaluate("broadcast.restart()")

    def stop(self):
        return self.page.evaluate("broadcast.stop()")

    def close(self):
        self.context.close()
