"""Stream keys: what can be made, shown and revoked, and what can't. That they count is test_agent_srs.py's."""

import time

import pytest
from asking import is_problem, wait_for

FIELDS = set("id user_id username stream label created_at expires_at revoked_at last_used_at status".split())


def post(agent, **body):
    return agent.api("POST", "/api/keys", agent.token, json=body)


def fields(answer):
    return {error["field"] for error in is_problem(answer, 422, "invalid")["errors"]}


def utc(seconds):
    """A time as the API writes it, so many seconds from now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def test_made_read_revoked(agent):
    key = agent.new_key("my-show-1", label="OBS in the studio")
    assert set(key) == FIELDS | {"rtmp_server", "stream_key"}
    assert (key["stream"], key["label"], key["status"]) == ("my-show-1", "OBS in the studio", "active")
    assert key["username"] == agent.admin_name
    assert key["expires_at"] is None and key["revoked_at"] is None and key["last_used_at"] is None
    assert key["rtmp_server"] == "rtmp://localhost/live"
    assert key["stream_key"].startswith("my-show-1?key=")
    path = f"/api/keys/{key['id']}"
    assert agent.api("GET", path, agent.token).json() == key
    listed = agent.api("GET", "/api/keys", agent.token)
    (row,) = [row for row in listed.json()["keys"] if row["id"] == key["id"]]
    assert row == {name: key[name] for name in FIELDS}
    assert key["stream_key"].partition("=")[2] not in listed.text
    gone = agent.api("DELETE", path, agent.token)
    assert (gone.status, gone.json()) == (200, {"message": "Stream key revoked"})
    seen = agent.api("GET", path, agent.token).json()
    assert seen["status"] == "revoked" and seen["revoked_at"]


def test_the_server_that_obs_is_told(srs_api_port, start_agent):
    settings = {"server.domain": "tv.example.org", "streaming.rtmp_port": 1936, "streaming.engine": "srs"}
    assert start_agent(settings).new_key("stream")["rtmp_server"] == "rtmp://tv.example.org:1936/live"


def test_each_key_is_signed_for_itself(agent):
    keys = [agent.new_key(stream)["stream_key"].partition("=")[2] for stream in ("one", "one", "two")]
    assert len(set(keys)) == 3
    assert all(len(key) >= 32 for key in keys)


@pytest.mark.parametrize(
    "stream",
    ["", "a b", "A", "a_b", "a/b", "..", "é", "a" * 65, "a\n", "a?b", "\u0000", "a\u0301", "stream_480p", "%61"],
)
def test_streams_that_are_none(agent, stream):
    assert fields(post(agent, stream=stream)) == {"stream"}


@pytest.mark.parametrize("stream", ["a", "a" * 64, "0", "-", "a-b-9"])
def test_streams_that_are(agent, stream):
    assert agent.new_key(stream)["stream"] == stream


@pytest.mark.parametrize(
    "when",
    ["", "tomorrow", "2030-01-01", "2030-13-01T00:00:00Z", "2030-02-30T00:00:00Z", "2020-01-01T00:00:00Z", "1", "Z"],
)
def test_ends_that_are_none(agent, when):
    assert fields(post(agent, stream="stream", expires_at=when)) == {"expires_at"}


def test_ends_that_are(agent):
    assert agent.new_key("stream", expires_at="2030-01-01T00:00:00Z")["expires_at"] == "2030-01-01T00:00:00Z"
    assert agent.new_key("stream", expires_at="2030-01-01T02:00:00+02:00")["expires_at"] == "2030-01-01T00:00:00Z"
    assert agent.new_key("stream", expires_at=None)["expires_at"] is None


def test_a_key_ends(agent):
    key = agent.new_key("stream", expires_at=utc(2))
    path = f"/api/keys/{key['id']}"
    wait_for(lambda: agent.api("GET", path, agent.token).json()["status"] == "expired", "the key to expire")


def test_labels(agent):
    assert agent.new_key("stream")["label"] == ""
    odd = 'a "b" \\ <script> é \U0001f600'
    assert agent.new_key("stream", label=odd)["label"] == odd
    assert fields(post(agent, stream="stream", label="x" * 10_000)) == {"label"}


def test_a_key_for_another(agent):
    user = agent.new_account("streamer")
    key = agent.new_key("stream", user_id=user.id)
    assert (key["user_id"], key["username"]) == (user.id, user.name)
    path = f"/api/keys/{key['id']}"
    assert agent.api("GET", path, user.token).json() == key
    is_problem(agent.api("GET", path, agent.new_account("streamer").token), 404, "not-found")
    assert [row["id"] for row in agent.api("GET", "/api/keys", user.token).json()["keys"]] == [key["id"]]
    assert agent.api("DELETE", path, user.token).status == 200
    assert agent.api("GET", path, agent.token).json()["status"] == "revoked"


@pytest.mark.parametrize("user", ["unknown", "", "\u0000", "x" * 1000])
def test_a_key_for_nobody(agent, user):
    assert fields(post(agent, stream="stream", user_id=user)) == {"user_id"}


def test_a_key_for_who_may_not_publish(agent):
    assert fields(post(agent, stream="stream", user_id=agent.new_account("viewer").id)) == {"user_id"}


def test_streamers_do_not_share_a_name(agent):
    """Isolation: a name that one streamer may publish isn't another's, unless an admin says so."""
    first, second = agent.new_account("streamer"), agent.new_account("streamer")
    key = agent.new_key("shared", first.token)
    is_problem(agent.api("POST", "/api/keys", second.token, json={"stream": "shared"}), 409, "conflict")
    assert agent.new_key("shared", first.token)["id"] != key["id"]
    assert agent.new_key("shared", user_id=second.id)["user_id"] == second.id


@pytest.mark.parametrize("body", [{}, {"label": "x"}, {"stream": 5}, {"stream": None}, {"stream": ["a"]}])
def test_bodies_that_are_no_key(agent, body):
    answer = post(agent, **body)
    is_problem(answer, answer.status, {400: "invalid-json", 422: "invalid"}[answer.status])


@pytest.mark.parametrize("id", ["unknown", "%00", "..", "x" * 1000, "'"])
def test_ids_that_are_none(agent, id):
    for method in ("GET", "DELETE"):
        answer = agent.api(method, f"/api/keys/{id}", agent.token)
        assert answer.status in (400, 404), answer.text


def test_revoking_again_changes_nothing(agent):
    key = agent.new_key("stream")
    path = f"/api/keys/{key['id']}"
    assert agent.api("DELETE", path, agent.token).status == 200
    revoked = agent.api("GET", path, agent.token).json()
    assert agent.api("DELETE", path, agent.token).status in (200, 404, 409)
    assert agent.api("GET", path, agent.token).json()["revoked_at"] == revoked["revoked_at"]


def test_keys_go_with_their_user(agent):
    user = agent.new_account("streamer")
    key = agent.new_key("with-user", user.token)
    assert agent.api("DELETE", f"/api/users/{user.id}", agent.token).status == 200
    answer = agent.api("GET", f"/api/keys/{key['id']}", agent.token)
    assert answer.status == 404 or answer.json()["status"] == "revoked"


def test_a_key_stays_the_same_over_a_restart(agent):
    key = agent.new_key("stream")
    agent.restart()
    assert agent.api("GET", f"/api/keys/{key['id']}", agent.token).json() == key


def test_events_tell_of_keys_and_users(agent):
    user = agent.new_account("streamer")
    key = agent.new_key("events", user.token)
    agent.api("DELETE", f"/api/keys/{key['id']}", user.token)
    agent.api("DELETE", f"/api/users/{user.id}", agent.token)
    wanted = {"user_created", "user_deleted", "key_created", "key_revoked", "agent_started", "login"}

    def told():
        answer = agent.api("GET", "/api/analytics/events?limit=500", agent.token)
        events = answer.json()["events"]
        # The last of this test's own; those before it may tell of other tests.
        is_over = any(event["kind"] == "user_deleted" and user.name in event["detail"] for event in events)
        return is_over and wanted <= {event["kind"] for event in events} and answer

    answer = wait_for(told, "all events to be written")
    assert key["stream_key"].partition("=")[2] not in answer.text and user.password not in answer.text
    events = answer.json()["events"]
    assert [event["id"] for event in events] == sorted((event["id"] for event in events), reverse=True)
    kinds = [event["kind"] for event in events]
    assert kinds.index("user_deleted") < kinds.index("key_revoked") < kinds.index("key_created")
    (made,) = [event for event in events if event["kind"] == "key_created" and event["stream"] == "events"]
    assert user.name in made["detail"] or key["id"] in made["detail"]


@pytest.mark.parametrize("limit, status", [("1", 200), ("500", 200), ("0", 422), ("-1", 422), ("x", 422), ("1e9", 422)])
def test_how_many_events(agent, limit, status):
    answer = agent.api("GET", f"/api/analytics/events?limit={limit}", agent.token)
    if status == 200:
        body = answer.json()
        assert len(body["events"]) <= int(limit) and body["total"] >= len(body["events"])
    else:
        is_problem(answer, answer.status, {400: "bad-request", 422: "invalid"}[answer.status])
