"""Who may do what: every operation of the API, each role and nobody, from one table."""

import json
from pathlib import Path

import pytest
from asking import is_problem

OPENAPI = json.loads((Path(__file__).resolve().parents[2] / "web/openapi.json").read_text(encoding="utf-8"))
EVERYBODY, MEMBERS = "admin streamer viewer nobody", "admin streamer viewer"
# Path, body, and who gets an answer: 401 for nobody, 403 for a role that isn't among them.
TABLE = {
    "POST /api/auth/login": ({"username": "{name}", "password": "{password}"}, EVERYBODY),
    "POST /api/auth/refresh": (None, MEMBERS),
    "POST /api/auth/logout": (None, MEMBERS),
    "GET /api/auth/me": (None, MEMBERS),
    "POST /api/auth/password": ({"current_password": "{password}", "new_password": "{password}"}, MEMBERS),
    "GET /api/stream/status": (None, MEMBERS),
    "GET /api/streams": (None, MEMBERS),
    "GET /api/users": (None, "admin"),
    "POST /api/users": ({"username": "{new}", "password": "long enough", "role": "viewer"}, "admin"),
    "GET /api/users/{id}": (None, "admin"),
    "PATCH /api/users/{id}": ({"role": "streamer"}, "admin"),
    "DELETE /api/users/{id}": (None, "admin"),
    "GET /api/keys": (None, "admin streamer"),
    "POST /api/keys": ({"stream": "{new}"}, "admin streamer"),
    "GET /api/keys/{id}": (None, "admin streamer"),
    "DELETE /api/keys/{id}": (None, "admin streamer"),
    "GET /api/webrtc/config": (None, "admin streamer"),
    "GET /api/webrtc/probe": (None, "admin streamer"),
    "POST /api/webrtc/offer": ({"sdp": "none", "type": "offer", "stream_key": "{new}"}, "admin streamer"),
    "POST /api/webrtc/stop": ({"broadcaster_id": "none"}, "admin streamer"),
    "OPTIONS /whip/{id}": (None, EVERYBODY),
    "POST /whip/{id}": ({}, "admin streamer"),
    "PATCH /whip/session/{id}": ({}, "admin streamer"),
    "DELETE /whip/session/{id}": (None, "admin streamer"),
    "GET /api/analytics": (None, MEMBERS),
    "GET /api/analytics/events": (None, MEMBERS),
    "GET /api/health": (None, EVERYBODY),
    "HEAD /api/health": (None, EVERYBODY),
    "GET /health": (None, EVERYBODY),
    "HEAD /health": (None, EVERYBODY),
    "GET /api/health/detailed": (None, MEMBERS),
    "GET /api/system": (None, MEMBERS),
    "GET /api/drift": (None, "admin"),
    "GET /api/openapi.json": (None, EVERYBODY),
    # From elsewhere: the loopback needs no token.
    "GET /metrics": (None, "admin"),
}
# Who may, gets as far as this: there is no broadcast, and no offer in it.
BEYOND = {
    "POST /api/webrtc/offer": 400,
    "POST /api/webrtc/stop": 404,
    "POST /whip/{id}": 415,
    "PATCH /whip/session/{id}": 415,
    "DELETE /whip/session/{id}": 404,
}
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in OPENAPI["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
}
ELSEWHERE = {"X-Forwarded-For": "203.0.113.50"}


def test_the_table_is_whole():
    assert set(TABLE) == {name for name in OPERATIONS if "/api/srs/" not in name}


@pytest.mark.parametrize("name", TABLE)
def test_the_document_says_the_same(name):
    operation, allowed = OPERATIONS[name], TABLE[name][1].split()
    assert operation.get("x-roles", EVERYBODY.split()) == allowed
    assert ("401" in operation["responses"]) == ("nobody" not in allowed or name.endswith("/login"))
    # Of a login, what a disabled account is told.
    assert ("403" in operation["responses"]) == (len(allowed) < 3 or name.endswith("/login"))
    if name != "GET /metrics":
        assert (operation.get("security") == []) == ("nobody" in allowed)


