"""Removing and purging the package: what goes, what stays, and what Debian has back."""

from host import CONFIG, HOLD, UNITS, discard, new_folder
from image import HELD_PACKAGE

KEPT = "/var/lib/putlive/database"
OURS = [name for name in UNITS if "putlive" in name]


def apt(host, *arguments):
    return host.run("apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", *arguments, seconds=300)


def test_a_package_that_was_removed_comes_back_as_it_was(fresh_host, installation, package):
    host = fresh_host
    token = host.login()
    config = host.read(CONFIG)
    apt(host, "remove", "putlive")
    assert {name for name, unit in host.units(OURS).items() if unit.active not in ("inactive", "failed")} == set()
    left = host.sh("grep -rl 'Written by putlive-gen' /etc /usr/local 2>/dev/null || true").split()
    assert left == []
    # Debian's own are back and work.
    nginx = "/etc/nginx/nginx.conf"
    assert host.tree(nginx)[nginx] == installation.untouched[nginx]
    host.run("nginx", "-t")
    assert host.unit("nginx.service").is_active
    assert host.read(CONFIG) == config and host.exists(KEPT)

    host.put(package, HELD_PACKAGE)
    apt(host, "install", HELD_PACKAGE)
    host.reconcile()
    host.wait_for_site()
    assert host.get("/api/auth/me", token).status == 200
    assert {name for name, unit in host.units(UNITS).items() if not unit.is_active} == set()
    host.assert_in_order()


def test_purging_takes_settings_and_leaves_what_people_made(fresh_host):
    host = fresh_host
    # A file of the tests' own.
    host.run("rm", "-r", HOLD.rpartition("/")[0])
    done = apt(host, "purge", "putlive")
    assert "/var/lib/putlive stays" in done.stdout
    for path in ("/etc/putlive", "/var/lib/putlive-reconcile", "/run/putlive-reconcile", "/var/log/putlive"):
        assert not host.exists(path), path
    assert host.sh(f"ls {KEPT}")
    left = host.sh("find /etc /usr/local /lib/systemd -name '*putlive*'").split()
    assert left == [], left
    host.reboot()
    failed = host.systemctl("list-units", "--failed", "--plain", "--no-legend").stdout
    assert "nginx" not in failed and "putlive" not in failed


def test_a_package_that_was_never_configured_can_be_purged(installation, network, package):
    """After removing, which takes the config along: the machine as if it had never had one."""
    host = installation.boot(network, "never", new_folder("never"))
    try:
        apt(host, "purge", "putlive")
        host.put(package, HELD_PACKAGE)
        said = apt(host, "install", HELD_PACKAGE)
        assert "putlive-gen init" in said.stdout
        apt(host, "purge", "putlive")
    finally:
        discard(host)
