"""Going on air by WHIP (RFC 9725) and by /api/webrtc: answers, errors, who may, take-over. Offers without peers."""

import concurrent.futures
import random
import time

import pytest
from agent import running
from asking import done, is_problem, wait_for
from offers import attributes, offer
from webrtc import FRAGMENT, SDP, delete, key_for, on_air, patch, post, settings, udp_port

# Chromium's and Firefox's own.
ANSWERED = ("a=ice-lite", "a=rtcp-mux", "a=recvonly", "a=setup:passive")


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    with running(tmp_path_factory.mktemp("signalling"), settings()) as one:
        yield one


@pytest.fixture
def name(request):
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in request.node.name.lower())[-60:].strip("-")


@pytest.fixture
def begin(agent):
    """A function that goes on air by WHIP; all of it ends after the test."""
    begun = []

    def start(stream, token=None, text=None):
        answer = post(agent, stream, token or agent.token, text or offer())
        if answer.status == 201:
            begun.append(answer)
        return answer

    yield start
    for answer in begun:
        assert delete(agent, answer, agent.token).status in (200, 404)


def test_an_offer_is_answered(agent, begin, name):
    answer = begin(name, key_for(agent, name))
    assert answer.status == 201, answer.text
    assert answer.headers["Content-Type"].partition(";")[0] == SDP
    assert answer.headers["Location"].startswith("/whip/session/")
    assert answer.headers["ETag"].startswith('"') and answer.headers["ETag"].endswith('"')
    assert all(line in answer.text for line in ANSWERED), answer.text
    candidates = attributes(answer.text, "candidate")
    udp = [one for one in candidates if one.split()[2].lower() == "udp"]
    tcp = [one for one in candidates if one.split()[2].lower() == "tcp"]
    assert any(one.split()[4:6] == ["127.0.0.1", str(udp_port(agent))] for one in udp), candidates
    assert tcp and all("tcptype passive" in one for one in tcp), candidates
    assert attributes(answer.text, "mid") == ["0", "1"]
    assert [line for line in answer.text.splitlines() if line.startswith("m=") and " 0 " in line] == []


def test_h264_is_preferred_and_vp8_is_left_out(agent, begin, name):
    answer = begin(name, text=offer(video=("vp8", "h264")))
    assert answer.status == 201, answer.text
    codecs = [value.split()[1] for value in attributes(answer.text, "rtpmap")]
    assert "H264/90000" in codecs and "opus/48000/2" in codecs and "VP8/90000" not in codecs


def test_what_is_not_understood_is_left_out_of_the_answer(agent, begin, name):
    channel = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=mid:2", "a=sctp-port:5000"]
    answer = begin(name, text=offer() + "".join(line + "\r\n" for line in channel))
    assert answer.status == 201, answer.text
    assert "m=application 0 " in answer.text


def test_it_ends_by_delete(agent, begin, name):
    answer = begin(name)
    assert answer.status == 201
    assert delete(agent, answer, agent.token).status == 200
    wait_for(lambda: not on_air(agent, name), "the end")
    is_problem(delete(agent, answer, agent.token), 404, "not-found")


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_nobody_else_ends_or_changes_it(agent, begin, name, method):
    answer = begin(name, key_for(agent, name))
    other = agent.new_account("streamer")
    headers = {"Content-Type": FRAGMENT, "If-Match": "*"} if method == "PATCH" else {}
    body = b"a=ice-ufrag:abcd\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\n" if method == "PATCH" else None
    for token, status in ((None, 401), ("forged", 401), (other.token, 403), (key_for(agent, "other"), 401)):
        given = agent.api(method, answer.headers["Location"], token, data=body, headers=headers)
        assert given.status in (status, 403), (token, given.status, given.text)
    assert delete(agent, answer, agent.token).status == 200


def test_a_show_may_outlast_its_key(agent, begin, name):
    key = agent.new_key(name, expires_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3)))
    token = key["stream_key"].partition("key=")[2]
    answer = begin(name, token)
    assert answer.status == 201
    path = f"/api/keys/{key['id']}"
    wait_for(lambda: agent.api("GET", path, agent.token).json()["status"] == "expired", "the key to expire")
    is_problem(post(agent, name, token, offer()), 401, "unauthorized")
    assert patch(agent, answer, token, fragment("newufrag", "b" * 24), "*").status == 200
    assert delete(agent, answer, token).status == 200
    wait_for(lambda: not on_air(agent, name), "the end")