class Target:
    """Something to ask for, change or end, made anew for each request."""

    count = 0

    def __init__(self, agent, name, account):
        Target.count += 1
        self.values = {
            "{name}": account.name if account else agent.admin_name,
            "{password}": account.password if account else agent.admin_password,
            "{new}": f"made-{Target.count}",
        }
        if "/whip/" in name:
            self.values["{id}"] = self.values["{new}"]
        elif "{id}" in name:
            made = (
                agent.new_account("viewer")
                if "/users/" in name
                else agent.new_key(self.values["{new}"], self.owner(agent, account))
            )
            self.values["{id}"] = made.id if "/users/" in name else made["id"]

    @staticmethod
    def owner(agent, account):
        return account.token if account and account.role == "streamer" else None

    def fill(self, value):
        if isinstance(value, dict):
            return {key: self.fill(text) for key, text in value.items()}
        for text, instead in self.values.items():
            value = value.replace(text, instead) if value else value
        return value


@pytest.fixture(scope="module")
def accounts(agent):
    return {role: agent.new_account(role) for role in MEMBERS.split()} | {"nobody": None}


@pytest.mark.parametrize("role", EVERYBODY.split())
@pytest.mark.parametrize("name", TABLE)
def test_who_may(agent, accounts, name, role):
    body, allowed = TABLE[name]
    account = accounts[role]
    target = Target(agent, name, account)
    method, path = name.split()
    token = account.token if account else None
    answer = agent.api(method, target.fill(path), token, json=target.fill(body), headers=ELSEWHERE)
    if role in allowed.split():
        assert answer.status in ((BEYOND[name],) if name in BEYOND else (200, 201, 204)), answer.text
    elif role == "nobody":
        is_problem(answer, 401, "unauthorized")
    else:
        is_problem(answer, 403, "forbidden")
    if account and path.endswith(("/refresh", "/logout")):
        # It has ended its session.
        account.token = answer.json().get("token")


@pytest.mark.parametrize("role", ["streamer", "viewer"])
def test_refused_before_the_body_is_looked_at(agent, accounts, role):
    """Neither what is valid nor what exists is told to those who may not."""
    for path in ("/api/users", "/api/users/unknown"):
        for body in ({}, {"username": agent.admin_name}):
            method = "POST" if path == "/api/users" else "PATCH"
            is_problem(agent.api(method, path, accounts[role].token, json=body), 403, "forbidden")


def test_a_streamer_sees_own_keys_alone(agent, accounts):
    first, second = accounts["streamer"], agent.new_account("streamer")
    mine, others = agent.new_key("mine", first.token), agent.new_key("others", second.token)
    admins = agent.new_key("admins")
    listed = agent.api("GET", "/api/keys", first.token).json()
    assert {key["user_id"] for key in listed["keys"]} == {first.id}
    assert mine["id"] in {key["id"] for key in listed["keys"]} and listed["total"] == len(listed["keys"])
    for key in (others, admins):
        for method in ("GET", "DELETE"):
            answer = agent.api(method, f"/api/keys/{key['id']}", first.token)
            # What is another's isn't told apart from what isn't there.
            unknown = agent.api(method, "/api/keys/unknown", first.token)
            assert answer.status == unknown.status == 404, answer.text
    everything = {key["id"] for key in agent.api("GET", "/api/keys", agent.token).json()["keys"]}
    assert {mine["id"], others["id"], admins["id"]} <= everything


def test_a_streamer_makes_no_keys_for_others(agent, accounts):
    streamer = accounts["streamer"]
    for user in (agent.new_account("streamer").id, "unknown"):
        answer = agent.api("POST", "/api/keys", streamer.token, json={"stream": "for-others", "user_id": user})
        is_problem(answer, answer.status, {403: "forbidden", 422: "invalid"}[answer.status])
    assert "for-others" not in agent.api("GET", "/api/keys", agent.token).text


def test_a_change_of_role_counts_at_once(agent):
    user = agent.new_account("admin")
    assert agent.api("GET", "/api/users", user.token).status == 200
    assert agent.api("PATCH", f"/api/users/{user.id}", agent.token, json={"role": "viewer"}).status == 200
    assert agent.api("GET", "/api/users", user.token).status in (401, 403)
    user.token = None
    assert agent.api("GET", "/api/users", user.token).status == 403


def test_nothing_of_a_user_holds_a_secret(agent, accounts):
    for path in ("/api/users", f"/api/users/{accounts['viewer'].id}"):
        text = agent.api("GET", path, agent.token).text
        assert "hash" not in text and "salt" not in text and "scrypt" not in text and "password" not in text
