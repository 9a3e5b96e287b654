"""What can go wrong with a broadcast from the page: refusals, firewalls, lost connections, other windows."""

import re

import pytest
from asking import wait_for
from broadcasting import (
    LONG, agent, browser, go_live, name, off_air, on_air, open_studio, state, stats, status, stop, studio,
    wait_until_sent,
)  # fmt: skip
from pages import answer, context, errors, expect, page, screenshot, tokens, unique
from relay import relaying
from webrtc import udp_port

__all__ = ["agent", "browser", "context", "errors", "name", "page", "studio", "tokens"]


@pytest.mark.parametrize(
    "code, answered, words",
    [
        ("conflict", 409, "Somebody else is live under this name"),
        ("unavailable", 503, "The server can't take your stream right now"),
        ("not-acceptable", 406, "The server can't use what this browser sends"),
        ("forbidden", 403, "You may not publish this stream"),
    ],
)
def test_refusals(studio, errors, code, answered, words):
    errors.allow("/api/webrtc/offer", answered)
    problem = {"type": f"urn:putlive:problem:{code}", "title": "No", "detail": "The reason is this."}
    answer(studio, "/api/webrtc/offer", problem, answered)
    studio.get_by_role("button", name="Go Live").click()
    expect(studio.get_by_role("alert").get_by_text(words)).to_be_visible()
    expect(state(studio)).to_have_text("Preview")
    expect(studio.get_by_role("button", name="Go Live")).to_be_enabled()
    studio.unroute_all()
    go_live(studio, unique("cast"))
    expect(studio.get_by_role("alert")).to_be_hidden()
    stop(studio)


def only(page, keep, *, instead=()):
    """Leaves of the answer's candidates those whose line matches `keep`, and adds others."""

    def change(route):
        answered = route.fetch()
        body = answered.json()
        lines = [one for one in body["sdp"].split("\r\n") if not one.startswith("a=candidate:") or re.search(keep, one)]
        where = next(index for index, line in enumerate(lines) if line.startswith("a=ice-pwd:"))
        body["sdp"] = "\r\n".join([*lines[:where], *instead, *lines[where:]])
        route.fulfill(response=answered, json=body)

    page.route("**/api/webrtc/offer", change)


def looked_for_udp(page, number=1):
    """Waits until the page knows whether UDP leads to the server, for the `number`th time."""
    page.wait_for_function(
        "number => probes.length >= number && probes.every(({ connectionState }) => connectionState === 'closed')",
        arg=number,
    )


SEEMS_BLOCKED = "UDP seems to be blocked here"


def block_udp(page, relay):
    """All that goes to the server by UDP goes to a relay that drops it."""
    relay.cut()

    def change(route):
        answered = route.fetch()
        body = answered.json()
        body["candidates"] = [re.sub(r"^((?:\S+ ){5})\d+", rf"\g<1>{relay.port}", one) for one in body["candidates"]]
        route.fulfill(response=answered, json=body)

    page.route("**/api/webrtc/probe", change)
    only(page, r" tcp .*passive")


def test_udp_is_blocked(page, agent, tokens, name):
    """The page says so before one goes live. It goes by TCP then, and says that, too."""
    with relaying(udp_port(agent)) as relay:
        block_udp(page, relay)
        open_studio(page, agent, tokens["streamer"])
        notes = page.get_by_role("alert")
        expect(notes.get_by_text(SEEMS_BLOCKED)).to_be_visible()
        expect(notes.get_by_text(f"UDP port {udp_port(agent)}")).to_be_visible()
        assert relay.up.count > 3
        expect(page.get_by_role("button", name="Go Live")).to_be_enabled()
        screenshot(page, "broadcast-udp")
        looked_for_udp(page)
        go_live(page, name)
        wait_until_sent(page)
        expect(notes.get_by_text("UDP is blocked here")).to_be_visible()
        expect(notes.get_by_text(SEEMS_BLOCKED)).to_be_hidden()
        screenshot(page, "broadcast-tcp")
        stop(page)
        expect(notes.get_by_text(SEEMS_BLOCKED)).to_be_visible()


