"""The bare Debian 12 that the tests on a host begin with: image.py PACKAGE prints the folder of its root file system.

It has systemd and little else. What the package depends on and recommends isn't installed, but apt has downloaded it,
so that `apt-get install ./putlive.deb` works there without a network, as on a machine that has just been set up. It is
made once and kept below $PUTLIVE_CACHE, by default ~/.cache/putlive, until the package asks for something else.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SUITE = "bookworm"
# What a Debian that boots by systemd and has a network can't be without, and what every image for servers has.
BARE = "systemd systemd-sysv systemd-timesyncd libpam-systemd dbus udev iproute2 procps ca-certificates".split()
# What the tests themselves need on the host.
TOOLS = ["python3-minimal"]
# Of images that no test has asked for.
KEPT_SECONDS = 14 * 86_400
# Where the package lies on a machine, for apt to read as nobody in particular.
HELD_PACKAGE = "/var/cache/putlive.deb"
APT = ["apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0"]


def say(text):
    print(f"image: {text}", file=sys.stderr, flush=True)


def run(*command):
    """Runs a program whose output matters only when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        sys.exit(f"image: {' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}")
    return done.stdout


def needs(package):
    """What a package wants beside it; which versions is no matter, for the suite has one of each."""
    return re.sub(r" \([^)]*\)", "", run("dpkg-deb", "--field", package, "Depends", "Recommends"))


def key(package):
    """The same for packages that want the same."""
    parts = [SUITE, *BARE, *TOOLS, needs(package), Path(__file__).read_text(encoding="utf-8")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def make(folder, package):
    mirror = [os.environ["PUTLIVE_DEBIAN_MIRROR"]] if "PUTLIVE_DEBIAN_MIRROR" in os.environ else []
    say(f"making a bare Debian in {folder}, which takes two minutes and is kept")
    run("debootstrap", "--variant=minbase", f"--include={','.join(BARE + TOOLS)}", SUITE, folder, *mirror)
    # debootstrap copies what names the machine that it runs on.
    (folder / "etc/hostname").write_text("putlive-host\n")
    (folder / "etc/hosts").write_text("127.0.0.1 localhost putlive-host\n::1 localhost\n")
    resolver = folder / "etc/resolv.conf"
    shutil.copyfile("/etc/resolv.conf", resolver)
    shutil.copy(package, folder / HELD_PACKAGE.lstrip("/"))
    run("chroot", folder, *APT, "update")
    run("chroot", folder, *APT, "install", "--download-only", HELD_PACKAGE)
    # The local network alone, on the interface that the container gets.
    for target, unit in (
        ("multi-user.target", "systemd-networkd.service"),
        ("network-online.target", "systemd-networkd-wait-online.service"),
    ):
        wants = folder / f"etc/systemd/system/{target}.wants"
        wants.mkdir(exist_ok=True)
        (wants / unit).symlink_to(f"/lib/systemd/system/{unit}")
    resolver.write_text("")
    (folder / HELD_PACKAGE.lstrip("/")).unlink()


def discard_old(cache):
    for folder in cache.glob("host-*"):
        if time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            say(f"removing {folder}, which nothing has used for {KEPT_SECONDS // 86_400} days")
            shutil.rmtree(folder)


@contextlib.contextmanager
def locked(path):
    """One at a time makes an image."""
    with open(path, "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def image(package, cache):
    folder = cache / f"host-{key(package)}"
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / "lock"):
        if not folder.is_dir():
            part = Path(tempfile.mkdtemp(prefix="part-", dir=cache))
            try:
                part.chmod(0o755)
                make(part, package)
                part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
        os.utime(folder)
        discard_old(cache)
    return folder


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: image.py PACKAGE")
    below = os.environ.get("PUTLIVE_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "putlive")
    print(image(Path(sys.argv[1]), Path(below).expanduser()))
