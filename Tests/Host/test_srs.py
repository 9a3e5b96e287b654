"""A host with SRS, which SRS_BINARY names: taken from a package by its URL and hash, and reloaded or restarted as each
change needs it."""

import contextlib
import hashlib
import os
import subprocess
import tarfile

import pytest
from asking import wait_for
from host import UNITS
from live import on_air, play, playlist
from media import SOURCE

SRS = "srs.service"
TARBALL = "/var/cache/srs.tar.gz"

pytestmark = pytest.mark.skipif(
    "SRS_BINARY" not in os.environ, reason="SRS_BINARY names no SRS, which Debian doesn't package"
)


@pytest.fixture(scope="module")
def tarball(tmp_path_factory):
    """SRS as its releases are packed: below some folders."""
    path = tmp_path_factory.mktemp("srs") / "srs.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as file:
        file.add(os.environ["SRS_BINARY"], "srs-server-6.0/usr/local/srs/objs/srs")
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def srs_host(host, tarball):
    """The module's host, whose engine has become SRS."""
    path, digest = tarball
    host.put(path, TARBALL)
    status = host.configure(
        streaming__engine="srs", streaming__srs={"package_url": f"file://{TARBALL}", "package_sha256": digest}
    )
    assert status["result"] == "applied", status
    return host


@contextlib.contextmanager
def publishing(host, stream):
    """OBS, or what is like it: RTMP with a stream key."""
    token = host.login()
    made = host.ask("POST", "/api/keys", token, body={"stream": stream}).json()
    process = subprocess.Popen(
        [*SOURCE, "-f", "flv", f"rtmp://{host.address}/live/{made['stream_key']}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for(lambda: on_air(host, stream, token), f"{stream} on air")
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)
    wait_for(lambda: not on_air(host, stream, token), f"the end of {stream}")


def test_a_package_of_another_hash_changes_nothing(host, tarball):
    path, digest = tarball
    host.put(path, TARBALL)
    before = host.invocations()
    wrong = "0" * 64
    status = host.configure(
        streaming__engine="srs", streaming__srs={"package_url": f"file://{TARBALL}", "package_sha256": wrong}
    )
    assert status["result"] == "failed" and status["failure"]["stage"] == "srs", status
    assert wrong in status["failure"]["message"] and digest in status["failure"]["message"]
    assert host.invocations() == before and not host.exists("/usr/local/srs/objs/srs")


def test_srs_is_installed_and_runs(srs_host):
    assert {name for name, unit in srs_host.units([*UNITS, SRS]).items() if not unit.is_active} == set()
    assert srs_host.stat("/usr/local/srs/objs/srs").startswith("0755 root:")
    srs_host.wait_for_site()
    srs_host.assert_in_order()


def test_rtmp_goes_in_and_hls_comes_out(srs_host, tmp_path):
    with publishing(srs_host, "obs"):
        assert play(srs_host, "obs", tmp_path).stat().st_size > 10_000


def test_what_srs_reloads_cuts_nobody_off(srs_host, tmp_path):
    before = srs_host.invocations([*UNITS, SRS])
    with publishing(srs_host, "reload") as process:
        status = srs_host.configure(streaming__hls__segment_duration="3s")
        assert status["result"] == "applied", status
        assert srs_host.invocations([*UNITS, SRS])[SRS] == before[SRS]
        play(srs_host, "reload", tmp_path)
        # Nor does how often systemd may restart it.
        status = srs_host.configure(reliability__watchdog__max_restarts=9)
        assert status["result"] == "applied", status
        assert srs_host.unit(SRS).invocation == before[SRS] and process.poll() is None


def test_what_restarts_srs_waits_for_the_end(srs_host, tmp_path):
    before = srs_host.unit(SRS).invocation
    with publishing(srs_host, "wait") as process:
        # A folder more that the unit lets it write to.
        status = srs_host.configure(streaming__enable_recording=True)
        assert status["result"] == "waiting", status
        assert SRS in [one["unit"] for one in status["pendingRestarts"]]
        assert srs_host.unit(SRS).invocation == before and process.poll() is None
        assert playlist(srs_host, "wait") or play(srs_host, "wait", tmp_path)
    status = srs_host.reconcile_after_the_broadcast()
    assert status["result"] == "applied", status
    assert srs_host.unit(SRS).invocation != before
    srs_host.assert_in_order()


def test_a_killed_srs_comes_back(srs_host):
    before = srs_host.unit(SRS)
    srs_host.kill_service(SRS)
    assert SRS in srs_host.check()
    srs_host.reconcile()
    wait_for(lambda: srs_host.unit(SRS).is_active, "SRS")
    assert srs_host.unit(SRS).main_pid != before.main_pid


def test_the_way_back_to_the_embedded_engine(srs_host):
    status = srs_host.configure(streaming__engine="embedded", streaming__srs=None)
    assert status["result"] == "applied", status
    assert not srs_host.exists("/etc/systemd/system/srs.service")
    assert srs_host.unit(SRS).active in ("inactive", "failed")
    srs_host.wait_for_site()
    srs_host.assert_in_order()