# Who may.


def test_no_token(agent, name):
    problem = post(agent, name, None, offer())
    is_problem(problem, 401, "unauthorized")


@pytest.mark.parametrize("shown", ["forged", "eyJhbGciOiJIUzI1NiJ9.e30.x", "a.b.c", "\u00e9"])
def test_a_bad_token(agent, name, shown):
    is_problem(post(agent, name, shown.encode("utf-8").decode("latin-1"), offer()), 401, "unauthorized")


def test_a_key_of_another_stream(agent, name):
    is_problem(post(agent, name, key_for(agent, "another"), offer()), 401, "unauthorized")


def test_a_key_as_the_dashboard_shows_it(agent, begin, name):
    """OBS's stream key for RTMP, pasted into its field for a bearer token."""
    key = agent.new_key(name)["stream_key"]
    answer = begin(name, key)
    assert answer.status == 201, answer.text
    assert delete(agent, answer, key).status == 200
    assert begin(name, key[len(name) :]).status == 201
    is_problem(post(agent, f"{name}-2", key, offer()), 401, "unauthorized")
    is_problem(post(agent, name, "another" + key[len(name) :], offer()), 401, "unauthorized")


def test_a_revoked_key(agent, name):
    key = agent.new_key(name)
    assert agent.api("DELETE", f"/api/keys/{key['id']}", agent.token).status == 200
    token = key["stream_key"].partition("key=")[2]
    is_problem(post(agent, name, token, offer()), 401, "unauthorized")


@pytest.mark.parametrize("command", ["key revoke", "user disable", "user remove"])
def test_a_right_that_is_taken_away_beside_the_agent(agent, name, command):
    streamer = agent.new_account("streamer")
    key = agent.new_key(name, streamer.token)
    assert post(agent, name, key["stream_key"].partition("key=")[2], offer()).status == 201
    done(agent.command(*command.split(), key["id"] if "key" in command else streamer.name))
    # A session that never connects ends by itself as well, later and without this line.
    wait_for(lambda: not on_air(agent, name), "the end")
    (line,) = [line for line in agent.log_lines("publisher_ended") if line["stream"] == name]
    assert line["source"] == "webrtc"


def test_roles(agent, begin, name):
    assert begin(name, agent.new_account("streamer").token).status == 201
    is_problem(post(agent, f"{name}-2", agent.new_account("viewer").token, offer()), 403, "forbidden")


# Errors.


@pytest.mark.parametrize("stream", ["UPPER", "a_b", "a.b", "x" * 65, "%2e%2e", "a%20b"])
def test_a_name_that_is_none(agent, stream):
    assert post(agent, stream, agent.token, offer()).status == 404


@pytest.mark.parametrize("kind", [None, "text/plain", "application/json", FRAGMENT])
def test_another_media_type(agent, name, kind):
    answer = post(agent, name, agent.token, offer(), kind)
    is_problem(answer, 415, "unsupported-media-type")
    assert answer.headers["Accept-Post"] == SDP


@pytest.mark.parametrize(
    "text", ["", "hello", "v=0\r\n", "v=1\r\n" + offer()[5:], '{"sdp":"v=0"}', "\0" * 100, "v=0\r\n" + "a=x\r\n" * 5000]
)
def test_no_sdp(agent, name, text):
    is_problem(post(agent, name, agent.token, text), 400, "bad-request")
    assert not on_air(agent, name)


def test_too_much(agent, name):
    text = offer() + "a=" + "x" * (2 << 20) + "\r\n"
    assert post(agent, name, agent.token, text).status in (400, 413)


@pytest.mark.parametrize(
    "made, word",
    [
        (dict(video=("av1",), audio=()), "codec"),
        (dict(video=(), audio=("g711",)), "codec"),
        (dict(video=(), audio=()), ""),
        (dict(direction="recvonly"), ""),
        (dict(extra=["a=rid:h send", "a=rid:l send", "a=simulcast:send h;l"]), "simulcast"),
    ],
)
def test_nothing_in_common(agent, name, made, word):
    problem = is_problem(post(agent, name, agent.token, offer(**made)), 406, "not-acceptable")
    assert word in problem["detail"].lower()
    assert not on_air(agent, name)


