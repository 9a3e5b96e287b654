"""What the agent answers to SRS: who may publish, how many, and that whatever is unclear is refused."""

import json
import sqlite3
import time

import pytest
from agent import running
from asking import wait_for
from srs import Hooks, standing_in

ACTIONS = ["on_connect", "on_publish", "on_unpublish", "on_play", "on_stop", "on_dvr", "on_hls"]


@pytest.fixture(scope="module")
def stand_in():
    with standing_in() as server:
        yield server


@pytest.fixture(scope="module")
def agent(stand_in, tmp_path_factory):
    with running(
        tmp_path_factory.mktemp("agent"), {"streaming.engine": "srs", "streaming.max_concurrent_streams": 2}
    ) as one:
        yield one


@pytest.fixture
def hooks(agent, stand_in):
    """Hooks, with nothing on air before and after."""
    yield Hooks(agent)
    stand_in.streams.clear()
    for stream in on_air(agent):
        Hooks(agent).unpublish(stream["stream_name"], client_id=CLIENTS.get(stream["stream_name"], ""))
    wait_for(lambda: not on_air(agent), "all streams to end")


CLIENTS = {}


def on_air(agent):
    return agent.api("GET", "/api/streams", agent.token).json()["streams"]


def kinds_of_events(agent, stream):
    events = agent.api("GET", "/api/analytics/events", agent.token).json()["events"]
    return [event["kind"] for event in events if event["stream"] == stream and event["kind"].startswith("stream_")]


def allowed(answer):
    """To SRS anything but 200 and a code of 0 is a no."""
    assert answer.status == 413 or (answer.status, answer.json()) in (
        (200, {"code": 0}),
        (403, {"code": 403}),
    ), answer.text
    return answer.status == 200


def publish(agent, hooks, stand_in, key, client):
    """As SRS does it: asks, and lists the publisher if it may."""
    answer = hooks.publish_key(key, client_id=client)
    if allowed(answer):
        stand_in.put(key["stream"], client)
        CLIENTS[key["stream"]] = client
    return answer.status == 200


def test_a_good_key_publishes(agent, hooks, stand_in):
    key = agent.new_key("good")
    assert publish(agent, hooks, stand_in, key, "a1")
    # At once: a reconcile that asks now must not think that nobody is live.
    assert agent.metrics()['putlive_streams_active{source="rtmp"}'] == 1
    (stream,) = on_air(agent)
    assert (stream["stream_name"], stream["source"], stream["active"]) == ("good", "rtmp", True)
    assert agent.api("GET", f"/api/keys/{key['id']}", agent.token).json()["last_used_at"]
    status = agent.api("GET", "/api/stream/status?stream=good", agent.token).json()
    assert status["active"] is True
    assert allowed(hooks.unpublish("good", client_id="a1"))
    assert on_air(agent) == []
    status = agent.api("GET", "/api/stream/status?stream=good", agent.token).json()
    assert status == {
        "active": False,
        "stream_name": "good",
        "quality": None,
        "bitrate_kbps": 0,
        "fps": 0,
        "resolution": None,
        "viewers": 0,
        "uptime_seconds": 0,
        "bytes_sent": 0,
        "output_lost": False,
        "no_picture": False,
    }
    wait_for(lambda: kinds_of_events(agent, "good") == ["stream_ended", "stream_started"], "both events")


