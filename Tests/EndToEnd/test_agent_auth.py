"""Sessions: how they begin and end, and which tokens count."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from asking import is_problem
from tokens import parts, sign, signature

ME = "/api/auth/me"


@pytest.fixture(scope="module")
def user(agent):
    return agent.new_account("viewer", "Viewer.One")


def without_id(answer):
    """A problem but for what differs with every request."""
    return {key: value for key, value in answer.json().items() if key != "request_id"}


def test_login(agent):
    answer = agent.try_login()
    assert answer.status == 200
    body = answer.json()
    assert set(body) == {"token", "expires_in", "user"}
    assert body["expires_in"] == 86400
    assert body["user"] == {"id": body["user"]["id"], "username": agent.admin_name, "role": "admin"}
    me = agent.api("GET", ME, body["token"])
    assert me.status == 200 and me.json()["user"] == body["user"]


def test_the_token_is_signed_with_the_secret_of_the_config(agent):
    token = agent.login()
    header, claims = parts(token)
    assert header["alg"] == "HS256"
    assert claims["exp"] - claims["iat"] == 86400
    assert claims["jti"]
    text = token.rpartition(".")[0]
    assert token == f"{text}.{signature(text, agent.jwt_secret)}"
    me = agent.api("GET", ME, token).json()
    assert me["expires_at"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(claims["exp"]))


def test_each_login_is_a_session_of_its_own(agent):
    tokens = [agent.login() for _ in range(3)]
    assert len({parts(token)[1]["jti"] for token in tokens}) == 3
    assert agent.api("POST", "/api/auth/logout", tokens[0]).status == 200
    assert [agent.api("GET", ME, token).status for token in tokens] == [401, 200, 200]


def test_names_are_found_without_regard_to_case(agent, user):
    answer = agent.try_login(user.name.upper(), user.password)
    assert answer.status == 200
    assert answer.json()["user"]["username"] == user.name


def test_wrong_and_unknown_are_answered_alike(agent, user):
    disabled = agent.new_account("viewer", "disabled")
    assert agent.api("PATCH", f"/api/users/{disabled.id}", agent.token, json={"disabled": True}).status == 200
    answers = [
        agent.try_login(user.name, "not-the-password", "203.0.113.1"),
        agent.try_login("nobody", "not-the-password", "203.0.113.2"),
        agent.try_login("no body\n\u0000", "not-the-password", "203.0.113.3"),
        agent.try_login(disabled.name, "not-the-password", "203.0.113.5"),
    ]
    for answer in answers:
        is_problem(answer, 401, "invalid-credentials")
        assert without_id(answer) == without_id(answers[0])
        assert set(answer.headers) == set(answers[0].headers)
    # Only who knows the password is told that the account is disabled.
    answer = agent.try_login(disabled.name, disabled.password, "203.0.113.4")
    is_problem(answer, answer.status, {401: "invalid-credentials", 403: "forbidden"}[answer.status])


@pytest.mark.parametrize("password", ["", " ", "x" * 129, "\u0000", "é" * 64, "\ud83d\ude00"])
def test_odd_passwords_are_just_wrong(agent, user, password):
    body = {"username": user.name, "password": password}
    answer = agent.api("POST", "/api/auth/login", json=body, headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status in (401, 422), answer.text
    is_problem(answer, answer.status, "invalid-credentials" if answer.status == 401 else "invalid")


@pytest.mark.parametrize("body", [{}, {"username": "admin"}, {"password": "x"}, {"username": None, "password": "x"}])
def test_a_login_that_lacks_something(agent, body):
    answer = agent.api("POST", "/api/auth/login", json=body, headers={"X-Forwarded-For": "203.0.113.10"})
    is_problem(answer, answer.status, {400: "invalid-json", 422: "invalid"}[answer.status])


def test_logout_revokes(agent):
    token = agent.login()
    answer = agent.api("POST", "/api/auth/logout", token)
    assert (answer.status, answer.json()) == (200, {"message": "Logged out successfully"})
    is_problem(agent.api("GET", ME, token), 401, "unauthorized")
    is_problem(agent.api("POST", "/api/auth/logout", token), 401, "unauthorized")
    is_problem(agent.api("POST", "/api/auth/refresh", token), 401, "unauthorized")


def test_refresh_rotates(agent, user):
    old = agent.login(user.name, user.password)
    answer = agent.api("POST", "/api/auth/refresh", old)
    assert answer.status == 200
    body = answer.json()
    assert set(body) == {"token", "expires_in", "user"} and body["user"]["username"] == user.name
    assert parts(body["token"])[1]["jti"] != parts(old)[1]["jti"]
    is_problem(agent.api("GET", ME, old), 401, "unauthorized")
    assert agent.api("GET", ME, body["token"]).status == 200


def test_of_refreshes_at_once_one_wins(agent, user):
    old = agent.login(user.name, user.password)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: agent.api("POST", "/api/auth/refresh", old), range(8)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 7


def test_a_session_outlives_a_restart_and_so_does_its_end(agent, user):
    kept, ended = (agent.login(user.name, user.password) for _ in range(2))
    assert agent.api("POST", "/api/auth/logout", ended).status == 200
    agent.restart()
    assert agent.api("GET", ME, kept).status == 200
    is_problem(agent.api("GET", ME, ended), 401, "unauthorized")


def test_password_change(agent):
    user = agent.new_account("streamer")
    other = agent.login(user.name, user.password)
    path = "/api/auth/password"
    wrong = {"current_password": "not-the-password", "new_password": "another-password"}
    is_problem(agent.api("POST", path, user.token, json=wrong), 401, "invalid-credentials")
    short = {"current_password": user.password, "new_password": "seven77"}
    problem = is_problem(agent.api("POST", path, user.token, json=short), 422, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["new_password"]
    good = {"current_password": user.password, "new_password": "another-password"}
    answer = agent.api("POST", path, user.token, json=good)
    assert (answer.status, answer.json()) == (200, {"message": "Password changed"})
    assert agent.api("GET", ME, user.token).status == 200
    is_problem(agent.api("GET", ME, other), 401, "unauthorized")
    assert agent.try_login(user.name, user.password, "203.0.113.20").status == 401
    assert agent.try_login(user.name, "another-password", "203.0.113.21").status == 200


@pytest.mark.parametrize("change", [{"disabled": True}, {"password": "set-by-an-admin"}, None])
def test_tokens_die_with_the_account(agent, change):
    """Disabled, given another password, deleted."""
    user = agent.new_account("viewer")
    assert agent.api("GET", ME, user.token).status == 200
    path = f"/api/users/{user.id}"
    done = agent.api("PATCH", path, agent.token, json=change) if change else agent.api("DELETE", path, agent.token)
    assert done.status == 200
    is_problem(agent.api("GET", ME, user.token), 401, "unauthorized")
    is_problem(agent.api("POST", "/api/auth/refresh", user.token), 401, "unauthorized")
    if change == {"disabled": True}:
        assert agent.api("PATCH", path, agent.token, json={"disabled": False}).status == 200
        is_problem(agent.api("GET", ME, user.token), 401, "unauthorized")


def flipped(token, index):
    """The token with another character in the part `index`, in its middle."""
    texts = token.split(".")
    middle = len(texts[index]) // 2
    text = texts[index]
    texts[index] = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
    return ".".join(texts)


def with_claims(agent, token, **claims):
    header, old = parts(token)
    return sign(header, {key: value for key, value in (old | claims).items() if value is not None}, agent.jwt_secret)


def with_header(agent, token, secret=None, **header):
    old, claims = parts(token)
    return sign(old | header, claims, secret or agent.jwt_secret)


NOT_TOKENS = {
    "signature changed": lambda agent, token: flipped(token, 2),
    "claims changed": lambda agent, token: flipped(token, 1),
    "header changed": lambda agent, token: flipped(token, 0),
    "no signature": lambda agent, token: token.rpartition(".")[0] + ".",
    "two parts": lambda agent, token: token.rpartition(".")[0],
    "four parts": lambda agent, token: token + ".x",
    "alg none": lambda agent, token: with_header(agent, token, alg="none"),
    "alg None": lambda agent, token: with_header(agent, token, alg="None"),
    "alg HS384": lambda agent, token: with_header(agent, token, alg="HS384"),
    "alg HS512": lambda agent, token: with_header(agent, token, alg="HS512"),
    "other secret": lambda agent, token: with_header(agent, token, secret="x" * 64),
    "empty secret": lambda agent, token: with_header(agent, token, secret="\0"),
    "expired": lambda agent, token: with_claims(agent, token, exp=int(time.time()) - 1),
    "expired long ago": lambda agent, token: with_claims(agent, token, exp=0),
    "without end": lambda agent, token: with_claims(agent, token, exp=None),
    "end is a text": lambda agent, token: with_claims(agent, token, exp="2100-01-01"),
    "without jti": lambda agent, token: with_claims(agent, token, jti=None),
    "claims are a list": lambda agent, token: sign(parts(token)[0], [], agent.jwt_secret),
    "empty": lambda agent, token: "",
    "a word": lambda agent, token: "token",
    "dots": lambda agent, token: "..",
    "long": lambda agent, token: "a" * 4000 + "." + "b" * 1000 + "." + "c" * 43,
}


@pytest.mark.parametrize("name", NOT_TOKENS)
def test_what_is_no_token(agent, user, name):
    forged = NOT_TOKENS[name](agent, user.token)
    assert forged != user.token
    is_problem(agent.api("GET", ME, forged), 401, "unauthorized")


def test_our_own_signature_counts(agent, user):
    """What the forged tokens above are refused for is not the way that these tests sign."""
    assert agent.api("GET", ME, with_claims(agent, user.token)).status == 200


@pytest.mark.parametrize(
    "value",
    [
        "{token}",
        "Basic {token}",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Token {token}",
        "Bearer {token} {token}",
        "Bearer{token}",
    ],
)
def test_headers_that_bear_no_token(agent, user, value):
    header = {"Authorization": value.format(token=user.token)}
    is_problem(agent.api("GET", ME, headers=header), 401, "unauthorized")


def test_the_scheme_is_read_without_regard_to_case(agent, user):
    """RFC 9110, section 11.1."""
    assert agent.api("GET", ME, headers={"Authorization": f"bearer {user.token}"}).status == 200


def test_a_token_counts_in_the_header_alone(agent, user):
    is_problem(agent.api("GET", f"{ME}?token={user.token}&access_token={user.token}"), 401, "unauthorized")
    is_problem(agent.api("GET", ME, headers={"Cookie": f"token={user.token}"}), 401, "unauthorized")


def test_two_authorizations_are_none(agent, user):
    head = f"GET {ME} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += f"Authorization: Bearer x\r\nAuthorization: Bearer {user.token}\r\n\r\n"
    assert agent.send(head.encode()).status in (400, 401)


def test_the_claims_tell_nothing_secret(agent, user):
    text = json.dumps(parts(user.token))
    assert user.password not in text and agent.jwt_secret not in text


def test_without_require_auth_reading_is_open(start_agent):
    """Ask for a login before anything but watching, or don't; what changes or belongs to somebody asks always."""
    agent = start_agent({"authentication.require_auth": "false"})
    for path in ("/api/stream/status", "/api/streams", "/api/analytics", "/api/system", "/api/health/detailed"):
        assert agent.api("GET", path).status == 200, path
        is_problem(agent.api("GET", path, "not-a-token"), 401, "unauthorized")
    for method, path in (
        ("GET", "/api/users"),
        ("GET", "/api/keys"),
        ("GET", ME),
        ("POST", "/api/auth/logout"),
        ("POST", "/api/keys"),
    ):
        is_problem(agent.api(method, path), 401, "unauthorized")
