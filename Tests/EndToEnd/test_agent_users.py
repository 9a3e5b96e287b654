"""Accounts: what can be made, changed and deleted, and what can't."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from asking import is_problem

PASSWORD = "a good password"


def post(agent, **body):
    return agent.api("POST", "/api/users", agent.token, json=body)


def fields(answer):
    return {error["field"] for error in is_problem(answer, 422, "invalid")["errors"]}


def names_field(answer, field):
    """What isn't there, or of another type, is told of by name: one at a time, for the reader of JSON stops there."""
    problem = is_problem(answer, answer.status, {400: "invalid-json", 422: "invalid"}[answer.status])
    assert field in problem["detail"]


@pytest.fixture
def user(agent):
    return agent.new_account("viewer")


def test_made_read_changed_deleted(agent):
    made = post(agent, username="Jo.Ann_1-x", password=PASSWORD, role="streamer")
    assert made.status == 201
    user = made.json()
    assert set(user) == {"id", "username", "role", "disabled", "created_at", "last_login_at"}
    assert (user["username"], user["role"], user["disabled"]) == ("Jo.Ann_1-x", "streamer", False)
    assert user["created_at"].endswith("Z") and user["last_login_at"] is None
    path = f"/api/users/{user['id']}"
    assert agent.api("GET", path, agent.token).json() == user
    assert agent.login("Jo.Ann_1-x", PASSWORD)
    seen = agent.api("GET", path, agent.token).json()
    assert seen["last_login_at"] >= seen["created_at"]
    changed = agent.api("PATCH", path, agent.token, json={"role": "viewer"})
    assert changed.status == 200 and changed.json() == {**seen, "role": "viewer"}
    gone = agent.api("DELETE", path, agent.token)
    assert (gone.status, gone.json()) == (200, {"message": "User deleted"})
    for method in ("GET", "DELETE"):
        is_problem(agent.api(method, path, agent.token), 404, "not-found")
    is_problem(agent.api("PATCH", path, agent.token, json={"role": "viewer"}), 404, "not-found")
    # The name is free again, and the account another.
    again = post(agent, username="jo.ann_1-X", password=PASSWORD, role="viewer")
    assert again.status == 201 and again.json()["id"] != user["id"]


def test_the_list_has_them_all(agent, user):
    listed = agent.api("GET", "/api/users", agent.token).json()
    assert set(listed) == {"users", "total"} and listed["total"] == len(listed["users"])
    names = [row["username"] for row in listed["users"]]
    assert agent.admin_name in names and user.name in names and len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["{same}", "{upper}"])
def test_names_are_unique_without_regard_to_case(agent, user, name):
    taken = name.replace("{same}", user.name).replace("{upper}", user.name.upper())
    is_problem(post(agent, username=taken, password=PASSWORD, role="viewer"), 409, "conflict")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a b",
        "a/b",
        "a@b",
        "é",
        "a\n",
        "\u0000",
        "a" * 65,
        "x;drop",
        "a'b",
        'a"b',
        "<b>",
        "\u202ea",
        "ａ",
        "a\u0301",
    ],
)
def test_names_that_are_none(agent, name):
    assert fields(post(agent, username=name, password=PASSWORD, role="viewer")) == {"username"}


@pytest.mark.parametrize("name", ["a", "a" * 64, "0", "-", "...", "A.b_C-9"])
def test_names_that_are(agent, name):
    made = post(agent, username=name, password=PASSWORD, role="viewer")
    assert made.status == 201 and made.json()["username"] == name


@pytest.mark.parametrize(
    "password", ["", "1234567", "x" * 129, "\U0001f600" * 129, "é" * 7, "e\u0301" * 257, "pass\nword", "p\u0000assword"]
)
def test_passwords_that_are_none(agent, password):
    assert fields(post(agent, username="somebody", password=password, role="viewer")) == {"password"}


@pytest.mark.parametrize("password", ["12345678", "x" * 128, "\U0001f600" * 128, "é" * 8, "        "])
def test_passwords_that_are(agent, password):
    name = f"password-{abs(hash(password))}"
    made = post(agent, username=name, password=password, role="viewer")
    assert made.status == 201, made.text
    assert agent.login(name, password)
    assert agent.try_login(name, password[:-1], "203.0.113.11").status == 401


@pytest.mark.parametrize("role", ["", "Admin", "root", "admin "])
def test_roles_that_are_none(agent, role):
    assert fields(post(agent, username="somebody", password=PASSWORD, role=role)) == {"role"}


@pytest.mark.parametrize("missing", ["username", "password", "role"])
def test_what_is_missing_is_named(agent, missing):
    body = {"username": "somebody", "password": PASSWORD, "role": "viewer"}
    del body[missing]
    names_field(post(agent, **body), missing)


def test_all_that_is_wrong_is_told_at_once(agent):
    assert fields(post(agent, username="a b", password="short", role="root")) == {"username", "password", "role"}