def test_garbled_offers_are_refused(agent, name):
    """Whatever becomes of an offer on its way: an answer or a problem, and no crash."""
    chance, text, seen = random.Random(7), offer(), set()
    for _ in range(150):
        garbled = bytearray(text.encode())
        for _ in range(chance.randrange(1, 12)):
            place = chance.randrange(len(garbled))
            match chance.randrange(3):
                case 0:
                    garbled[place] = chance.randrange(256)
                case 1:
                    del garbled[place : place + chance.randrange(1, 60)]
                case _:
                    garbled[place:place] = garbled[: chance.randrange(200)]
        answer = post(agent, name, agent.token, bytes(garbled))
        seen.add(answer.status)
        assert answer.status in (201, 400, 406), answer.text
        if answer.status == 201:
            assert delete(agent, answer, agent.token).status == 200
    assert seen >= {201, 400}
    assert agent.process.poll() is None


# OPTIONS.


def test_what_the_endpoint_takes(agent, name):
    """As GStreamer's whipsink asks before it offers anything; who asks isn't looked at."""
    for token in (None, "forged", key_for(agent, name)):
        answer = agent.api("OPTIONS", f"/whip/{name}", token)
        assert (answer.status, answer.headers["Allow"], answer.headers["Accept-Post"]) == (204, "OPTIONS, POST", SDP)
        assert answer.body == b"" and "Link" not in answer.headers
    is_problem(agent.api("OPTIONS", "/whip/No_Name", agent.token), 404, "not-found")
    # Kept for what is to come (RFC 9725, section 4.2).
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        refused = agent.api(method, f"/whip/{name}", agent.token)
        is_problem(refused, 405, "method-not-allowed")
        assert refused.headers["Allow"] == "OPTIONS, POST"