def test_bad_keys_do_not(agent, hooks):
    key, other = agent.new_key("bad"), agent.new_key("bad")
    query = key["stream_key"].partition("?")[2]
    text = query.partition("=")[2]
    assert allowed(hooks.publish("bad", f"?{query}", client_id="x1"))
    hooks.unpublish("bad", client_id="x1")
    mixed = text[: len(text) // 2] + other["stream_key"].partition("=")[2][len(text) // 2 :]
    params = [
        "",
        "?",
        "?key=",
        f"?key={text[:-1]}",
        f"?key={text}A",
        f"?key={text[::-1]}",
        f"?key={text.swapcase()}",
        f"?x={text}",
        f"?key={mixed}",
        f"?key={key['id']}",
        f"?key={key['id']}.",
        f"?key={agent.jwt_secret}",
        f"?key={agent.token}",
        f"?secret={agent.hook_secret}",
        f"?key=x&{query}",
        f"?{query}&key=x",
        f"?key=%00{text}",
        f"?key={text}%00",
    ]
    for index in range(len(text)):
        params.append(f"?key={text[:index]}{'A' if text[index] != 'A' else 'B'}{text[index + 1:]}")
    refused = [param for param in params if not allowed(hooks.publish("bad", param))]
    assert refused == params
    assert on_air(agent) == []


def test_a_key_is_for_one_stream(agent, hooks):
    query = agent.new_key("one")["stream_key"].partition("?")[2]
    for stream in ("two", "one_480p", "one_src", "ONE", "one/", "../one", "", "one?x", "one\u0000"):
        assert not allowed(hooks.publish(stream, f"?{query}")), stream


@pytest.mark.parametrize(
    "fields",
    [
        {"app": "other"},
        {"app": "live/../other"},
        {"app": ""},
        {"app": "live/x"},
        {"vhost": "other"},
        {"vhost": "ladder.local"},
    ],
)
def test_a_key_is_for_one_place(agent, hooks, fields):
    """SRS writes to [app]/…: another app is another folder. The ladder is the transcoders'."""
    assert not allowed(hooks.publish_key(agent.new_key("place"), **fields))


def test_keys_that_no_longer_count(agent, hooks):
    streamer = agent.new_account("streamer")
    expired = agent.new_key("count", expires_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2)))
    revoked, disabled = agent.new_key("count"), agent.new_key("count-2", streamer.token)
    for key in (revoked, disabled):
        assert allowed(hooks.publish_key(key, client_id="b1"))
        hooks.unpublish(key["stream"], client_id="b1")
    agent.api("DELETE", f"/api/keys/{revoked['id']}", agent.token)
    assert not allowed(hooks.publish_key(revoked))
    path = f"/api/users/{streamer.id}"
    for change, may in (
        ({"disabled": True}, False),
        ({"disabled": False}, True),
        ({"role": "viewer"}, False),
        ({"role": "streamer"}, True),
    ):
        assert agent.api("PATCH", path, agent.token, json=change).status == 200
        assert allowed(hooks.publish_key(disabled, client_id="b2")) is may, change
        hooks.unpublish("count-2", client_id="b2")
    assert agent.api("DELETE", path, agent.token).status == 200
    assert not allowed(hooks.publish_key(disabled))

    def is_refused():
        refused = not allowed(hooks.publish_key(expired, client_id="b3"))
        hooks.unpublish("count", client_id="b3")
        return refused

    wait_for(is_refused, "the key to expire")
    metrics = agent.metrics()
    for reason in ("expired", "revoked", "wrong_stream", "signature"):
        assert any(
            f'reason="{reason}"' in name and value > 0
            for name, value in metrics.items()
            if "stream_key_rejections" in name
        ), reason


def test_a_key_signed_elsewhere(agent, hooks, start_agent):
    """The same ids under another secret are other keys."""
    elsewhere = start_agent({"streaming.engine": "embedded"}).new_key("stream")
    assert not allowed(hooks.publish_key(elsewhere))


def test_so_many_streams_and_no_more(agent, hooks, stand_in):
    keys = {name: agent.new_key(name) for name in ("s1", "s2", "s3")}
    assert publish(agent, hooks, stand_in, keys["s1"], "c1") and publish(agent, hooks, stand_in, keys["s2"], "c2")
    assert not publish(agent, hooks, stand_in, keys["s3"], "c3")
    listed = agent.api("GET", "/api/streams", agent.token).json()
    assert (listed["total"], listed["limit"]) == (2, 2)
    stand_in.remove("s1")
    assert allowed(hooks.unpublish("s1", client_id="c1"))
    assert publish(agent, hooks, stand_in, keys["s3"], "c4")
    # A full host is nobody's wrong key: fail2ban must not hear of it.
    assert not [line for line in agent.log_lines("stream_key_rejected") if line["stream"] in keys]


def test_a_name_has_one_publisher(agent, hooks, stand_in):
    mine, others = agent.new_key("name"), agent.new_key("name", user_id=agent.new_account("streamer").id)
    assert publish(agent, hooks, stand_in, mine, "d1")
    assert not allowed(hooks.publish_key(others, client_id="d2"))
    # Another's end isn't this one's.
    hooks.unpublish("name", client_id="d2")
    assert [stream["stream_name"] for stream in on_air(agent)] == ["name"]
    # The same key again is an encoder that lost its connection: the old one is ended.
    assert allowed(hooks.publish_key(mine, client_id="d3"))
    wait_for(lambda: "d1" in stand_in.kicked, "the old connection to be ended")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("how", ["none", "empty", "wrong", "jwt", "twice", "forwarded", "get"])
