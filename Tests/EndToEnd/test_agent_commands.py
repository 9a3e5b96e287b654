"""user and key: at work beside an agent that serves, and with what is wrong."""

import json
import os
import pty
import select
import signal
import subprocess
import termios

import pytest
from agent import AGENT, Agent, environment, running
from asking import done, refused, wait_for
from srs import Hooks, api_port

PASSWORD = "a good password"


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    with api_port(), running(tmp_path_factory.mktemp("agent"), {"streaming.engine": "srs"}) as one:
        yield one


def test_help_tells_of_all():
    top = subprocess.run([AGENT, "--help"], capture_output=True, text=True, timeout=60, env=environment())
    assert top.returncode == 0
    for name in ("serve", "user", "key", "backup", "restore"):
        assert f"  {name} " in top.stdout
        about = subprocess.run([AGENT, name, "--help"], capture_output=True, text=True, timeout=60, env=environment())
        assert about.returncode == 0 and "OVERVIEW" in about.stdout


# Accounts.


def test_users(agent):
    """Each takes effect on the agent that serves, without a restart."""
    made = agent.command("user", "add", "ann", "--role", "streamer", input=f"{PASSWORD}\n")
    assert PASSWORD not in done(made) + made.stderr
    token = wait_for(
        lambda: (answer := agent.try_login("ann", PASSWORD)).status == 200 and answer.json()["token"], "the login"
    )
    listed = {
        row["username"]: row for row in json.loads(done(agent.command("user", "list", "--format", "json")))["users"]
    }
    assert listed["ann"]["role"] == "streamer" and listed["ann"]["disabled"] is False
    text = done(agent.command("user", "list"))
    assert "ann" in text and agent.admin_name in text
    done(agent.command("user", "passwd", "ANN", input="another password\n"))
    wait_for(lambda: agent.api("GET", "/api/auth/me", token).status == 401, "the session to end")
    token = agent.login("ann", "another password")
    done(agent.command("user", "disable", "ann"))
    wait_for(lambda: agent.api("GET", "/api/auth/me", token).status == 401, "the session to end")
    assert agent.try_login("ann", "another password", "203.0.113.1").status in (401, 403)
    done(agent.command("user", "enable", "ann"))
    wait_for(lambda: agent.try_login("ann", "another password").status == 200, "the login")
    done(agent.command("user", "remove", "ann"))
    assert agent.try_login("ann", "another password", "203.0.113.2").status == 401
    assert "ann" not in done(agent.command("user", "list")).split()


def test_a_generated_password(agent):
    password = done(agent.command("user", "add", "generated", "--generate")).strip()
    agent.secrets.add(password)
    assert len(password) >= 16
    wait_for(lambda: agent.try_login("generated", password).status == 200, "the login")


@pytest.mark.parametrize(
    "arguments, password, words",
    [
        (["add", "a b"], PASSWORD, "name"),
        (["add", ""], PASSWORD, "name"),
        (["add", "x" * 65], PASSWORD, "name"),
        (["add"], PASSWORD, "name"),
        (["add", "bob"], "short", "password"),
        (["add", "bob"], "", "password"),
        (["add", "bob"], "x" * 2000, "password"),
        (["add", "bob", "--role", "root"], PASSWORD, "role"),
        (["add", "ADMIN"], PASSWORD, "exists"),
        (["passwd", "nobody"], PASSWORD, "nobody"),
        (["disable", "nobody"], "", "nobody"),
        (["remove", "nobody"], "", "nobody"),
        (["disable", "admin"], "", "last"),
        (["remove", "admin"], "", "last"),
        (["add", "bob", "--password", PASSWORD], "", "password"),
        (["nonsense"], "", "user"),
        (["add", "bob"], "pass\x01word!", "password"),
    ],
)
def test_users_that_are_none(agent, arguments, password, words):
    before = agent.api("GET", "/api/users", agent.token).json()
    refused(agent.command("user", *arguments, input=password and password + "\n"), words)
    assert agent.api("GET", "/api/users", agent.token).json() == before


