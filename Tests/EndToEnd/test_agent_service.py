"""The agent as a service: what it tells systemd, how it ends, how it takes a new config, and what keeps it from starting."""

import os
import re
import signal
import socket
import sqlite3
import time

import pytest
from agent import Agent
from asking import LOOPBACK, free_port, is_problem, wait_for

ORIGIN = "https://www.example.com"


class Listener:
    """systemd's end of NOTIFY_SOCKET."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.settimeout(0.05)
        self.said = []

    def hears(self, word):
        """Has it been said, in a message that is all its own variables?"""
        try:
            while True:
                self.said += self.socket.recv(4096).decode().splitlines()
        except TimeoutError:
            return word in self.said


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told(start_agent, tmp_path, abstract):
    name = f"\0putlive-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    listener = Listener(name)
    environment = {"NOTIFY_SOCKET": name.replace("\0", "@"), "WATCHDOG_USEC": "5000000"}
    agent = start_agent(environment=environment, start=False).spawn()
    wait_for(lambda: listener.hears("READY=1"), "READY=1")
    # Whoever waits for READY may ask at once.
    assert agent.api("GET", "/api/health").status == 200
    wait_for(lambda: listener.hears("") or listener.said.count("WATCHDOG=1") > 1, "WATCHDOG=1, again and again")
    assert "STOPPING=1" not in listener.said
    agent.signal(signal.SIGTERM)
    wait_for(lambda: listener.hears("STOPPING=1"), "STOPPING=1")
    # Nothing is under way, so nothing is waited for: half of the time that is given to what is.
    assert agent.wait(10) == 0


def test_a_stopped_agent_feeds_no_watchdog(start_agent, tmp_path):
    listener = Listener(str(tmp_path / "notify"))
    agent = start_agent(environment={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "5000000"})
    wait_for(lambda: listener.hears("WATCHDOG=1"), "WATCHDOG=1")
    agent.signal(signal.SIGSTOP)
    listener.hears("")
    beats, until = listener.said.count("WATCHDOG=1"), time.monotonic() + 3
    wait_for(lambda: listener.hears("") or time.monotonic() > until, "three seconds to pass")
    assert listener.said.count("WATCHDOG=1") <= beats + 1
    agent.signal(signal.SIGCONT)
    wait_for(lambda: listener.hears("") or listener.said.count("WATCHDOG=1") > beats + 1, "the beat to go on")


@pytest.mark.parametrize("name", ["", "/nowhere/notify", "@nobody", "notify", "vsock:2:1234"])
def test_nobody_to_tell_is_no_reason_to_fail(start_agent, name):
    agent = start_agent(
        environment={
            "NOTIFY_SOCKET": name,
            "WATCHDOG_USEC": "x",
            "WATCHDOG_PID": "1",
            "LISTEN_FDS": "9",
            "LISTEN_PID": "1",
        }
    )
    assert agent.api("GET", "/api/health").status == 200


def test_requests_under_way_are_finished(start_agent):
    """SIGTERM: no new connection, an idle one closed, what has begun is answered."""
    agent = start_agent()
    body = f'{{"username":"{agent.admin_name}","password":"{agent.admin_password}"}}'.encode()
    head = f"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    idle, busy = agent.connect(), agent.connect()
    idle.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert idle.recv(65536).startswith(b"HTTP/1.1 200")
    busy.sendall(head.encode() + body[:10])
    wait_for(lambda: agent.metrics()["putlive_http_requests_in_flight"] == 2, "the request to have begun")
    agent.signal(signal.SIGTERM)

    def refuses():
        try:
            agent.connect(seconds=1).close()
        except OSError:
            return True

    wait_for(refuses, "new connections to be refused")
    busy.sendall(body[10:])
    answer = busy.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    agent.secrets.add(re.search(rb'"token":"([^"]+)"', answer)[1].decode())
    assert idle.recv(65536) == b""
    assert agent.wait() == 0


def test_who_never_finishes_does_not_hold_it_up(start_agent):
    agent = start_agent()
    connections = [agent.connect() for _ in range(20)]
    for number, connection in enumerate(connections):
        connection.sendall(
            b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"[
                : 20 + 10 * number
            ]
        )
    agent.signal(signal.SIGTERM)
    assert agent.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_ways_to_end(start_agent, number):
    agent = start_agent()
    agent.signal(number)
    assert agent.wait() == 0
    with sqlite3.connect(agent.database) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_the_port_is_free_again_at_once(start_agent):
    agent = start_agent()
    for _ in range(3):
        keep = agent.connect()
        keep.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        agent.restart()
        keep.close()


def test_a_killed_agent_loses_nothing(start_agent):
    agent = start_agent()
    user = agent.new_account("streamer")
    key = agent.new_key("show", user.token)
    agent.process.kill()
    agent.wait()
    agent.start()
    assert agent.api("GET", "/api/auth/me", user.token).status == 200
    assert agent.api("GET", f"/api/keys/{key['id']}", user.token).json()["stream_key"] == key["stream_key"]


# SIGHUP.


def reload(agent, works):
    """Sends SIGHUP and waits until it was heard."""
    name = "putlive_config_last_reload_timestamp_seconds"
    before, lines = agent.metrics()[name], len(agent.log_lines())
    agent.signal(signal.SIGHUP)
    if works:
        wait_for(
            lambda: agent.metrics()["putlive_config_last_reload_successful"] == 1 and len(agent.log_lines()) > lines,
            "the new config",
        )
    else:
        wait_for(lambda: agent.metrics()["putlive_config_last_reload_successful"] == 0, "the refusal")
        assert agent.metrics()[name] == before
    return agent.log_lines()[lines:]


def allowed_origin(agent):
    return agent.api("GET", "/api/health", headers={"Origin": ORIGIN}).headers["Access-Control-Allow-Origin"]


def test_a_good_config_is_taken(start_agent):
    agent = start_agent()
    token = agent.token
    assert allowed_origin(agent) is None
    agent.change(
        security__cors__enabled=True,
        security__cors__allowed_origins=[ORIGIN],
        security__rate_limit__enabled=True,
        security__rate_limit__requests_per_minute=60,
        security__rate_limit__burst=3,
    )
    reload(agent, works=True)
    wait_for(lambda: allowed_origin(agent) == ORIGIN, "the new origins")
    address = {"X-Forwarded-For": "203.0.113.1"}
    statuses = [agent.api("GET", "/api/auth/me", token, headers=address).status for _ in range(20)]
    assert 200 in statuses and 429 in statuses
    agent.change(security__cors__enabled=False, security__rate_limit__enabled=False)
    reload(agent, works=True)
    wait_for(lambda: allowed_origin(agent) is None, "the old origins")
    assert {agent.api("GET", "/api/auth/me", token, headers=address).status for _ in range(20)} == {200}


def test_a_bad_config_is_not_taken(start_agent):
    agent = start_agent({"security.cors.enabled": "true", "security.cors.allowed_origins": ORIGIN})
    good = agent.config.read_text()
    for bad in ("server: [", good.replace("http_port", "http_prt"), "", None):
        if bad is None:
            agent.config.unlink()
        else:
            agent.config.write_text(bad)
        lines = reload(agent, works=False)
        assert allowed_origin(agent) == ORIGIN
        told = wait_for(
            lambda: [line for line in agent.log_lines() if line["level"] in ("error", "warning")], "a line that says so"
        )
        assert told and lines is not None
        agent.config.write_text(good)
        reload(agent, works=True)
    assert any("http_prt" in str(line) for line in agent.log_lines())


def test_what_needs_a_restart_is_said(start_agent):
    agent = start_agent()
    agent.change(server__http_port=free_port())
    reload(agent, works=True)
    wait_for(lambda: any("server.http_port" in str(line) for line in agent.log_lines()), "a line that names the key")
    assert agent.api("GET", "/api/health").status == 200


def test_a_new_expiry_counts_for_new_tokens(start_agent):
    agent = start_agent()
    assert agent.try_login().json()["expires_in"] == 86400
    agent.change(authentication__token_expiry="1h")
    reload(agent, works=True)
    wait_for(lambda: agent.try_login().json()["expires_in"] == 3600, "the new expiry")


# What keeps it from starting.


def refusal(agent):
    """The words of an agent that doesn't start."""
    agent.spawn()
    assert agent.wait() == 1
    agent.process = None
    said = agent.said()
    assert "Fatal error" not in said and "Thread 0" not in said, said
    return said


