"""A putlive-agent of a test's own: its config, its process, a client of its API, and what must hold of each of them.

The fixture `agent` is one for a module, of the role local; `start_agent` makes more, with settings and an end of their own.
"""

import contextlib
import hashlib
import hmac
import http.client
import json as json_module
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import yaml
from asking import LOOPBACK, PATIENCE, Answer, free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
GEN = os.environ.get("PUTLIVE_GEN") or str(ROOT / ".build/debug/putlive-gen")
AGENT = os.path.abspath(os.environ.get("PUTLIVE_AGENT") or ROOT / ".build/debug/putlive-agent")
# What the test's own environment must not hand on to the agent.
NOT_INHERITED = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}


def require_programs():
    """Skips where there is nothing to test, but not where something was named and isn't there."""
    for variable, path in (("PUTLIVE_AGENT", AGENT), ("PUTLIVE_GEN", GEN)):
        if not os.path.exists(path):
            if os.environ.get(variable):
                pytest.fail(f"{variable} names {path}, which doesn't exist")
            pytest.skip(f"{path} isn't built, and {variable} names no other")


def environment(**more):
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {"LLVM_PROFILE_FILE": "/dev/null", **inherited, **more}


class Account:
    """A user that a test made. It logs in when its token is first asked for: each login takes the agent a while."""

    def __init__(self, agent, id, name, password, role):
        self.agent, self.id, self.name, self.password, self.role = agent, id, name, password, role
        self._token = None

    @property
    def token(self):
        if self._token is None:
            self._token = self.login()
        return self._token

    @token.setter
    def token(self, token):
        """None for another login."""
        self._token = token

    def login(self):
        """A token of another session."""
        return self.agent.login(self.name, self.password)


