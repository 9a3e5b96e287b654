"""What holds off those who ask too much, too often or from elsewhere."""

import socket

import pytest
from agent import running
from asking import is_problem, wait_for

HEALTH, ME = "/api/health", "/api/auth/me"
ADDRESS = "X-Forwarded-For"
# Failures after which an address, and an account, must wait. Not promised anywhere, so only bounded here.
PATIENCE_WITH_ADDRESS, PATIENCE_WITH_ACCOUNT = 50, 100


def fail_until_throttled(agent, names, addresses, most):
    """Fails to log in until the answer is 429; that answer, and how often it failed before."""
    for count in range(most):
        answer = agent.try_login(names(count), "not-the-password", addresses(count))
        if answer.status == 429:
            return is_problem(answer, 429, "too-many-requests"), count
        assert answer.status == 401
    pytest.fail(f"{most} failed logins and no end")


@pytest.fixture(scope="module")
def victim(agent):
    return agent.new_account("streamer", "victim")


def test_an_address_that_guesses_must_wait(agent, victim):
    address = "198.51.100.1"
    _, failures = fail_until_throttled(agent, lambda n: f"guess-{n}", lambda n: address, PATIENCE_WITH_ADDRESS)
    assert failures >= 3, "people mistype"
    # Neither the right password nor another spelling helps; other addresses aren't concerned.
    is_problem(agent.try_login(victim.name, victim.password, address), 429, "too-many-requests")
    is_problem(agent.try_login(victim.name, victim.password, f"::ffff:{address}"), 429, "too-many-requests")
    assert agent.try_login(victim.name, victim.password, "198.51.100.2").status == 200
    # What is no login goes on.
    assert agent.api("GET", ME, victim.token, headers={ADDRESS: address}).status == 200
    metrics = agent.metrics()
    assert metrics['putlive_logins_total{result="throttled"}'] >= 3
    assert metrics['putlive_logins_total{result="bad_credentials"}'] >= failures
    assert metrics['putlive_logins_total{result="success"}'] >= 1
    # A good login forgives what was mistyped for that account, and nothing else.
    address = "198.51.100.10"
    for times in (failures - 1, 2):
        for _ in range(times):
            assert agent.try_login(victim.name, "not-the-password", address).status == 401
        assert agent.try_login(victim.name, victim.password, address).status == 200
    address = "198.51.100.11"
    for _ in range(failures - 1):
        assert agent.try_login("nobody", "not-the-password", address).status == 401
        assert agent.try_login(victim.name, victim.password, address).status == 200
    assert agent.try_login("nobody", "not-the-password", address).status == 401
    is_problem(agent.try_login("nobody", "not-the-password", address), 429, "too-many-requests")


def test_an_account_under_attack_stays_open_to_its_owner(agent):
    account, home = agent.new_account("viewer"), "198.51.100.99"
    token = account.token
    assert agent.try_login(account.name, account.password, home).status == 200
    names = [account.name, account.name.upper(), account.name.title()]
    fail_until_throttled(agent, lambda n: names[n % 3], lambda n: f"192.0.2.{n}", PATIENCE_WITH_ACCOUNT)
    is_problem(agent.try_login(account.name, "not-the-password", "192.0.2.200"), 429, "too-many-requests")
    assert agent.try_login(account.name, account.password, home).status == 200
    assert agent.try_login("another", "not-the-password", "192.0.2.201").status == 401
    # The sessions that there are aren't concerned.
    assert agent.api("GET", ME, token).status == 200


def test_an_ipv6_client_has_a_network(agent, victim):
    fail_until_throttled(agent, lambda n: "nobody", lambda n: f"2001:db8:0:1::{n:x}", PATIENCE_WITH_ADDRESS)
    is_problem(agent.try_login(victim.name, victim.password, "2001:db8:0:1:ffff::1"), 429, "too-many-requests")
    assert agent.try_login(victim.name, victim.password, "2001:db8:0:2::1").status == 200