def test_a_port_that_is_taken(start_agent):
    agent = start_agent(start=False)
    with socket.socket() as other:
        other.bind((LOOPBACK, agent.port))
        other.listen()
        assert str(agent.port) in refusal(agent)


def test_two_agents_of_one_database(start_agent):
    first = start_agent()
    second = start_agent(start=False)
    config = second.settings
    config["database"]["path"] = str(first.database)
    second.change(database=config["database"])
    assert str(first.database) in refusal(second)
    assert first.api("GET", "/api/auth/me", first.token).status == 200


@pytest.mark.parametrize("text", ["", "server: [", "version: '3.1'\nnonsense: 1\n"])
def test_a_bad_config(start_agent, text):
    agent = start_agent(start=False)
    agent.secrets = set()
    agent.config.write_text(text)
    process = agent.command("serve")
    assert process.returncode == 1 and "config.yaml" in process.stderr


def test_a_config_that_is_not_there(tmp_path):
    agent = Agent(tmp_path)
    agent.config.unlink()
    process = agent.command("serve")
    assert process.returncode == 1 and str(agent.config) in process.stderr


def test_a_database_where_none_can_be(start_agent):
    agent = start_agent(start=False)
    (agent.folder / "file").write_text("")
    agent.change(database__path=str(agent.folder / "file/putlive.db"))
    assert str(agent.folder / "file") in refusal(agent)


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be one" * 100, b"SQLite format 3\0" + b"\xff" * 8192]
)
def test_a_database_that_is_none(start_agent, content):
    agent = start_agent(start=False)
    agent.database.write_bytes(content)
    said = refusal(agent)
    assert str(agent.database) in said and "restore" in said
    assert agent.database.read_bytes() == content, "it was changed"


