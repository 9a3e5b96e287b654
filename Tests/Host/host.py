"""A host of PutLive's: a machine with the package, its config, its reconciles, and its site as the world sees it."""

import functools
import http.client
import itertools
import json
import os
import shutil
import ssl
import subprocess
import time
from pathlib import Path

import yaml
from asking import Answer, wait_for
from image import HELD_PACKAGE
from machine import PATIENCE, Machine

DOMAIN = "stream.example.com"
CONFIG = "/etc/putlive/config.yaml"
STATUS = "/run/putlive-reconcile/status.json"
GENERATION = "/var/lib/putlive-reconcile/generation.json"
RECONCILE = "putlive-reconcile.service"
# Where nginx looks for its certificate.
CHAIN, KEY = "/etc/putlive/tls/fullchain.pem", "/etc/putlive/tls/privkey.pem"
SEGMENTS = "/run/putlive-hls/live"
MOUNT = r"run-putlive\x2dhls.mount"
DATABASE = "/var/lib/putlive/database"
# What carries broadcasts, and must not be touched for nothing.
CARRIERS = ["putlive-agent.service", "putlive-access.socket"]
# What must run on a single host with the embedded engine.
UNITS = [
    MOUNT, *CARRIERS, "nginx.service", "fail2ban.service", "putlive-reconcile.path", "putlive-reconcile.timer",
    "putlive-backup.timer", "logrotate.timer", "prometheus.service", "prometheus-node-exporter.service",
]  # fmt: skip
# What the package and its reconcile own on a host.
FOLDERS = ["/etc", "/usr/local", "/lib/systemd/system"]
# Keeps the timer from reconciling in the middle of a test. It is no file of PutLive's.
HOLD = "/etc/systemd/system/putlive-reconcile.timer.d/hold.conf"


_numbers = itertools.count(1)


