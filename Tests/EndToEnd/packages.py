"""Builds Debian packages for tests, and a copy of this machine to install them in."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from agent import AGENT, GEN, environment

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "/etc/putlive/config.yaml"

# The machine's files below a layer that takes all changes, in namespaces of its own: no change and no process is left.
INSIDE = """
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/merged"
mount --rbind /dev "$1/merged/dev"
mount -t proc proc "$1/merged/proc"
exec chroot "$1/merged" /bin/sh -c "$2"
"""

# It notes each call. Every unit is enabled and nothing runs.
SYSTEMCTL = """#!/bin/sh
echo "$@" >>/calls
case $1 in show) echo inactive ;; esac
"""


def build(folder, *arguments, before=(), **variables):
    """The package of the programs that are tested, in `folder`."""
    programs = folder / "programs"
    programs.mkdir(parents=True)
    for name, path in (("putlive-gen", GEN), ("putlive-agent", AGENT)):
        (programs / name).symlink_to(os.path.abspath(path))
    done = subprocess.run(
        [*before, ROOT / "scripts/deb", "--draft", "--output", folder, *arguments, programs],
        cwd="/", capture_output=True, text=True, env=environment(**variables))
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def unpack(package, folder):
    subprocess.run(["dpkg-deb", "--extract", package, folder / "tree"], check=True)
    return folder / "tree"


def light(package, folder, version=None):
    """The same package with programs of one line, which is installed in a moment; of another version, if you say so."""
    subprocess.run(["dpkg-deb", "--raw-extract", package, folder / "light"], check=True)
    for program in (folder / "light/usr/bin").iterdir():
        program.write_text("#!/bin/sh\n")
    control = folder / "light/DEBIAN/control"
    if version:
        control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {version}", control.read_text()))
    output = folder / f"{package.stem}{version or ''}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", folder / "light", output], check=True,
        capture_output=True)
    return output


def control_field(package, name):
    return subprocess.run(
        ["dpkg-deb", "--field", package, name], capture_output=True, text=True, check=True).stdout.strip()


class Copy:
    """A copy of this machine's files, in which shell commands run as root."""

    def __init__(self, folder):
        self.folder = folder / "copy"
        for name in ("upper", "work", "merged", "upper/packages"):
            (self.folder / name).mkdir(parents=True)
        # man's index of a whole machine takes seconds to renew.
        if self._run("rm -f /var/lib/man-db/auto-update").returncode != 0:
            pytest.skip("a copy of this machine can't be made here: that needs root and overlay file systems")

    def _run(self, script):
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", INSIDE, "sh", self.folder, script],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                 "DEBIAN_FRONTEND": "noninteractive"})

    def shell(self, script):
        """What it printed; it must succeed."""
        done = self._run(script)
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout

    def install(self, package):
        """What dpkg and the package's scripts said. Dependencies are not this machine's to have."""
        inside = self.folder / "upper/packages" / package.name
        if not inside.exists():
            os.link(package, inside)
        return self.shell(f"dpkg --force-depends --force-unsafe-io --install /packages/{package.name}")

    def with_systemd(self):
        """As if systemd ran: returns what tells the calls of systemctl so far."""
        self.shell(f"""mkdir -p /run/systemd/system
            rm -rf /etc/putlive /var/lib/putlive-reconcile /usr/sbin/policy-rc.d
            : >/calls; printf '%s' '{SYSTEMCTL}' >/usr/local/sbin/systemctl; chmod 755 /usr/local/sbin/systemctl""")
        return lambda: self.shell("cat /calls").splitlines()
