"""A machine of its own: a Debian that systemd-nspawn boots, on a network that only the tests share.

Its file system is a stack of folders, of which only the uppermost is written to, so another machine can begin where one
ended. It is seen as a person sees a server: by commands, files, units, the journal and the network.
"""

import contextlib
import json
import os
import shlex
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from asking import wait_for

# What a login shell of root's has.
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "USER": "root",
    "TERM": "dumb",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}
# How long a machine may take to boot or to end.
PATIENCE = 60


@dataclass
class Unit:
    """What systemd says of a unit."""

    name: str
    active: str
    sub: str
    result: str
    # Another one for each start.
    invocation: str
    main_pid: int
    enabled: str
    restarts: int
    reload_needed: bool

    @property
    def is_active(self):
        return self.active == "active"


class Failed(AssertionError):
    """A command on the machine that should have succeeded."""


def control_groups(name):
    """Folders of control groups that are this process's to make, in the hierarchies that systemd uses."""
    mounts = {}
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        fields, _, rest = line.partition(" - ")
        kind, _, options = rest.split(" ", 2)
        if kind == "cgroup2":
            mounts[""] = fields.split()[4]
        elif kind == "cgroup" and "name=systemd" in options.split(","):
            mounts["name=systemd"] = fields.split()[4]
    own = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()]
    return [Path(mounts[kind] + path.rstrip("/")) / name for _, kind, path in own if kind in mounts]