class Host(Machine):
    """A machine with PutLive."""

    # The config.

    @property
    def config(self):
        return yaml.safe_load(self.read(CONFIG))

    @functools.cached_property
    def admin(self):
        """Name and password of the first account, which no later config changes."""
        section = self.config["authentication"]
        return section.get("default_admin_user", "admin"), section["default_admin_pass"]

    def configured(self, **settings):
        """The text of the config with keys set, written `streaming__hls_port`; None removes one."""
        config = self.config
        for key, value in settings.items():
            *sections, name = key.split("__")
            section = config
            for part in sections:
                section = section.setdefault(part, {})
            if value is None:
                section.pop(name, None)
            else:
                section[name] = value
        return yaml.safe_dump(config, sort_keys=False)

    def configure(self, **settings):
        """Sets keys as a person does, by an editor, and waits for the reconcile that comes of it: its report."""
        return self.write_config(self.configured(**settings))

    def write_config(self, text):
        # While one runs, systemd doesn't look at the file.
        wait_for(self.is_idle, "the end of a reconcile")
        before = self.unit(RECONCILE).invocation
        self.write(CONFIG, text)
        return self.wait_for_reconcile(before)

    def set_quietly(self, **settings):
        """Sets keys without a reconcile."""
        self.systemctl("stop", "putlive-reconcile.path")
        self.write(CONFIG, self.configured(**settings))
        self.systemctl("start", "putlive-reconcile.path")

    # Reconciling.

    def is_idle(self):
        return self.unit(RECONCILE).active in ("inactive", "failed")

    def wait_for_reconcile(self, before):
        """Waits until a run has ended that is another than the one of `before`."""

        def ended():
            return self.unit(RECONCILE).invocation != before and self.is_idle()

        wait_for(ended, "a reconcile that the change of config.yaml starts", PATIENCE)
        return self.status()

    def reconcile(self, check=True):
        """Has systemd reconcile the host, as its timer does: the report."""
        done = self.systemctl("start", RECONCILE, check=False)
        if check:
            assert done.returncode == 0, self.messages(RECONCILE)
        return self.status()

    def reconcile_after_the_broadcast(self):
        """The report of the first run that waits for nobody: the agent counts what is on air every second or two."""
        return wait_for(
            lambda: (report := self.reconcile())["pendingRestarts"] == [] and report, "the end of all waiting"
        )

    def command(self, *arguments, check=False, **options):
        """`putlive-agent reconcile` in a shell."""
        return self.run("putlive-agent", "reconcile", *arguments, "--config", CONFIG, check=check, **options)

    def check(self):
        """What `--check` finds, or fails: exit status and differences by subject."""
        done = self.command("--check", "--format", "json")
        assert done.returncode in (0, 2), done.stderr
        report = json.loads(done.stdout)["report"]
        found = {one["subject"]: one for one in report["differences"]}
        assert (done.returncode == 2) == bool(found), f"exit status {done.returncode} with {found}"
        return found

    def assert_in_order(self):
        found = self.check()
        assert found == {}

    def status(self):
        return json.loads(self.read(STATUS))

    def generation(self):
        return json.loads(self.read(GENERATION))

    def hold_timer(self):
        """From the next boot or daemon-reload on, only the tests reconcile."""
        self.run("mkdir", "-p", str(Path(HOLD).parent))
        self.write(HOLD, "[Timer]\nOnBootSec=\nOnBootSec=7d\n")

    # The site.

    def tls(self, authority=None):
        """What trusts the host's own certificate, or an authority's, and nothing else."""
        context = ssl.create_default_context(cadata=authority or self.read(CHAIN))
        # Its own certificate is no authority's, and says so.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    def ask(self, method, path, token=None, body=None, port=443, scheme="https", context=None):
        """One request through nginx, with JSON if there is a body; redirects aren't followed."""
        headers = {"Connection": "close"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if scheme == "https":
            connection = http.client.HTTPSConnection(DOMAIN, port, timeout=30, context=context or self.tls())
        else:
            connection = http.client.HTTPConnection(DOMAIN, port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, token=None, **options):
        return self.ask("GET", path, token, **options)

    def login(self, name=None, password=None):
        """A new token, of the admin unless another is named."""
        admin = self.admin
        body = {"username": name or admin[0], "password": password or admin[1]}
        answer = self.ask("POST", "/api/auth/login", body=body)
        assert answer.status == 200, answer.text
        return answer.json()["token"]

    def new_key(self, stream, token):
        """A new signed key: the part that WHIP's bearer is."""
        made = self.ask("POST", "/api/keys", token, body={"stream": stream})
        assert made.status == 201, made.text
        return made.json()["stream_key"].partition("key=")[2]

    def wait_for_site(self):
        """Waits until nginx and the agent behind it answer."""

        def healthy():
            try:
                return self.get("/api/health").status == 200
            except OSError:
                return False

        wait_for(healthy, f"{self.name} to answer")

    def invocations(self, names=tuple(UNITS)):
        """What changes when one of these units is started anew, or nginx takes other workers."""
        return {name: unit.invocation or unit.main_pid for name, unit in self.units(names).items()}

    def workers(self):
        """The processes of nginx: a reload gives it others."""
        return set(self.processes("nginx")) - {self.unit("nginx.service").main_pid}


class Installation:
    """How PutLive came onto a bare machine, and what the machine was then: others begin there."""

    def __init__(self, network, image, package, folder):
        self.times, self.folder = {}, Path(folder)
        host = Host(network, "bare", [image], self.folder)
        network.name(DOMAIN, host.address)
        try:
            host.boot()
            self._install(host, package)
            self._reconcile(host)
            host.hold_timer()
            host.stop()
        finally:
            host.crash() if host.process else None
        # What the machine wrote: another one's lower part.
        self.layers = [host.upper, image]

    def _timed(self, what, work):
        began = time.monotonic()
        done = work()
        self.times[what] = time.monotonic() - began
        return done

    def _install(self, host, package):
        host.put(package, HELD_PACKAGE)
        self.before = host.tree(*FOLDERS)
        command = ["apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", "install", HELD_PACKAGE]
        self.installed = self._timed("apt install", lambda: host.run(*command, seconds=600))
        self.untouched = host.tree(*FOLDERS)

    def _reconcile(self, host):
        self.made = self._timed("init", lambda: host.run(
            "putlive-gen", "init", "--output", CONFIG, "--domain", DOMAIN, "--email", "admin@example.com",
            "--set", "streaming.engine=embedded",
        ))  # fmt: skip
        self._timed("first reconcile", lambda: host.reconcile())
        self._timed("all active after it", lambda: wait_for(
            lambda: all(unit.is_active for unit in host.units(UNITS).values()), f"all units to be active: {UNITS}", 30
        ))  # fmt: skip
        self.status = host.status()
        self.log = host.messages(RECONCILE)
        self.units = host.units(UNITS)
        self.failed = host.systemctl("list-units", "--failed", "--plain", "--no-legend").stdout
        self.modes = {
            path: host.stat(path)
            for path in (CONFIG, STATUS, GENERATION, str(Path(GENERATION).parent), str(Path(CHAIN).parent), DATABASE)
        }
        before = host.invocations()
        self.second = host.reconcile()
        self.restarted = {name for name, one in host.invocations().items() if one != before[name]}
        self.checked = host.command("--check")

    def boot(self, network, name, folder):
        """Another host that begins where this one ended."""
        host = Host(network, name, self.layers, folder)
        network.name(DOMAIN, host.address)
        host.boot()
        host.wait_for_site()
        return host


def new_folder(name):
    """For what a machine writes."""
    return Path(os.environ["PUTLIVE_HOST_RUN"], f"{next(_numbers)}-{name}")


def discard(host):
    """Ends a machine and removes what it wrote."""
    if host.process is not None:
        host.crash()
    shutil.rmtree(host.folder, ignore_errors=True)


def deb_field(package, field):
    return subprocess.check_output(["dpkg-deb", "--field", package, field], text=True, timeout=60).strip()
