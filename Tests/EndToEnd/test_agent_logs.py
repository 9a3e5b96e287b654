"""The log: docs/logs.md's contract, read by fail2ban itself with the filters that putlive-gen renders."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from agent import running
from asking import wait_for
from srs import Hooks, api_port

ROOT = Path(__file__).resolve().parents[2]
START = re.compile(
    r'\{"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"(debug|info|notice|warning|error|critical)","event":"[a-z0-9]+(_[a-z0-9]+)*"[,}]'
)
# Addresses as they come, and what a client may choose beside them.
CLIENTS = {
    "203.0.113.1": "admin",
    "203.0.113.2": 'x","ip":"198.51.100.1',
    "203.0.113.3": 'x\n{"ts":"2026-01-01T00:00:00.000Z","level":"warning","event":"login_failed","ip":"198.51.100.2"}',
    "203.0.113.4": "\\",
    "203.0.113.5": '\\","ip":"198.51.100.3","x":"',
    "203.0.113.6": "\u2028\u0085\u0000\u001b[31m\r\n\t\u007f",
    "203.0.113.7": "\U0001f600é\u202e",
    "203.0.113.8": "<HOST> %(ip)s",
    "203.0.113.9": "x" * 200,
    "2001:db8::7": "root",
}


@pytest.fixture(scope="module")
def filters(agent, tmp_path_factory):
    folder = tmp_path_factory.mktemp("filters")
    made = agent.gen("render", "--config", ROOT / "golden/single/config.yaml", "--output", folder)
    assert made.returncode == 0, made.stderr
    return folder / "etc/fail2ban/filter.d"


def addresses(log, filter):
    """What fail2ban would ban, a line each."""
    read = subprocess.run(
        ["fail2ban-regex", "--out", "ip", str(log), str(filter)], capture_output=True, text=True, timeout=60
    )
    assert read.returncode == 0, read.stderr
    return [line for line in read.stdout.splitlines() if line]


def raw_lines(agent):
    return (agent.folder / "stdout.log").read_text(encoding="utf-8").split("\n")[:-1]


def test_each_line_is_an_object_as_promised(agent):
    agent.login()
    agent.new_account("streamer")
    agent.new_key("stream")
    agent.api("GET", "/api/users", "not-a-token")
    lines = raw_lines(agent)
    assert lines
    for line in lines:
        assert START.match(line), line
        record = json.loads(line, object_pairs_hook=lambda pairs: pairs)
        names = [name for name, _ in record]
        assert len(set(names)) == len(names), f"a field twice: {line}"
        assert names[:3] == ["ts", "level", "event"]
        assert "ip" not in names or names[3] == "ip", line
        # No blanks outside of strings.
        assert not re.search(r"\s", re.sub(r'"(\\.|[^"\\])*"', '""', line)), line
        assert not re.search(r"[\x00-\x1f]", line), line
    assert not (agent.folder / "stderr.log").read_text(), "nothing goes beside the log"


def test_failed_logins_are_what_fail2ban_reads(agent, filters):
    before = len(agent.log_lines("login_failed"))
    for address, name in CLIENTS.items():
        assert agent.try_login(name, "not-the-password", address).status == 401
    lines = wait_for(
        lambda: (found := agent.log_lines("login_failed")[before:])[len(CLIENTS) - 1 :] and found,
        "a line for each failure",
    )
    assert [line["ip"] for line in lines] == list(CLIENTS)
    for line in lines:
        assert line["level"] == "warning" and line["request_id"]
        name = CLIENTS[line["ip"]]
        # Possibly cut, and with another character for what is none.
        assert len(line["user"]) <= 256 and (line["user"] == name or len(name) > 64), line
    found = addresses(agent.folder / "stdout.log", filters / "putlive-login.conf")
    assert set(CLIENTS) <= set(found) and not any(address.startswith("198.51.100.") for address in found)
    assert len(found) == len(agent.log_lines("login_failed"))
    assert addresses(agent.folder / "stdout.log", filters / "putlive-stream-key.conf") == []


def test_good_logins_are_no_failures(agent, filters):
    before = addresses(agent.folder / "stdout.log", filters / "putlive-login.conf")
    agent.login()
    for path in ("/api/users", "/api/auth/me"):
        agent.api("GET", path, "x.y.z", headers={"X-Forwarded-For": "203.0.113.66"})
        agent.api("GET", path, headers={"X-Forwarded-For": "203.0.113.66"})
    assert addresses(agent.folder / "stdout.log", filters / "putlive-login.conf") == before


def test_the_request_id_goes_through(agent):
    answer = agent.try_login("nobody", "not-the-password", "203.0.113.42")
    (line,) = wait_for(
        lambda: [line for line in agent.log_lines("login_failed") if line["ip"] == "203.0.113.42"],
        "the line of the failure",
    )
    assert line["request_id"] == answer.headers["X-Request-Id"] == answer.json()["request_id"]


def test_what_is_done_is_logged_with_who_did_it(agent):
    user = agent.new_account("streamer")
    key = agent.new_key("logged", user.token)
    agent.api("DELETE", f"/api/keys/{key['id']}", user.token)
    agent.api("DELETE", f"/api/users/{user.id}", agent.token)
    for event, by in (
        ("user_created", None),
        ("key_created", user.name),
        ("key_revoked", user.name),
        ("user_deleted", None),
    ):
        line = wait_for(lambda: agent.log_lines(event), event)[-1]
        assert line["request_id"]
        assert by is None or by in line.values()


@pytest.fixture(scope="module")
def srs_agent(tmp_path_factory):
    with api_port(), running(tmp_path_factory.mktemp("srs"), {"streaming.engine": "srs"}) as agent:
        yield agent


def test_rejected_stream_keys_are_what_fail2ban_reads(srs_agent, filters):
    agent, hooks = srs_agent, Hooks(srs_agent)
    good = agent.new_key("stream")["stream_key"].partition("?")[2]
    params = [
        "",
        "?",
        "?key=",
        "?key=forged",
        f"?{good}x",
        f"?{good[:-1]}",
        '?key=x","ip":"198.51.100.1',
        "?key=" + "y" * 3000,
        "?key=%00",
    ]
    clients = [f"203.0.113.{n}" for n in range(len(params))] + ["2001:db8::9"]
    streams = ["stream"] * len(params) + ['x","ip":"198.51.100.9']
    for address, param, stream in zip(clients, [*params, f"?{good}"], streams, strict=True):
        answer = hooks.publish(stream, param, ip=address)
        assert (answer.status, answer.json()) == (403, {"code": 403})
    lines = wait_for(
        lambda: (found := agent.log_lines("stream_key_rejected"))[len(clients) - 1 :] and found,
        "a line for each rejection",
    )
    assert [line["ip"] for line in lines] == clients
    assert {line["level"] for line in lines} == {"warning"}
    log = agent.folder / "stdout.log"
    assert addresses(log, filters / "putlive-stream-key.conf") == clients
    assert addresses(log, filters / "putlive-login.conf") == []
    # A good one isn't.
    assert hooks.publish("stream", f"?{good}").status == 200
    hooks.unpublish("stream")
    assert len(agent.log_lines("stream_key_rejected")) == len(clients)


def test_a_hook_may_not_name_a_bad_address(srs_agent):
    """What isn't an address doesn't reach the field that fail2ban reads."""
    for address in ('x","ip":"198.51.100.1', "", "a b", "1.2.3", "203.0.113.1%eth0", "[::1]"):
        Hooks(srs_agent).publish("stream", "?key=forged", ip=address)
    for line in srs_agent.log_lines("stream_key_rejected"):
        assert re.fullmatch(r"[0-9a-fA-F.:]*", line["ip"]), line