class Machine:
    """A Debian that runs, or could."""

    def __init__(self, network, name, layers, folder):
        """`layers` are folders of files, the uppermost first; `folder` is for what the machine writes."""
        self.network, self.name, self.layers, self.folder = network, name, [Path(one) for one in layers], Path(folder)
        self.address = network.new_address()
        self.upper = self.folder / "upper"
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(parents=True)
        self.process = self.leader = None
        self.boots = 0

    # Its life.

    def boot(self):
        """Boots, and waits until systemd has started what it starts."""
        self._settle_network()
        lower = ":".join(map(str, self.layers))
        options = f"lowerdir={lower},upperdir={self.upper},workdir={self.folder / 'work'}"
        # The mount is of a namespace of its own, so it ends with the machine.
        script = """
            set -eu
            folder=$1 options=$2; shift 2
            mount -t overlay overlay -o "$options" "$folder/root"
            while [ "$1" != -- ]; do mkdir -p "$1"; echo $$ >"$1/cgroup.procs"; shift; done
            shift
            exec "$@"
        """
        nspawn = [
            "systemd-nspawn", f"--directory={self.folder / 'root'}", f"--machine={self.name}", "--boot",
            "--register=no", "--keep-unit", "--console=pipe", "--link-journal=no", "--resolv-conf=off",
            "--timezone=off", "--private-network", f"--network-bridge={self.network.bridge}",
        ]  # fmt: skip
        groups = control_groups(f"{Path(os.environ['PUTLIVE_HOST_RUN']).name}-{self.name}")
        self.boots += 1
        with open(self.folder / f"console-{self.boots}.log", "wb") as console:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", script, "sh", self.folder, options, *groups, "--", *nspawn],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        self.leader = wait_for(self._find_leader, f"{self.name} to begin to boot", PATIENCE)
        wait_for(self._has_booted, f"{self.name} to boot", PATIENCE)
        return self

    @contextlib.contextmanager
    def mounted(self):
        """Its files, as an image of a machine that doesn't run."""
        root = self.folder / "root"
        options = f"lowerdir={':'.join(map(str, self.layers))},upperdir={self.upper},workdir={self.folder / 'work'}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, root], check=True, timeout=30)
        try:
            yield root
        finally:
            subprocess.run(["umount", root], check=True, timeout=30)

    def _settle_network(self):
        folder = self.upper / "etc/systemd/network"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "10-host0.network").write_text(
            f"[Match]\nName=host0\n[Network]\nAddress={self.address}/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"
        )

    def _find_leader(self):
        """The process that is number 1 on the machine: by it one gets in."""
        assert self.process.poll() is None, f"systemd-nspawn ended with {self.process.returncode}: {self.console()}"
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with contextlib.suppress(OSError):
            for number in map(int, children.read_text().split()):
                if Path(f"/proc/{number}/comm").read_text() == "systemd\n":
                    return number
        return None

    def _has_booted(self):
        assert self.process.poll() is None, f"{self.name} ended: {self.console()}"
        said = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        # Degraded: something failed, which is for a test to see.
        return said in ("running", "degraded")

    def console(self):
        return (self.folder / f"console-{self.boots}.log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def stop(self):
        """Shuts down, as by its power button."""
        self.run("systemctl", "poweroff", check=False)
        self._wait_for_end()

    def reboot(self):
        self.run("systemctl", "reboot", check=False)
        self._wait_for_end()
        self.boot()

    def crash(self):
        """Loses its power: nothing is written any more. What was, is there, for the kernel is another's."""
        if self.leader is not None:
            # With number 1 all other processes of the machine die, and then systemd-nspawn ends.
            os.kill(self.leader, signal.SIGKILL)
        elif self.process is not None:
            self.process.kill()
        self._wait_for_end()

    def _wait_for_end(self):
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            pytest.fail(f"{self.name} doesn't shut down: {self.console()}")
        finally:
            self.process = self.leader = None
            # The last process of a machine that was killed ends a moment later.
            for group in control_groups(f"{Path(os.environ['PUTLIVE_HOST_RUN']).name}-{self.name}"):
                wait_for(lambda group=group: self._remove_group(group), f"the end of all processes of {self.name}")

    @staticmethod
    def _remove_group(group):
        for folder in sorted(group.glob("**/"), reverse=True):
            with contextlib.suppress(OSError):
                folder.rmdir()
        return not group.exists()

    # Commands.

    def inside(self, *command, environment=None):
        """The command that runs `command` on the machine, as root."""
        variables = {**ENVIRONMENT, **(environment or {})}
        return [
            "nsenter", "--target", str(self.leader), "--all", "--wdns=/", "--", "env", "-i",
            *(f"{name}={value}" for name, value in variables.items()), *map(str, command),
        ]  # fmt: skip

    def run(self, *command, check=True, input=None, seconds=120, environment=None):
        """Runs a program on the machine to its end."""
        done = subprocess.run(
            self.inside(*command, environment=environment),
            stdin=None if input is not None else subprocess.DEVNULL,
            input=input,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
        )
        if check and done.returncode:
            shown = shlex.join(map(str, command))
            raise Failed(f"`{shown}` ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done

    def sh(self, script, *arguments, **options):
        """What a script of the shell says."""
        return self.run("sh", "-euc", script, "sh", *arguments, **options).stdout

    def start(self, *command):
        """Starts a program on the machine and doesn't wait for it."""
        return subprocess.Popen(
            self.inside(*command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    # Files. Links are the machine's own, so each is looked up on it.

    def read(self, path):
        return self.run("cat", "--", path).stdout

    def write(self, path, content, mode=None):
        """As an editor that keeps the file; one that is made is 0644 unless a mode is given."""
        self.run("sh", "-euc", 'cat >"$1"', "sh", path, input=content)
        if mode is not None:
            self.run("chmod", f"{mode:o}", "--", path)

    def append(self, path, content):
        self.run("sh", "-euc", 'cat >>"$1"', "sh", path, input=content)

    def exists(self, path):
        return self.run("test", "-e", path, check=False).returncode == 0

    def stat(self, path):
        """Mode, user and group of what is at a path: `0644 root:root`."""
        return self.run("stat", "--format", "%04a %U:%G", "--", path).stdout.strip()

    def put(self, source, path):
        """Copies a file of the test's onto the machine."""
        with open(source, "rb") as file:
            subprocess.run(self.inside("sh", "-euc", 'cat >"$1"', "sh", path), stdin=file, check=True, timeout=120)

    def tree(self, *folders):
        """All files below folders: mode, owner, and target or hash of each, by path."""
        script = r"""
            find "$@" -xdev \( -type f -printf 'f %m %U:%G ' -exec sha256sum {} \; \) \
                -o \( -type l -printf 'l %m %U:%G %l  %p\n' \) -o -printf '%y %m %U:%G -  %p\n'
        """
        rows = [line.rpartition("  ") for line in self.sh(script, *folders).splitlines()]
        return {path: what for what, _, path in rows}

    # Services.

    def unit(self, name):
        asked = (
            "ActiveState,SubState,Result,InvocationID,MainPID,UnitFileState,NRestarts,NeedDaemonReload".split(",")
        )
        said = self.run("systemctl", "show", f"--property={','.join(asked)}", "--", name).stdout
        values = dict(line.split("=", 1) for line in said.splitlines())
        return Unit(
            name, values["ActiveState"], values["SubState"], values.get("Result", ""), values["InvocationID"],
            int(values.get("MainPID", 0)), values["UnitFileState"], int(values.get("NRestarts", 0)),
            values["NeedDaemonReload"] == "yes",
        )  # fmt: skip

    def kill_service(self, name):
        """Has the main process of a service die, and waits until systemd knows."""
        before = self.unit(name)
        self.run("kill", "-KILL", before.main_pid)
        wait_for(lambda: self.unit(name).main_pid != before.main_pid, f"the end of {name}")

    def units(self, names):
        return {name: self.unit(name) for name in names}

    def systemctl(self, *arguments, **options):
        return self.run("systemctl", *arguments, **options)

    def journal(self, unit=None, since=None, match=()):
        """The lines of the journal, parsed; with `since`, those after a cursor."""
        arguments = ["--no-pager", "--quiet", "--output=json", "--all", *match]
        arguments += [f"--unit={unit}"] if unit else []
        arguments += [f"--after-cursor={since}"] if since else ["--boot"]
        return [json.loads(line) for line in self.run("journalctl", *arguments).stdout.splitlines()]

    def messages(self, unit=None, since=None):
        """What the journal has of a unit, as text."""
        return "\n".join(str(line.get("MESSAGE", "")) for line in self.journal(unit, since))

    def cursor(self):
        """Where the journal is now."""
        self.run("journalctl", "--sync")
        said = self.run("journalctl", "--no-pager", "--quiet", "--lines=1", "--output=json")
        return json.loads(said.stdout)["__CURSOR"]

    def processes(self, name):
        """The numbers, on the machine, of processes of a name."""
        said = self.run("pgrep", "--exact", name, check=False).stdout
        return [int(word) for word in said.split()]