def test_a_password_on_a_terminal_is_not_shown(agent):
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [AGENT, "user", "add", "terminal", "--config", agent.config],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment(),
        cwd="/",
    )
    os.close(follower)
    shown = b""

    def read(until):
        nonlocal shown
        while until not in shown:
            ready, _, _ = select.select([leader], [], [], 30)
            assert ready, shown
            try:
                shown += os.read(leader, 4096)
            except OSError:
                return

    read(b"Password: ")
    os.write(leader, f"{PASSWORD}\n".encode())
    read(b"Once more: ")
    os.write(leader, f"{PASSWORD}\n".encode())
    read(b"added")
    assert process.wait(30) == 0
    os.close(leader)
    assert PASSWORD.encode() not in shown
    wait_for(lambda: agent.try_login("terminal", PASSWORD).status == 200, "the login")


def test_a_terminal_is_left_as_it_was(agent):
    """Interrupted while it asks: what is typed next is seen again."""
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    process = subprocess.Popen(
        [AGENT, "user", "add", "interrupted", "--config", agent.config],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment(),
        cwd="/",
    )
    wait_for(lambda: not termios.tcgetattr(follower)[3] & termios.ECHO, "the prompt")
    process.send_signal(signal.SIGINT)
    assert process.wait(30) != 0
    assert termios.tcgetattr(follower) == before
    os.close(leader)
    os.close(follower)


# Keys.


def test_keys(agent):
    hooks = Hooks(agent)
    printed = done(
        agent.command("key", "create", "--user", agent.admin_name, "--stream", "by-command", "--label", "cam 1")
    )
    server, text = (line.partition(": ")[2].strip() for line in printed.splitlines())
    agent.secrets.add(text.partition("key=")[2])
    assert server == "rtmp://localhost/live"
    assert hooks.publish_key({"stream_key": text}, client_id="a1").status == 200
    hooks.unpublish("by-command", client_id="a1")
    (key,) = [
        row
        for row in json.loads(done(agent.command("key", "list", "--format", "json")))["keys"]
        if row["stream"] == "by-command"
    ]
    assert key["status"] == "active" and key["label"] == "cam 1"
    # The same text that the API shows.
    assert agent.api("GET", f"/api/keys/{key['id']}", agent.token).json()["stream_key"] == text
    assert text.partition("key=")[2] not in done(agent.command("key", "list"))
    done(agent.command("key", "revoke", key["id"]))
    assert hooks.publish_key({"stream_key": text}, client_id="a2").status == 403


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["create", "--user", "nobody", "--stream", "x"], "nobody"),
        (["create", "--user", "admin", "--stream", "A_b"], "stream"),
        (["create", "--user", "admin"], "stream"),
        (["create", "--stream", "x"], "user"),
        (["create", "--user", "admin", "--stream", "x", "--expires", "soon"], "expires"),
        (["create", "--user", "admin", "--stream", "x", "--expires", "-1d"], "expires"),
        (["create", "--user", "admin", "--stream", "x", "--label", "a\nb"], "label"),
        (["revoke", "nothing"], "nothing"),
        (["revoke"], "id"),
        (["list", "--user", "nobody"], "nobody"),
    ],
)
def test_keys_that_are_none(agent, arguments, word):
    refused(agent.command("key", *arguments), word)


def test_what_a_client_chose_moves_no_cursor(agent):
    """A label goes to a terminal as text."""
    agent.new_key("odd", label="\u202e a \u2028x\u2066")
    text = done(agent.command("key", "list"))
    assert not {"\u202e", "\u2028", "\u2066"} & set(text)


@pytest.mark.parametrize("command", [["user", "list"], ["key", "list"], ["backup"], ["restore", "x"]])
def test_a_config_or_database_that_is_bad(tmp_path, command):
    agent = Agent(tmp_path)
    if command[0] != "restore":
        refused(agent.command(*command), str(agent.database))
        agent.database.write_bytes(b"not a database" * 1000)
        refused(agent.command(*command), str(agent.database))
    agent.config.write_text("server: [\n")
    refused(agent.command(*command), "config.yaml")