@pytest.mark.parametrize("by", ["button", "online"])
def test_udp_is_blocked_no_more(page, agent, tokens, by):
    with relaying(udp_port(agent)) as relay:
        block_udp(page, relay)
        open_studio(page, agent, tokens["streamer"])
        note = page.get_by_role("alert").get_by_text(SEEMS_BLOCKED)
        expect(note).to_be_visible()
        page.unroute("**/api/webrtc/probe")
        if by == "button":
            page.get_by_role("button", name="Check again").click()
        else:
            page.evaluate("dispatchEvent(new Event('online'))")
        looked_for_udp(page, 2)
        expect(note).to_be_hidden()


def test_udp_is_free(studio, agent):
    """Nothing is said then, nothing is on air, and the server forgets it."""
    looked_for_udp(studio)
    expect(studio.get_by_role("alert")).to_be_hidden()
    assert agent.metrics()['putlive_webrtc_sessions_active{state="connecting"}'] == 0


def test_a_broadcast_by_udp_knows_better(page, agent, tokens, name):
    """The network is another one by now, and nobody has told the page."""
    with relaying(udp_port(agent)) as relay:
        block_udp(page, relay)
        open_studio(page, agent, tokens["streamer"])
        note = page.get_by_role("alert").get_by_text(SEEMS_BLOCKED)
        expect(note).to_be_visible()
        page.unroute("**/api/webrtc/offer")
        go_live(page, name)
        wait_until_sent(page)
        page.wait_for_timeout(1500)
        stop(page)
        expect(note).to_be_hidden()


@pytest.mark.parametrize("answered", [404, 429, 503, None])
def test_nobody_knows_of_udp(page, agent, tokens, errors, answered):
    """An older agent, too many requests, no answer at all: nothing is said of UDP, and the page works."""
    asked = []

    def refuse(route):
        asked.append(route)
        problem = {"type": "urn:putlive:problem:any", "title": "No", "detail": "No."}
        if answered is None:
            route.abort("connectionreset")
        else:
            route.fulfill(status=answered, json=problem, content_type="application/problem+json")

    errors.allow("/api/webrtc/probe", answered)
    page.route("**/api/webrtc/probe", refuse)
    with page.expect_request("**/api/webrtc/probe"):
        open_studio(page, agent, tokens["streamer"])
    wait_for(lambda: (page.wait_for_timeout(50), asked)[1], "the question")
    page.wait_for_timeout(200)
    expect(page.get_by_role("alert")).to_be_hidden()
    assert page.evaluate("probes.length") == 0
    go_live(page, unique("cast"))
    stop(page)
    errors.found = [one for one in errors.found if "ERR_CONNECTION_RESET" not in one]


def test_everything_is_blocked(studio, name):
    only(studio, r"(?!)", instead=["a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host"])
    studio.get_by_label("Stream name").fill(name)
    studio.get_by_role("button", name="Go Live").click()
    expect(state(studio)).to_have_text("Connecting")
    expect(studio.get_by_role("alert").get_by_text("The connection is blocked")).to_be_visible(timeout=LONG)
    screenshot(studio, "broadcast-blocked")
    expect(studio.get_by_role("button", name="Go Live")).to_be_enabled()


def test_cancelling_while_it_connects(studio, agent, name):
    only(studio, r"(?!)", instead=["a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host"])
    studio.get_by_label("Stream name").fill(name)
    with studio.expect_response("**/api/webrtc/offer"):
        studio.get_by_role("button", name="Go Live").click()
    with studio.expect_request("**/api/webrtc/stop"):
        studio.get_by_role("button", name="Cancel").click()
    expect(studio.get_by_role("button", name="Go Live")).to_be_enabled()
    expect(studio.get_by_role("alert")).to_be_hidden()
    off_air(agent, name)


def test_another_network(studio, agent, name):
    """The way to the server is asked for anew (ICE restart), over the same connection."""
    go_live(studio, name)
    wait_until_sent(studio)
    uptime = on_air(agent, name)["uptime_seconds"]
    with studio.expect_request("**/api/webrtc/offer") as sent:
        studio.evaluate("dispatchEvent(new Event('online'))")
    assert sent.value.post_data_json["broadcaster_id"]
    expect(state(studio)).to_have_text("Live")
    packets = stats(studio, "outbound-rtp")[0]["packetsSent"]
    wait_for(lambda: stats(studio, "outbound-rtp")[0]["packetsSent"] > packets + 20, "more packets")
    assert studio.evaluate("connections.length") == 1
    assert status(agent, name)["uptime_seconds"] >= uptime
    stop(studio)