@pytest.mark.parametrize("value", [None, 5, True, [], {}, ["x"], 1e400, -0.0])
@pytest.mark.parametrize("field", ["username", "password", "role"])
def test_values_of_other_types(agent, field, value):
    body = {"username": "somebody", "password": PASSWORD, "role": "viewer", field: value}
    answer = post(agent, **body)
    # Infinity isn't JSON at all.
    names_field(answer, "" if value == 1e400 else field)


def test_refused_is_not_half_made(agent):
    before = agent.api("GET", "/api/users", agent.token).json()["total"]
    post(agent, username="halfway", password="short", role="viewer")
    post(agent, username="halfway", password=PASSWORD, role="root")
    assert agent.api("GET", "/api/users", agent.token).json()["total"] == before
    assert agent.try_login("halfway", PASSWORD, "203.0.113.13").status == 401


@pytest.mark.parametrize("change, field", [({"role": "root"}, "role"), ({"password": "short"}, "password")])
def test_changes_that_are_none(agent, user, change, field):
    path = f"/api/users/{user.id}"
    before = agent.api("GET", path, agent.token).json()
    assert fields(agent.api("PATCH", path, agent.token, json={"disabled": True, **change})) == {field}
    assert agent.api("GET", path, agent.token).json() == before


def test_a_new_password_counts(agent, user):
    path = f"/api/users/{user.id}"
    assert agent.api("PATCH", path, agent.token, json={"password": "another password"}).status == 200
    assert agent.try_login(user.name, user.password, "203.0.113.14").status == 401
    assert agent.login(user.name, "another password")


def test_disabled_and_enabled_again(agent, user):
    path = f"/api/users/{user.id}"
    assert agent.api("PATCH", path, agent.token, json={"disabled": True}).json()["disabled"] is True
    assert agent.try_login(user.name, user.password, "203.0.113.15").status in (401, 403)
    assert agent.api("PATCH", path, agent.token, json={"disabled": False}).json()["disabled"] is False
    assert agent.login(user.name, user.password)


@pytest.mark.parametrize(
    "id", ["unknown", "0", "-1", "%00", "..", "%2e%2e", "a%2Fb", "x" * 1000, "%F0%9F%98%80", "'", "%"]
)
def test_ids_that_are_none(agent, id):
    for method in ("GET", "DELETE"):
        answer = agent.api(method, f"/api/users/{id}", agent.token)
        assert answer.status in (400, 404), answer.text
        is_problem(answer, answer.status, {400: "bad-request", 404: "not-found"}[answer.status])


def test_somebody_must_stay(start_agent):
    agent = start_agent()
    admin = agent.api("GET", "/api/auth/me", agent.token).json()["user"]["id"]
    path = f"/api/users/{admin}"
    for _ in range(2):
        is_problem(agent.api("DELETE", path, agent.token), 409, "conflict")
        is_problem(agent.api("PATCH", path, agent.token, json={"disabled": True}), 409, "conflict")
        is_problem(agent.api("PATCH", path, agent.token, json={"role": "viewer"}), 409, "conflict")
        # One who is disabled is no help.
        other = agent.new_account("admin")
        assert agent.api("PATCH", f"/api/users/{other.id}", agent.token, json={"disabled": True}).status == 200
    assert agent.api("PATCH", path, agent.token, json={"role": "admin"}).status == 200
    second = agent.new_account("admin")
    assert agent.api("PATCH", path, second.token, json={"role": "viewer"}).status == 200
    assert agent.api("DELETE", path, second.token).status == 200
    is_problem(agent.api("DELETE", f"/api/users/{second.id}", second.token), 409, "conflict")


def test_two_admins_can_not_end_each_other_at_once(start_agent):
    agent = start_agent()
    first = agent.api("GET", "/api/auth/me", agent.token).json()["user"]["id"]
    pair = [agent.new_account("admin") for _ in range(2)]
    assert agent.api("DELETE", f"/api/users/{first}", pair[0].token).status == 200
    for change in [{"disabled": True}, {"role": "viewer"}] * 2:
        tokens = [admin.token for admin in pair]
        with ThreadPoolExecutor(2) as pool:
            paths = [f"/api/users/{admin.id}" for admin in reversed(pair)]
            answers = list(pool.map(lambda path, token: agent.api("PATCH", path, token, json=change), paths, tokens))
        statuses = [answer.status for answer in answers]
        assert statuses.count(200) == 1 and set(statuses) <= {200, 401, 403, 409}, statuses
        winner = statuses.index(200)
        back = agent.api("PATCH", paths[winner], tokens[winner], json={"role": "admin", "disabled": False})
        assert back.status == 200, back.text
        pair[1 - winner].token = None


def test_the_first_admin_is_made_once(start_agent):
    """`default_admin_pass` counts for an empty table alone."""
    agent = start_agent()
    old = agent.admin_password
    assert (
        agent.api(
            "POST",
            "/api/auth/password",
            agent.token,
            json={"current_password": old, "new_password": "chosen by the admin"},
        ).status
        == 200
    )
    agent.restart()
    assert agent.try_login(password=old, address="203.0.113.16").status == 401
    assert agent.login(password="chosen by the admin")