def test_a_password_is_not_guessed_by_changing_it(agent):
    account = agent.new_account("viewer")
    body = {"current_password": "not-the-password", "new_password": "another-password"}
    for _ in range(PATIENCE_WITH_ADDRESS):
        answer = agent.api("POST", "/api/auth/password", account.token, json=body, headers={ADDRESS: "198.51.100.30"})
        if answer.status == 429:
            return
        is_problem(answer, 401, "invalid-credentials")
    pytest.fail("a stolen token may guess the password for ever")


# The rate limit.


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    settings = {
        "security.rate_limit.enabled": "true",
        "security.rate_limit.requests_per_minute": 60,
        "security.rate_limit.burst": 5,
    }
    with running(tmp_path_factory.mktemp("limited"), settings) as agent:
        yield agent


def ask(agent, address, path=ME):
    return agent.api("GET", path, headers={ADDRESS: address})


def use_up(agent, address):
    for _ in range(100):
        answer = ask(agent, address)
        if answer.status == 429:
            return answer
    pytest.fail("100 requests at once, and no limit")


def test_the_rate_limit(limited):
    statuses = [ask(limited, "203.0.113.1").status for _ in range(20)]
    assert statuses[:5] == [401] * 5
    assert 429 in statuses and set(statuses) == {401, 429}
    problem = use_up(limited, "203.0.113.1")
    is_problem(problem, 429, "too-many-requests")
    assert int(problem.headers["Retry-After"]) <= 60
    # Another address has its own, and health has none.
    assert ask(limited, "203.0.113.2").status == 401
    assert {ask(limited, "203.0.113.1", HEALTH).status for _ in range(30)} == {200}
    assert limited.metrics()["putlive_rate_limited_requests_total"] >= 2
    # One a second comes back.
    wait_for(lambda: ask(limited, "203.0.113.1").status == 401, "the limit to let a request through")


def test_nobody_evades_the_rate_limit(limited):
    use_up(limited, "2001:db8::1")
    assert ask(limited, "2001:db8::2").status == 429
    assert ask(limited, "2001:db8:0:1::1").status == 401
    # What nginx never sends names nobody, so it all counts as one.
    statuses = {ask(limited, f"203.0.113.{n}, 10.0.0.{n}").status for n in range(30)}
    assert 429 in statuses
    statuses = {ask(limited, f"nonsense-{n}").status for n in range(30)}
    assert 429 in statuses


@pytest.mark.parametrize(
    "path", ["//api/auth/me", "/api//auth/me", "/api/auth/me/", "/api/auth/me?x", "/./api/auth/me", "/api/nothing"]
)
def test_no_spelling_evades_the_rate_limit(limited, path):
    """nginx hands paths on as they were sent."""
    use_up(limited, "203.0.113.5")
    answer = ask(limited, "203.0.113.5", path)
    # Either it is counted, or it is no path of the API's.
    assert answer.status == 429 or answer.status == 404, answer.text


def test_a_login_counts_as_well(limited):
    use_up(limited, "203.0.113.3")
    is_problem(limited.try_login(address="203.0.113.3"), 429, "too-many-requests")


def test_hooks_and_pages_are_not_limited(limited):
    use_up(limited, "203.0.113.4")
    assert ask(limited, "203.0.113.4", "/").status == 200
    assert ask(limited, "203.0.113.4", "/live/none.m3u8").status == 404


# Who a request comes from.