def test_hooks_are_for_srs_alone(agent, hooks, action, how):
    secret = {
        "none": "",
        "empty": "&secret=",
        "wrong": "0" * 64,
        "jwt": agent.jwt_secret,
        "twice": f"x&secret={hooks.secret}",
    }.get(how)
    if how == "get":
        answer = agent.api("GET", f"/api/srs/{action}?secret={hooks.secret}")
        assert answer.status == 405
        return
    headers = {"X-Forwarded-For": "127.0.0.1"} if how == "forwarded" else None
    answer = hooks.call(action, secret=secret, headers=headers, file="/x")
    assert answer.status in (403, 404), answer.text
    # Nor is a login of any use.
    assert agent.api("POST", f"/api/srs/{action}", agent.token, json={}).status in (403, 404)


BODIES = {
    "nothing": b"",
    "noise": bytes(range(256)),
    "a brace": b"{",
    "a list": b"[]",
    "null": b"null",
    "empty": b"{}",
    "depth": b"[" * 10_000,
    "large": b'{"action":"' + b"x" * 30_000 + b'"}',
    "huge": b"x" * 200_000,
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("action", ACTIONS)
def test_bodies_that_are_none_are_refused(agent, hooks, action, body):
    answer = hooks.call(action, data=BODIES[body])
    assert answer.status in (403, 413)


@pytest.mark.parametrize("field", ["action", "client_id", "ip", "vhost", "app", "stream", "param"])
@pytest.mark.parametrize("value", [None, 5, [], "x" * 10_000, "\u0000", "é"])
def test_fields_that_are_none_are_refused(agent, hooks, field, value):
    key = agent.new_key("fields")
    fields = {"stream": "fields", "param": "?" + key["stream_key"].partition("?")[2], field: value}
    assert not allowed(hooks.call("on_publish", **fields))
    agent.api("DELETE", f"/api/keys/{key['id']}", agent.token)


def test_another_action_than_the_path_says_is_refused(agent, hooks):
    assert not allowed(hooks.call("on_publish", action="on_unpublish"))


def test_playing_is_for_this_host(agent, hooks):
    """Viewers use HLS; the transcoders play over the loopback."""
    assert allowed(hooks.call("on_play", ip="127.0.0.1"))
    assert not allowed(hooks.call("on_play", ip="203.0.113.200"))
    assert allowed(hooks.call("on_stop", ip="127.0.0.1"))


def test_segments_and_recordings_are_heard(agent, hooks):
    folder = agent.live_folder
    name = "heard_src-1795356469756-0.ts"
    told = {
        "stream": "heard",
        "duration": 2.02,
        "cwd": "/",
        "file": f"{folder}/{name}",
        "url": f"live/{name}",
        "m3u8": f"{folder}/heard_src.m3u8",
        "m3u8_url": "live/heard_src.m3u8",
        "seq_no": 0,
    }
    assert allowed(hooks.call("on_hls", **told))
    assert not allowed(hooks.call("on_hls", **told | {"file": f"{folder}/../../etc/passwd"}))
    assert allowed(hooks.call("on_dvr", stream="heard", cwd="/", file="/x/live/heard/2026-01-01.flv"))
    metrics = agent.metrics()
    assert metrics['putlive_srs_hooks_total{hook="on_hls",result="allowed"}'] >= 1


def test_a_locked_database_neither_hangs_nor_opens_the_door(agent, hooks):
    """Another program holds the write lock: what is known is still read, what is forged still refused."""
    key = agent.new_key("locked")
    with sqlite3.connect(agent.database, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert allowed(hooks.publish_key(key, client_id="e1"))
        assert not allowed(hooks.publish("locked", "?key=forged", client_id="e2"))
        other.execute("ROLLBACK")
    other.close()
    hooks.unpublish("locked", client_id="e1")


def test_the_hook_of_the_rendered_srs_conf(agent, tmp_path):
    """What putlive-gen writes for SRS is what the agent takes."""
    made = agent.gen("render", "--config", agent.config, "--output", tmp_path / "host", "--only", "srs.conf")
    assert made.returncode == 0, made.stderr
    text = (tmp_path / "host/usr/local/srs/conf/putlive.conf").read_text()
    assert f"http://127.0.0.1:{agent.port}/api/srs/on_publish?secret={agent.hook_secret};" in text


def test_no_hook_without_srs(start_agent):
    """With the embedded engine nobody calls them."""
    agent = start_agent()
    key = agent.new_key("stream")
    answer = Hooks(agent).publish_key(key)
    assert answer.status in (403, 404), answer.text
    assert json.loads(agent.api("GET", "/api/streams", agent.token).text)["total"] == 0