def test_a_network_that_is_gone(studio, agent, name):
    """Nothing gets through any more, and nobody says so: the page finds out by itself and goes another way."""
    with relaying(udp_port(agent)) as relay:
        ways = [relay.port]

        def change(route):
            answered = route.fetch()
            body = answered.json()
            lines = [one for one in body["sdp"].split("\r\n") if not re.match("a=candidate:.* tcp ", one)]
            way = re.compile(r"(a=candidate:\S+ \d+ udp \d+ \S+) \d+ ", re.IGNORECASE)
            body["sdp"] = "\r\n".join(way.sub(rf"\1 {ways[-1]} ", one) for one in lines)
            route.fulfill(response=answered, json=body)

        studio.route("**/api/webrtc/offer", change)
        go_live(studio, name)
        wait_until_sent(studio)
        assert relay.up.count > 10
        on_air(agent, name)
        ways.append(udp_port(agent))
        with studio.expect_request("**/api/webrtc/offer", timeout=LONG) as sent:
            relay.cut()
        assert sent.value.post_data_json["broadcaster_id"]
        expect(state(studio)).to_have_text("Live")
        # Before the server had given it up: the broadcast is still the same.
        packets = stats(studio, "outbound-rtp")[0]["packetsSent"]
        wait_for(lambda: stats(studio, "outbound-rtp")[0]["packetsSent"] > packets + 20, "more packets")
        assert studio.evaluate("connections.length") == 1
        assert status(agent, name)["active"]
        stop(studio)


def test_a_connection_that_the_server_has_forgotten(studio, agent, name, tokens):
    """As after a restart of the server: a wholly new connection goes on with the stream."""
    go_live(studio, name)
    wait_until_sent(studio)
    broadcaster = {}
    studio.on("response", lambda one: "webrtc/offer" in one.url and broadcaster.update(one.json()))
    # The page's first answer is past: a restart tells the same id again.
    studio.evaluate("dispatchEvent(new Event('online'))")
    wait_for(lambda: (studio.wait_for_timeout(50), broadcaster)[1], "the broadcast's id")
    body = {"broadcaster_id": broadcaster["broadcaster_id"]}
    expect(state(studio)).to_have_text("Live")
    assert agent.api("POST", "/api/webrtc/stop", tokens["streamer"], json=body).status == 200
    studio.wait_for_function("() => connections.length === 2", timeout=LONG)
    expect(state(studio)).to_have_text("Live", timeout=LONG)
    wait_until_sent(studio)
    on_air(agent, name)
    stop(studio)


def test_an_answer_that_is_lost(studio, agent, name, errors, tokens):
    """The server has taken the offer and the page doesn't hear of it: the stream is still the page's own."""
    begun = []

    def lose_the_second(route):
        answered = route.fetch()
        begun.append(answered.json()["broadcaster_id"])
        if len(begun) == 2:
            route.abort("connectionreset")
        else:
            route.fulfill(response=answered)

    studio.route("**/api/webrtc/offer", lose_the_second)
    go_live(studio, name)
    wait_until_sent(studio)
    # Another window's broadcast is told from the page's own by its age.
    wait_for(lambda: status(agent, name)["uptime_seconds"] >= 4, "4 s on air")
    body = {"broadcaster_id": begun[0]}
    assert agent.api("POST", "/api/webrtc/stop", tokens["streamer"], json=body).status == 200
    wait_for(lambda: (studio.wait_for_timeout(50), len(begun))[1] == 3, "the third offer", seconds=LONG / 1000)
    expect(state(studio)).to_have_text("Live", timeout=LONG)
    expect(studio.get_by_role("alert")).to_be_hidden()
    wait_until_sent(studio)
    on_air(agent, name)
    stop(studio)
    errors.found = [one for one in errors.found if "ERR_CONNECTION_RESET" not in one]