def other_addresses():
    """Addresses of this machine's that aren't loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return []
        return [probe.getsockname()[0]]


def test_the_agent_listens_on_the_loopback_alone(agent):
    addresses = other_addresses()
    if not addresses:
        pytest.skip("this machine has no other address")
    for address in addresses:
        with pytest.raises(OSError):
            socket.create_connection((address, agent.port), timeout=5)


@pytest.mark.parametrize("header", [ADDRESS, "Forwarded", "X-Real-IP"])
@pytest.mark.parametrize("value", ["203.0.113.7", "127.0.0.1", "::1", "localhost", "", "unknown", "for=127.0.0.1"])
def test_who_is_forwarded_is_not_this_host(agent, header, value):
    is_problem(agent.api("GET", "/metrics", headers={header: value}), 401, "unauthorized")
    hook = agent.api("POST", f"/api/srs/on_play?secret={agent.hook_secret}", json={}, headers={header: value})
    assert hook.status in (403, 404), hook.text


def test_metrics_are_for_this_host_and_admins(agent, victim):
    elsewhere = {ADDRESS: "203.0.113.7"}
    assert agent.api("GET", "/metrics").status == 200
    assert agent.api("GET", "/metrics", agent.token, headers=elsewhere).status == 200
    is_problem(agent.api("GET", "/metrics", victim.token, headers=elsewhere), 403, "forbidden")


def test_the_forwarded_address_is_what_is_logged(agent):
    for address in ("203.0.113.77", "2001:db8::77"):
        agent.try_login("nobody", "not-the-password", address)
        wait_for(
            lambda: [line for line in agent.log_lines("login_failed") if line["ip"] == address], "a line of the log"
        )
    agent.try_login("nobody", "not-the-password", "203.0.113.78, 203.0.113.79")
    agent.try_login("nobody", "not-the-password", '203.0.113.80","x":"')
    wait_for(lambda: agent.log_lines("login_failed")[-1]["ip"] == "127.0.0.1", "a line of the log")
    assert not {"203.0.113.78", "203.0.113.79", "203.0.113.80"} & {
        line["ip"] for line in agent.log_lines("login_failed")
    }


# CORS.

ALLOWED, OTHER = "https://www.example.com", "https://evil.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    settings = {"security.cors.enabled": "true", "security.cors.allowed_origins": f"{ALLOWED},https://b.example:8443"}
    with running(tmp_path_factory.mktemp("shared"), settings) as agent:
        yield agent


def cors(answer):
    return {name.lower() for name in answer.headers if name.lower().startswith("access-control-")}


@pytest.mark.parametrize("origin", [ALLOWED, "https://b.example:8443"])
def test_allowed_origins(shared, origin):
    for path, status in ((HEALTH, 200), (ME, 401), ("/api/nothing", 404)):
        answer = shared.api("GET", path, headers={"Origin": origin})
        assert answer.status == status
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "origin" in answer.headers["Vary"].lower()
        # Tokens come in a header; cookies aren't wanted.
        assert answer.headers["Access-Control-Allow-Credentials"] is None
    answer = shared.api("OPTIONS", "/api/auth/login", headers={"Origin": origin, **PREFLIGHT})
    assert answer.status in (200, 204) and not answer.body
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    methods = {name.strip() for name in answer.headers["Access-Control-Allow-Methods"].split(",")}
    assert {"GET", "POST", "PATCH", "DELETE"} <= methods
    names = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type"} <= names


@pytest.mark.parametrize(
    "origin",
    [
        OTHER,
        "null",
        "*",
        "http://www.example.com",
        ALLOWED + ".evil.example",
        ALLOWED + ":8443",
        "https://WWW.example.com/",
        "https://example.com",
        "https://b.example",
        "",
        f"{ALLOWED} {OTHER}",
    ],
)
def test_other_origins(shared, origin):
    for method, more in (("GET", {}), ("OPTIONS", PREFLIGHT)):
        answer = shared.api(method, HEALTH, headers={"Origin": origin, **more})
        assert not cors(answer), answer.headers


def test_errors_can_be_read_by_allowed_origins(shared):
    """A page must see why: the field is on problems as on answers."""
    answer = shared.api("POST", "/api/auth/login", json={"username": "x", "password": "y"}, headers={"Origin": ALLOWED})
    is_problem(answer, 401, "invalid-credentials")
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED


def test_streams_may_be_played_by_the_same(shared):
    for origin, allowed in ((ALLOWED, ALLOWED), (OTHER, None)):
        answer = shared.api("GET", "/live/none.m3u8", headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == allowed


def test_without_cors_nobody_is_allowed(agent):
    answer = agent.api("GET", HEALTH, headers={"Origin": ALLOWED})
    assert not cors(answer)
    assert not cors(agent.api("OPTIONS", HEALTH, headers={"Origin": ALLOWED, **PREFLIGHT}))


def test_the_own_pages_may_always(agent):
    """Browsers send Origin with each POST."""
    answer = agent.api("POST", "/api/auth/logout", agent.login(), headers={"Origin": agent.url})
    assert answer.status == 200