class Agent:
    """One agent, from its config to its end."""

    def __init__(self, folder, settings=None, environment=None):
        require_programs()
        self.folder = Path(folder)
        self.config = self.folder / "config.yaml"
        self.environment = environment or {}
        self.process = None
        # A command that becomes the agent, with what it needs of this process's descriptors.
        self.launcher = []
        self.descriptors = ()
        # Texts that no log line may have.
        self.secrets = set()
        self._tokens = {}
        self.port = free_port()
        settings = {
            "server.http_port": self.port,
            "streaming.webrtc.udp_port": free_port(socket.SOCK_DGRAM),
            "streaming.webrtc.tcp_port": free_port(),
            "security.rate_limit.enabled": "false",
            **(settings or {}),
        }
        arguments = [f"--set={key}={value}" for key, value in settings.items()]
        made = self.gen("init", "--role", "local", "--output", self.config, *arguments)
        assert made.returncode == 0, made.stderr

    # The config.

    def gen(self, *arguments):
        return subprocess.run(
            [GEN, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            env=environment(),
        )

    @property
    def settings(self):
        return yaml.safe_load(self.config.read_text(encoding="utf-8"))

    def change(self, **settings):
        """Sets keys of the config, written `security__cors__enabled`; the agent isn't told."""
        config = self.settings
        for key, value in settings.items():
            *sections, name = key.split("__")
            section = config
            for part in sections:
                section = section.setdefault(part, {})
            section[name] = value
        self.config.write_text(yaml.safe_dump(config), encoding="utf-8")

    @property
    def url(self):
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def admin_name(self):
        return self.settings["authentication"].get("default_admin_user", "admin")

    @property
    def admin_password(self):
        return self.settings["authentication"]["default_admin_pass"]

    @property
    def jwt_secret(self):
        return self.settings["authentication"]["jwt_secret"]

    @property
    def hook_secret(self):
        """HKDF-SHA256 (RFC 5869) of the JWT secret, as srs.conf has it."""
        key = hmac.new(bytes(32), self.jwt_secret.encode(), hashlib.sha256).digest()
        return hmac.new(key, b"putlive srs hook v1\x01", hashlib.sha256).hexdigest()

    @property
    def database(self):
        return Path(self.settings["database"]["path"])

    @property
    def live_folder(self):
        """Where playlists and segments are; made if it isn't there."""
        folder = Path(self.settings["streaming"]["hls"]["tmpfs_path"]) / "live"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    # The process.

    def spawn(self):
        """Starts the agent without waiting for it."""
        self.secrets |= {self.jwt_secret, self.hook_secret, self.admin_password}
        with open(self.folder / "stdout.log", "ab") as output, open(self.folder / "stderr.log", "ab") as errors:
            self.process = subprocess.Popen(
                [*self.launcher, AGENT, "serve", "--config", str(self.config)],
                cwd="/",
                env=environment(**self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                pass_fds=self.descriptors,
            )
        return self

    def hand_over(self, descriptor, name):
        """Has the agent started with a socket, as systemd does (sd_listen_fds(3))."""
        self.descriptors = (descriptor,)
        self.environment |= {"LISTEN_FDS": "1", "LISTEN_FDNAMES": name}
        self.launcher = ["bash", "-c", f'exec 3<&{descriptor}; LISTEN_PID=$$ exec "$@"', "bash"]

    def start(self):
        self.spawn()
        wait_for(self.answers, "an answer of /api/health")
        return self

    def answers(self):
        assert self.process.poll() is None, f"the agent ended with {self.process.returncode}: {self.said()}"
        try:
            return self.api("GET", "/api/health")
        except OSError:
            return None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=PATIENCE):
        """The exit status, once the process has ended."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            pytest.fail(f"the agent didn't end within {seconds} s: {self.said()}")

    def stop(self):
        """Ends the agent as systemd does; it must end well."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        status = self.wait()
        self.process = None
        assert status == 0, f"the agent ended with {status}: {self.said()}"

    def restart(self):
        self.stop()
        self.start()

    def command(self, *arguments, input=None):
        """Runs another command of the agent's, such as `user list`, with this config."""
        return subprocess.run(
            [AGENT, *map(str, arguments), "--config", str(self.config)],
            cwd="/",
            input=input or "",
            capture_output=True,
            text=True,
            timeout=120,
            env=environment(**self.environment),
        )

    # What it writes.

    def said(self):
        """The end of all that it wrote."""
        return "".join(
            path.read_text(encoding="utf-8", errors="replace")[-4000:] for path in sorted(self.folder.glob("std*.log"))
        )

    def log_lines(self, event=None):
        """The lines of the log, parsed; those of one event alone, if one is named."""
        text = (self.folder / "stdout.log").read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        lines = [json_module.loads(line) for line in whole.split("\n") if line]
        return [line for line in lines if event in (None, line["event"])]

    def check_secrecy(self):
        written = "".join(path.read_text(encoding="utf-8", errors="replace") for path in self.folder.glob("std*.log"))
        shown = sorted(secret for secret in self.secrets if len(secret) >= 8 and secret in written)
        assert not shown, f"secrets in the log: {shown}"

    # Its API.

    def connect(self, seconds=PATIENCE):
        return socket.create_connection((LOOPBACK, self.port), timeout=seconds)

    def send(self, data):
        """Sends bytes as they are on a connection of their own; the first answer, or None if there was none."""
        with self.connect() as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(data)
            answer = http.client.HTTPResponse(connection)
            try:
                answer.begin()
                return Answer(answer.status, answer.headers, answer.read())
            except (http.client.HTTPException, ConnectionError):
                return None

    def api(self, method, path, token=None, json=None, headers=None, data=None):
        """One request on a connection of its own. `path` is sent as it is; `data` is a body that isn't JSON's."""
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if json is not None:
            data = json_module.dumps(json).encode()
            headers.setdefault("Content-Type", "application/json")
            self._remember(json)
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body=data, headers={"Connection": "close", **headers})
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        if "json" in (answer.headers["Content-Type"] or "") and answer.body and path.startswith("/api/"):
            self._remember(answer.json())
        return answer

    def _remember(self, value):
        """Keeps in mind what no log may show."""
        if not isinstance(value, dict):
            return
        for name in ("password", "current_password", "new_password", "token"):
            if isinstance(value.get(name), str):
                self.secrets.add(value[name])
        if isinstance(value.get("stream_key"), str):
            self.secrets.add(value["stream_key"].partition("key=")[2])

    def try_login(self, name=None, password=None, address=None):
        """The answer to a login, as from `address` behind a proxy on this host."""
        body = {"username": name or self.admin_name, "password": password or self.admin_password}
        headers = {"X-Forwarded-For": address} if address else None
        return self.api("POST", "/api/auth/login", json=body, headers=headers)

    def login(self, name=None, password=None):
        """A new token, of the admin unless another is named."""
        answer = self.try_login(name, password)
        assert answer.status == 200, answer.text
        return answer.json()["token"]

    @property
    def token(self):
        """A token of the admin's, of which there is one a database. Don't revoke it."""
        if "admin" not in self._tokens or self.api("GET", "/api/auth/me", self._tokens["admin"]).status != 200:
            self._tokens["admin"] = self.login()
        return self._tokens["admin"]

    def new_account(self, role, name=None):
        """A new user."""
        count = len(self.secrets)
        name, password = name or f"{role}-{count}", f"password-of-{role}-{count}"
        made = self.api("POST", "/api/users", self.token, json={"username": name, "password": password, "role": role})
        assert made.status == 201, made.text
        return Account(self, made.json()["id"], name, password, role)

    def new_key(self, stream, token=None, **more):
        """A new stream key: its whole object."""
        made = self.api("POST", "/api/keys", token or self.token, json={"stream": stream, **more})
        assert made.status == 201, made.text
        return made.json()

    def metrics(self, headers=None):
        """The samples of /metrics by name and labels, as written."""
        answer = self.api("GET", "/metrics", headers=headers)
        assert answer.status == 200, answer.text
        rows = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in rows}


@contextlib.contextmanager
def running(folder, settings=None, environment=None, start=True):
    """An agent that runs, and that ends well and has shown no secret when it is no longer needed."""
    agent = Agent(folder, settings, environment)
    try:
        yield agent.start() if start else agent
        agent.stop()
        agent.check_secrecy()
    finally:
        if agent.process is not None and agent.process.poll() is None:
            agent.process.kill()
            agent.process.wait()


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    """The agent of a module's tests: role local, embedded engine, no rate limit."""
    with running(tmp_path_factory.mktemp("agent")) as one:
        yield one


@pytest.fixture
def start_agent(tmp_path):
    """A function that starts an agent with settings of its own; each is ended after the test."""
    with contextlib.ExitStack() as stack:
        count = 0

        def start(settings=None, environment=None, start=True):
            nonlocal count
            count += 1
            folder = tmp_path / f"agent-{count}"
            folder.mkdir()
            return stack.enter_context(running(folder, settings, environment, start))

        yield start
