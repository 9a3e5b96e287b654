"""A newer package on a host that runs: config, database and what is on air stay."""

import struct
import subprocess

import pytest
from asking import wait_for
from host import CARRIERS, CONFIG, RECONCILE, UNITS, deb_field
from image import HELD_PACKAGE
from live import live, play

AGENT = "putlive-agent.service"


def rebuild(program):
    """Makes another build of a program, which does the same: by its build ID, if it has one, and its size."""
    data = bytearray(program.read_bytes())
    # A note (ELF, gabi 5): the lengths of its name and content, NT_GNU_BUILD_ID, its name; then the content.
    note = data.find(struct.pack("<III4s", 4, 20, 3, b"GNU"))
    if note >= 0:
        data[note + 16] ^= 0xFF
    program.write_bytes(bytes(data) + b"another build")


def rebuilt(package, folder, version_suffix, change):
    """The package with another version, and another agent if it is to be one."""
    root, made = folder / "root", folder / f"putlive{version_suffix}.deb"
    subprocess.run(["dpkg-deb", "-R", package, root], check=True, timeout=120)
    control = root / "DEBIAN/control"
    version = deb_field(package, "Version")
    control.write_text(control.read_text().replace(f"Version: {version}\n", f"Version: {version}{version_suffix}\n"))
    if change:
        rebuild(root / "usr/bin/putlive-agent")
    pack = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "-b", root, made]
    subprocess.run(pack, check=True, timeout=120, stdout=subprocess.DEVNULL)
    return made, f"{version}{version_suffix}"


def upgrade(host, package):
    before = host.unit(RECONCILE).invocation
    host.put(package, HELD_PACKAGE)
    host.run("apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", "install", HELD_PACKAGE, seconds=300)
    return host.wait_for_reconcile(before)


@pytest.fixture(scope="module")
def newer(package, tmp_path_factory):
    return rebuilt(package, tmp_path_factory.mktemp("newer"), "+1", change=True)


def test_an_upgrade_keeps_config_and_database(fresh_host, newer):
    host, (package, version) = fresh_host, newer
    token, config, before = host.login(), host.read(CONFIG), host.invocations()
    made = host.new_key("kept", token)
    status = upgrade(host, package)
    assert status["result"] in ("applied", "in_order"), status
    assert host.run("dpkg-query", "--show", "--showformat=${Version}", "putlive").stdout == version
    assert host.read(CONFIG) == config and host.stat(CONFIG) == "0640 root:putlive"
    host.wait_for_site()
    # The same session, the same keys.
    keys = host.get("/api/keys", token)
    assert keys.status == 200 and "kept" in keys.text and made
    after = host.invocations()
    changed = {name for name in UNITS if after[name] != before[name]}
    # Those that watch are stopped while files are replaced; nginx serves on.
    assert AGENT in changed and changed <= {*CARRIERS, "putlive-reconcile.path", "putlive-reconcile.timer"}
    assert {name for name, unit in host.units(UNITS).items() if not unit.is_active} == set()
    host.assert_in_order()


def test_an_upgrade_cuts_nobody_off(fresh_host, newer, tmp_path):
    host, (package, _) = fresh_host, newer
    before = host.unit(AGENT).invocation
    with live(host, "through", tmp_path) as broadcaster:
        status = upgrade(host, package)
        assert status["result"] == "waiting", status
        play(host, "through", tmp_path)
        assert not broadcaster.has("failed") and not broadcaster.has("closed")
        assert host.unit(AGENT).invocation == before
    host.reconcile_after_the_broadcast()
    wait_for(lambda: host.unit(AGENT).is_active, "the new agent")
    assert host.unit(AGENT).invocation != before
    host.assert_in_order()