def test_a_preflight(start_agent):
    """Of a page of another site that the config allows."""
    allowed = {"security__cors__enabled": "true", "security__cors__allowed_origins": "https://studio.example.org"}
    agent = start_agent(settings(**allowed))
    for path, accepted in (("/whip/show", SDP), ("/whip/session/any", None)):
        headers = {"Origin": "https://studio.example.org", "Access-Control-Request-Method": "POST"}
        answer = agent.api("OPTIONS", path, headers=headers)
        assert answer.status == 204 and answer.headers["Accept-Post"] == accepted
        assert answer.headers["Access-Control-Allow-Origin"] == headers["Origin"]
        assert {"POST", "PATCH", "DELETE"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
        headers["Origin"] = "https://elsewhere.example.org"
        is_problem(agent.api("OPTIONS", path, headers=headers), 403, "forbidden")


# One stream, one publisher.


def test_another_publisher_has_to_wait(agent, begin, name):
    key = key_for(agent, name)
    first = begin(name, key)
    assert first.status == 201
    is_problem(post(agent, name, agent.token, offer()), 409, "conflict")
    is_problem(post(agent, name, key_for(agent, name), offer()), 409, "conflict")
    assert delete(agent, first, key).status == 200
    wait_for(lambda: begin(name).status == 201, "the name to be free")


@pytest.mark.parametrize("by", ["key", "login"])
def test_an_offer_takes_nothing_over(agent, begin, name, by):
    """Whoever is on air goes on until the same publisher's next connection stands."""
    token = key_for(agent, name) if by == "key" else agent.new_account("streamer").token
    first = begin(name, token)
    assert first.status == 201
    second = begin(name, token)
    assert second.status == 201 and second.headers["Location"] != first.headers["Location"]
    assert delete(agent, second, token).status == 200
    assert on_air(agent, name)
    assert delete(agent, first, token).status == 200
    assert not on_air(agent, name)


def test_two_at_once(agent, begin, name):
    """Of two publishers at the same instant, one is on air."""
    keys = [key_for(agent, name) for _ in range(8)]
    with concurrent.futures.ThreadPoolExecutor(len(keys)) as pool:
        statuses = sorted(answer.status for answer in pool.map(lambda key: begin(name, key), keys))
    assert statuses == [201] + [409] * (len(keys) - 1)


def test_no_more_than_allowed(start_agent):
    agent = start_agent(settings(streaming__max_concurrent_streams=2))
    answers = [post(agent, name, agent.token, offer()) for name in ("one", "two")]
    assert [answer.status for answer in answers] == [201, 201]
    refused = post(agent, "three", agent.token, offer())
    is_problem(refused, 503, "unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    assert delete(agent, answers[0], agent.token).status == 200
    wait_for(lambda: post(agent, "three", agent.token, offer()).status == 201, "room")


def test_an_offer_that_nobody_follows_up(start_agent):
    """It doesn't hold its name for ever."""
    agent = start_agent(settings())
    assert post(agent, "silent", key_for(agent, "silent"), offer()).status == 201
    wait_for(lambda: post(agent, "silent", agent.token, offer()).status == 201, "the name to be free", 60)


def test_it_may_be_off(start_agent):
    agent = start_agent(settings(streaming__webrtc__enabled="false"))
    is_problem(post(agent, "show", agent.token, offer()), 404, "not-found")
    is_problem(agent.api("OPTIONS", "/whip/show"), 404, "not-found")
    body = {"sdp": offer(), "type": "offer", "stream_key": "show"}
    is_problem(agent.api("POST", "/api/webrtc/offer", agent.token, json=body), 404, "not-found")


def test_ice_servers_are_told(start_agent):
    agent = start_agent(settings(), start=False)
    servers = [
        {"urls": ["stun:stun.example.org:3478"]},
        {"urls": ["turn:turn.example.org"], "username": "user", "credential": "a-credential"},
    ]
    streaming = agent.settings["streaming"]
    streaming["webrtc"]["ice_servers"] = servers
    agent.change(streaming=streaming)
    agent.start()
    links = post(agent, "show", agent.token, offer()).headers.get_all("Link")
    assert '<stun:stun.example.org:3478>; rel="ice-server"' in links
    (turn,) = [link for link in links if "turn:turn.example.org" in link]
    assert 'rel="ice-server"' in turn and 'username="user"' in turn and 'credential="a-credential"' in turn
    told = agent.api("GET", "/api/webrtc/config", agent.token).json()["ice_servers"]
    assert [server["urls"] for server in told] == [server["urls"] for server in servers]


# PATCH.


def fragment(user="abcdefgh", password="a" * 24, *more):
    return f"a=ice-ufrag:{user}\r\na=ice-pwd:{password}\r\n" + "".join(line + "\r\n" for line in more)


def test_candidates_that_come_later(agent, begin, name):
    answer = begin(name)
    ours = ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "a=candidate:1 1 udp 2113937151 127.0.0.1 50000 typ host"]
    trickled = patch(agent, answer, agent.token, fragment("abcdefgh", "a" * 24, *ours), answer.headers["ETag"])
    assert trickled.status == 204, trickled.text


def test_a_new_ice_session(agent, begin, name):
    answer = begin(name)
    restarted = patch(agent, answer, agent.token, fragment("newufrag", "b" * 24), "*")
    assert restarted.status == 200, restarted.text
    assert restarted.headers["Content-Type"].partition(";")[0] == FRAGMENT
    assert restarted.headers["ETag"] not in (None, answer.headers["ETag"])
    (old,), (new,) = ({*attributes(text, "ice-ufrag")} for text in (answer.text, restarted.text))
    assert old != new and attributes(restarted.text, "ice-pwd")
    # What speaks of the old one is late.
    late = patch(agent, answer, agent.token, fragment(), answer.headers["ETag"])
    is_problem(late, 412, "precondition-failed")


def test_a_patch_without_a_condition(agent, begin, name):
    is_problem(patch(agent, begin(name), agent.token, fragment()), 428, "precondition-required")


@pytest.mark.parametrize("text", ["", "garbage", "a=ice-ufrag:x\r\n", "\xff" * 50])
def test_a_patch_that_says_nothing(agent, begin, name, text):
    is_problem(patch(agent, begin(name), agent.token, text, "*"), 400, "bad-request")


def test_a_patch_of_another_media_type(agent, begin, name):
    answer = patch(agent, begin(name), agent.token, fragment(), "*", SDP)
    is_problem(answer, 415, "unsupported-media-type")
    assert answer.headers["Accept-Patch"] == FRAGMENT


def test_sessions_that_never_were(agent):
    for method in ("PATCH", "DELETE"):
        headers = {"Content-Type": FRAGMENT, "If-Match": "*"}
        data = fragment("newufrag", "b" * 24).encode() if method == "PATCH" else None
        answer = agent.api(method, "/whip/session/nothing", agent.token, data=data, headers=headers)
        is_problem(answer, 404, "not-found")


# The page's own endpoints.


def ask(agent, token, stream_key, text=None, **more):
    body = {"sdp": offer() if text is None else text, "type": "offer", "stream_key": stream_key, **more}
    return agent.api("POST", "/api/webrtc/offer", token, json=body)


def end(agent, token, id):
    return agent.api("POST", "/api/webrtc/stop", token, json={"broadcaster_id": id})


def test_offer_and_stop(agent, name):
    answer = ask(agent, agent.token, name)
    assert answer.status == 200, answer.text
    made = answer.json()
    assert made["type"] == "answer" and "a=ice-lite" in made["sdp"] and made["broadcaster_id"]
    stopped = end(agent, agent.token, made["broadcaster_id"])
    assert stopped.status == 200 and stopped.json() == {"message": "Broadcast stopped"}
    is_problem(end(agent, agent.token, made["broadcaster_id"]), 404, "not-found")


def test_offer_with_a_key(agent, name):
    streamer = agent.new_account("streamer")
    key = agent.new_key(name)
    made = ask(agent, streamer.token, key["stream_key"])
    assert made.status == 200, made.text
    assert end(agent, agent.token, made.json()["broadcaster_id"]).status == 200
    wrong = f"{name}?key={key_for(agent, 'other')}"
    is_problem(ask(agent, streamer.token, wrong), 403, "forbidden")
    is_problem(ask(agent, streamer.token, f"{name}?key=forged"), 403, "forbidden")


def test_offers_that_are_refused(agent, name):
    is_problem(ask(agent, None, name), 401, "unauthorized")
    is_problem(ask(agent, agent.new_account("viewer").token, name), 403, "forbidden")
    is_problem(ask(agent, agent.token, name, "hello"), 400, "bad-request")
    is_problem(ask(agent, agent.token, name, offer(video=("av1",), audio=())), 406, "not-acceptable")
    is_problem(ask(agent, agent.token, "No Name"), 422, "invalid")
    is_problem(ask(agent, agent.token, name, broadcaster_id="nothing"), 404, "not-found")
    first = ask(agent, agent.token, name)
    assert first.status == 200
    is_problem(ask(agent, agent.new_account("streamer").token, name), 409, "conflict")
    assert end(agent, agent.token, first.json()["broadcaster_id"]).status == 200


def test_nobody_stops_anothers(agent, name):
    made = ask(agent, agent.token, name).json()
    is_problem(end(agent, agent.new_account("streamer").token, made["broadcaster_id"]), 403, "forbidden")
    is_problem(end(agent, None, made["broadcaster_id"]), 401, "unauthorized")
    assert end(agent, agent.token, made["broadcaster_id"]).status == 200


def test_ice_restarts_for_the_page(agent, name):
    made = ask(agent, agent.token, name).json()
    again = ask(agent, agent.token, name, broadcaster_id=made["broadcaster_id"])
    # Of another peer: its fingerprint and its sections are the same, its credentials are new.
    assert again.status == 200, again.text
    assert again.json()["broadcaster_id"] == made["broadcaster_id"]
    (old,), (new,) = ({*attributes(text["sdp"], "ice-ufrag")} for text in (made, again.json()))
    assert old != new
    changed = ask(agent, agent.token, name, offer(video=()), broadcaster_id=made["broadcaster_id"])
    is_problem(changed, 406, "not-acceptable")
    assert end(agent, agent.token, made["broadcaster_id"]).status == 200


def test_presets_of_a_ladder_that_is_too_small_for_a_camera(start_agent):
    """The usual ones, so that one can go live at all."""
    agent = start_agent(settings(), start=False)
    streaming = agent.settings["streaming"]
    streaming["qualities"] = [
        {"name": "144p", "resolution": "256x144", "bitrate": "200k", "fps": 15, "enabled": True}
    ]
    streaming["default_quality"] = streaming["webrtc"]["default_quality"] = "144p"
    agent.change(streaming=streaming)
    agent.start()
    presets = agent.api("GET", "/api/webrtc/config", agent.token).json()["presets"]
    assert [one["name"] for one in presets] == ["360p", "480p", "720p"]
