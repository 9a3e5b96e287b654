"""What the agent tells of the last reconcile: /api/drift, health, metrics, and when it asks for HTTPS for ever.

The agent runs in the role single; /run and /srv are its own, so that reconcile's status file stands in its real place.
"""

import os
import subprocess

import pytest
from agent import running
from asking import wait_for
from drift import CONFIGURED, DAY, EDITED, NGINX, SELF_SIGNED, put, status

OWN_FOLDERS = """
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /srv
mkdir /run/putlive-reconcile /run/putlive-hls /srv/putlive /srv/putlive/database
mount --bind "$1" /run/putlive-reconcile
shift
exec "$@"
"""
UNSHARE = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"])]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("putlive-reconcile")


@pytest.fixture(scope="module")
def host(folder, tmp_path_factory):
    """An agent of the role single, and what it reads of reconcile is what the test puts into `folder`."""
    if subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True).returncode != 0:
        pytest.skip("this system lets nobody but root have a /run of its own")
    with running(tmp_path_factory.mktemp("host"), {"streaming.engine": "embedded"}, start=False) as agent:
        agent.change(
            deployment__role="single",
            server__domain="stream.example.com",
            server__https_enabled=True,
            server__ssl_cert="/etc/letsencrypt/live/stream.example.com/fullchain.pem",
            server__ssl_key="/etc/letsencrypt/live/stream.example.com/privkey.pem",
            streaming__hls__tmpfs_path="/dev/shm/srs",
            streaming__recording_path="/srv/putlive/recordings",
            database__path="/srv/putlive/database/putlive.db",
            database__backup_path="/srv/putlive/backups",
        )
        agent.launcher = [*UNSHARE, "sh", "-euc", OWN_FOLDERS, "sh", str(folder)]
        yield agent.start()


def drift(host):
    answer = host.api("GET", "/api/drift", host.token)
    assert answer.status == 200, answer.text
    return answer.json()


def component(host, name):
    return host.api("GET", "/api/health/detailed", host.token).json()["components"].get(name)


def hsts(host):
    """As a browser sees it that came by HTTPS."""
    by_nginx = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    return host.api("GET", "/api/health", headers=by_nginx).headers["Strict-Transport-Security"]


def test_on_a_laptop_there_is_none(agent):
    answer = agent.api("GET", "/api/drift", agent.token).json()
    assert answer["available"] is False and answer["report"] is None and "local" in answer["reason"]
    assert component(agent, "reconcile") is None and component(agent, "certificate") is None
    assert not [name for name in agent.metrics() if name.startswith(("putlive_reconcile", "putlive_tls"))]


def test_before_the_first_run(host, folder):
    (folder / "status.json").unlink(missing_ok=True)
    answer = drift(host)
    assert answer["available"] is False and "systemctl start putlive-reconcile" in answer["reason"]
    wait_for(lambda: component(host, "reconcile")["status"] == "degraded", "health to say that there was no run")
    assert host.api("GET", "/api/health").json()["status"] == "degraded"
    metrics = host.metrics()
    assert metrics["putlive_reconcile_interval_seconds"] == 30
    assert "putlive_reconcile_last_run_timestamp_seconds" not in metrics
    assert hsts(host) is None


def test_a_run_is_told_of(host, folder):
    run = status(result="drift", differences=[EDITED], notes=["prometheus isn't installed"])
    put(folder, run)
    report = drift(host)["report"]
    assert report["differences"] == [EDITED] and report["notes"] == run["notes"]
    assert report["result"] == "drift" and report["generation"] == 7 and report["failure"] is None
    assert report["duration_seconds"] == 0.5
    metrics = host.metrics()
    assert metrics['putlive_reconcile_drift{kind="content"}'] == 1
    assert metrics['putlive_reconcile_drift{kind="kernel"}'] == 0
    assert metrics["putlive_reconcile_last_run_timestamp_seconds"] == pytest.approx(run["endedAt"])
    assert metrics["putlive_tls_certificate_expiry_timestamp_seconds"] == pytest.approx(CONFIGURED["notAfter"])
    wait_for(lambda: "in 1 place" in (component(host, "reconcile").get("detail") or ""), "health to tell of the drift")
    wait_for(lambda: host.metrics()['putlive_component_healthy{component="reconcile"}'] == 0, "the metric to tell")
    put(folder, status())
    assert drift(host)["report"]["differences"] == []
    wait_for(lambda: component(host, "reconcile")["status"] == "ok", "health to see that it is repaired")


def test_a_unit_that_is_given_up(host, folder):
    put(folder, status(units=[NGINX, {**NGINX, "name": "srs.service", "restarts": 5, "gaveUp": True}]))
    metrics = host.metrics()
    assert metrics['putlive_reconcile_unit_gave_up{unit="srs.service"}'] == 1
    assert metrics['putlive_reconcile_unit_gave_up{unit="nginx.service"}'] == 0
    assert metrics['putlive_reconcile_unit_restarts_total{unit="srs.service"}'] == 5
    wait_for(lambda: "srs.service" in (component(host, "reconcile").get("detail") or ""), "health to name it")


@pytest.mark.parametrize("text", ["", "{", '{"version":1', '{"version":2}', "x" * (2 << 20)])
def test_what_is_no_report(host, folder, text):
    """A file of another version, or one that isn't whole, is told of and ends nothing."""
    put(folder, text)
    answer = drift(host)
    assert answer["available"] is False and "status file tells nothing" in answer["reason"]
    wait_for(lambda: component(host, "reconcile")["status"] == "degraded", "health to say so")
    assert "putlive_reconcile_generation" not in host.metrics()
    assert hsts(host) is None


def test_https_for_ever_only_with_a_certificate_that_browsers_trust(host, folder):
    """It follows the certificate in use, without a restart or a reload of the agent."""
    put(folder, status(certificate=SELF_SIGNED))
    wait_for(lambda: component(host, "certificate")["status"] == "degraded", "the self-signed one to be seen")
    assert hsts(host) is None and host.metrics()["putlive_tls_certificate_self_signed"] == 1
    put(folder, status())
    wait_for(lambda: hsts(host) == "max-age=31536000", "the configured one to be seen")
    assert component(host, "certificate") == {"status": "ok"}
    put(folder, status(certificate={**CONFIGURED, "notAfter": status()["endedAt"] - DAY}))
    wait_for(lambda: component(host, "certificate")["status"] == "error", "the expired one to be seen")
    assert hsts(host) is None


def test_what_anybody_may_see_has_no_path(host, folder):
    put(folder, status(result="failed", failure={"stage": "config", "message": "/etc/putlive/config.yaml:3: no"}))
    wait_for(lambda: "failed" in (component(host, "reconcile").get("detail") or ""), "health to tell of the failure")
    detailed = host.api("GET", "/api/health/detailed", host.token).text
    assert "/etc/putlive" not in detailed
    assert drift(host)["report"]["failure"]["message"].startswith("/etc/putlive/config.yaml:3")


def test_reloading_keeps_https_for_ever(host, folder):
    put(folder, status())
    wait_for(lambda: hsts(host), "the configured certificate to be seen")
    host.change(reliability__reconcile_interval="5m")
    host.signal(1)
    wait_for(lambda: host.metrics()["putlive_reconcile_interval_seconds"] == 300, "the config to be read anew")
    assert hsts(host) == "max-age=31536000"
