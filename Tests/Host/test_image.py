"""`reconcile --root`: an image of a machine that doesn't run, made by the package's programs on this one."""

import json
import os
import subprocess

import pytest
from host import CONFIG, DOMAIN, Host, discard, new_folder


@pytest.fixture(scope="module")
def programs(package, tmp_path_factory):
    """The package, unpacked and not installed."""
    folder = tmp_path_factory.mktemp("programs")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True, timeout=120)
    return folder / "usr"


def run(programs, name, *arguments):
    command = [programs / "bin" / name, *map(str, arguments)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)


def make_config(root, programs, *arguments):
    (root / "etc/putlive").mkdir()
    words = ["init", "--output", f"{root}{CONFIG}", "--domain", DOMAIN, "--email", "admin@example.com", *arguments]
    made = run(programs, "putlive-gen", *words)
    assert made.returncode == 0, made.stderr


def reconcile(programs, root, *arguments):
    return run(programs, "putlive-agent", "reconcile", *arguments, "--root", root, "--config", f"{root}{CONFIG}")


@pytest.fixture
def bare(network):
    """A Debian on which nothing of PutLive was ever installed, and that doesn't run."""
    machine = Host(network, "image", [os.environ["PUTLIVE_HOST_IMAGE"]], new_folder("image"))
    with machine.mounted() as root:
        yield root
    discard(machine)


def test_a_bare_image_gets_files_and_links(bare, programs):
    make_config(bare, programs, "--set", "streaming.engine=srs")
    found = reconcile(programs, bare, "--check", "--format", "json")
    assert found.returncode == 2, found.stderr
    assert not (bare / "etc/systemd/system/putlive-agent.service").exists()
    done = reconcile(programs, bare, "--apply", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)["report"]
    # Of what isn't there it tells, and doesn't fail: users, SRS, Debian's packages.
    notes = "\n".join(report["notes"])
    assert "putlive" in notes and "nginx" in notes and "SRS" in notes, notes
    unit = bare / "etc/systemd/system/putlive-agent.service"
    assert unit.stat().st_mode & 0o777 == 0o644 and unit.stat().st_uid == 0
    link = bare / "etc/systemd/system/multi-user.target.wants/putlive-agent.service"
    assert os.readlink(link) == "/etc/systemd/system/putlive-agent.service"
    assert (bare / "etc/nginx/nginx.conf").exists()
    # Nothing of this machine.
    assert not os.path.lexists("/etc/systemd/system/putlive-agent.service")
    again = reconcile(programs, bare, "--check")
    assert again.returncode == 0, again.stdout + again.stderr


def test_an_image_that_was_changed_offline_boots_into_it(installation, network, programs):
    machine = Host(network, "offline", installation.layers, new_folder("offline"))
    network.name(DOMAIN, machine.address)
    try:
        with machine.mounted() as root:
            config = root / CONFIG.lstrip("/")
            config.write_text(config.read_text().replace("streaming:\n", "streaming:\n  hls_port: 9443\n", 1))
            (root / "etc/systemd/system/multi-user.target.wants/nginx.service").unlink()
            (root / "etc/logrotate.d/putlive").write_text("# by hand\n")
            done = reconcile(programs, root, "--apply")
            assert done.returncode == 0, done.stderr
            assert "9443" in (root / "etc/nginx/nginx.conf").read_text()
        machine.boot()
        machine.wait_for_site()
        assert machine.get("/live/nobody.m3u8", port=9443).status == 404
        machine.reconcile()
        machine.assert_in_order()
    finally:
        discard(machine)


def test_links_lead_nowhere_out_of_an_image(bare, programs, tmp_path):
    make_config(bare, programs)
    outside = tmp_path / "outside"
    outside.mkdir()
    (bare / "etc/fail2ban").symlink_to(outside)
    (bare / "etc/prometheus").symlink_to("../../../../../../../../../../../.." + str(outside))
    reconcile(programs, bare, "--apply")
    assert list(outside.iterdir()) == []