def test_a_server_that_is_away_for_a_while(studio, agent, name, errors):
    go_live(studio, name)
    wait_until_sent(studio)
    studio.route("**/api/webrtc/offer", lambda route: route.abort("connectionrefused"))
    studio.evaluate("dispatchEvent(new Event('online'))")
    expect(state(studio)).to_have_text("Reconnecting")
    screenshot(studio, "broadcast-reconnecting")
    studio.unroute("**/api/webrtc/offer")
    expect(state(studio)).to_have_text("Live", timeout=LONG)
    stop(studio)
    errors.found = [one for one in errors.found if "ERR_CONNECTION_REFUSED" not in one]


def test_stopping_while_it_reconnects(studio, agent, name, errors):
    go_live(studio, name)
    studio.route("**/api/webrtc/offer", lambda route: route.abort("connectionrefused"))
    studio.evaluate("dispatchEvent(new Event('online'))")
    expect(state(studio)).to_have_text("Reconnecting")
    stop(studio)
    off_air(agent, name)
    studio.unroute("**/api/webrtc/offer")
    go_live(studio)
    stop(studio)
    errors.found = [one for one in errors.found if "ERR_CONNECTION_REFUSED" not in one]


def test_another_window_takes_the_stream(context, agent, tokens, errors, name):
    """The newer window has it; the older one says so and doesn't take it back."""
    errors.allow("/api/webrtc/(offer|stop)", 404)
    first, second = context().new_page(), context().new_page()
    for page in (first, second):
        open_studio(page, agent, tokens["streamer"])
    go_live(first, name)
    on_air(agent, name)
    # The older broadcast is told from the newer one by its age.
    wait_for(lambda: status(agent, name)["uptime_seconds"] >= 4, "4 s on air")
    go_live(second, name)
    expect(first.get_by_role("alert").get_by_text("The stream was taken over")).to_be_visible(timeout=LONG)
    expect(state(first)).to_have_text("Preview")
    expect(state(second)).to_have_text("Live")
    stop(second)


def test_leaving_the_page_ends_the_broadcast(studio, agent, name):
    go_live(studio, name)
    on_air(agent, name)
    studio.goto("/nothing.html")
    # Sooner than the server finds out by itself that nothing comes any more.
    wait_for(lambda: not status(agent, name)["active"], "the end", seconds=5)


def test_the_session_is_renewed_while_live_and_hidden(page, agent, name):
    """A broadcast goes on behind other windows for longer than a session."""
    account = agent.new_account("streamer")
    page.clock.install()
    open_studio(page, agent, account.token)
    go_live(page, name)
    page.evaluate("""() => {
        Object.defineProperty(document, 'hidden', { value: true });
        Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
        document.dispatchEvent(new Event('visibilitychange'));
    }""")
    with page.expect_response("**/api/auth/refresh") as renewed:
        page.clock.fast_forward("20:00:00")
    assert renewed.value.ok
    expect(state(page)).to_have_text("Live")
    stop(page)


HOSTILE = ["<img src=x onerror=hit()>", "\"><svg onload=hit()>", "</option><script>hit()</script>"]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_texts(page, agent, tokens, errors, text):
    """What the server says, or somebody has called something, is never read as HTML."""
    errors.allow("/api/webrtc/offer", 403)
    user = agent.api("GET", "/api/auth/me", tokens["streamer"]).json()["user"]
    preset = {"name": text, "width": 640, "height": 360, "fps": 30, "video_kbps": 500, "audio_kbps": 64}
    page.add_init_script("globalThis.hits = 0; globalThis.hit = () => { globalThis.hits += 1; };")
    answer(page, "/api/keys", {"keys": [{"stream": text, "user_id": user["id"], "status": "active"}], "total": 1})
    answer(page, "/api/webrtc/config", {"enabled": True, "default_quality": text, "presets": [preset]})
    answer(page, "/api/webrtc/offer", {"type": "urn:putlive:problem:forbidden", "detail": text}, 403)
    open_studio(page, agent, tokens["streamer"])
    expect(page.get_by_role("radio", name=text)).to_be_checked()
    expect(page.get_by_label("Stream name")).to_have_value(text)
    page.get_by_label("Stream name").fill("stream")
    page.get_by_role("button", name="Go Live").click()
    expect(page.get_by_role("alert").get_by_text(text)).to_be_visible()
    assert page.evaluate("hits") == 0