def test_a_database_of_a_newer_version(start_agent):
    agent = start_agent()
    agent.new_account("viewer")
    agent.stop()
    with sqlite3.connect(agent.database) as database:
        database.execute("PRAGMA user_version = 9999")
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
        if "grdb_migrations" in tables:
            database.execute("INSERT INTO grdb_migrations VALUES ('v9999')")
    database.close()
    before = agent.database.read_bytes()
    assert "newer" in refusal(agent)
    assert agent.database.read_bytes() == before


def test_a_database_of_another_program(start_agent):
    agent = start_agent(start=False)
    with sqlite3.connect(agent.database) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
    database.close()
    assert str(agent.database) in refusal(agent)
    with sqlite3.connect(agent.database) as database:
        assert [row[0] for row in database.execute("SELECT name FROM sqlite_master")] == ["bookmarks"]
    database.close()


def test_the_edge_has_none(tmp_path):
    agent = Agent(tmp_path)
    agent.change(deployment__role="edge", deployment__origin_host="10.0.0.5")
    process = agent.command("serve")
    assert process.returncode == 1 and process.stderr


def test_the_database_is_the_owners_alone(agent):
    mode = agent.database.stat().st_mode & 0o777
    assert mode & 0o007 == 0, oct(mode)


def test_health_when_the_database_fails(start_agent):
    """Another program holds it: 503, no crash, and all is well again when it lets go."""
    agent = start_agent()
    token = agent.token
    user = {"username": "x", "password": "long enough", "role": "viewer"}
    other = sqlite3.connect(agent.database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    health = wait_for(lambda: (answer := agent.api("GET", "/api/health")).status == 503 and answer, "health to say so")
    assert health.json()["status"] == "error"
    is_problem(agent.api("POST", "/api/users", token, json=user), 503, "unavailable")
    detailed = agent.api("GET", "/api/health/detailed", token)
    assert detailed.json()["status"] == "error"
    assert (
        detailed.json()["components"]["database"]["status"] == "error"
        and detailed.json()["components"]["database"]["detail"]
    )
    healthy = 'putlive_component_healthy{component="database"}'
    wait_for(lambda: agent.metrics()[healthy] == 0, "the metric to say so")
    other.execute("ROLLBACK")
    other.close()
    wait_for(lambda: agent.api("GET", "/api/health").status == 200, "health to be well again")
    assert agent.api("POST", "/api/users", token, json=user).status == 201
