"""What the world sees of a fresh host: TLS with a certificate of its own, the pages, the API behind nginx."""

import ssl

import pytest
from asking import wait_for
from host import DOMAIN


def test_login_over_tls_with_the_hosts_own_certificate(host):
    token = host.login()
    me = host.get("/api/auth/me", token)
    assert me.status == 200 and me.json()["user"]["role"] == "admin"


def test_nobody_else_has_signed_that_certificate(host):
    with pytest.raises(ssl.SSLCertVerificationError):
        host.get("/api/health", context=ssl.create_default_context())
    # So nobody is held to it either.
    assert host.get("/api/health").headers["Strict-Transport-Security"] is None


def test_port_80_leads_to_tls(host):
    answer = host.get("/broadcast.html?x=1", port=80, scheme="http")
    assert answer.status == 301 and answer.headers["Location"] == f"https://{DOMAIN}/broadcast.html?x=1"


def test_pages_and_their_libraries_are_served(host):
    for page in ("/", "/login.html", "/dashboard.html", "/broadcast.html", "/assets/vendor/hls.js"):
        answer = host.get(page)
        assert answer.status == 200 and answer.body, page


def test_what_is_the_hosts_own_stays_inside(host, peer):
    for path in ("/metrics", "/api/srs/on_publish"):
        assert host.get(path).status == 404
    # By an address of the host's, past nginx.
    for port in (3000, 9090, 9100, 1985):
        done = peer.run("curl", "--silent", "--max-time", "3", f"http://{host.address}:{port}/")
        assert done.returncode != 0, f"port {port} answers from outside"


def test_the_port_of_players_serves_live_alone(host):
    assert host.get("/api/health", port=8080).status == 404
    assert host.get("/live/nobody.m3u8", port=8080).status == 404


def test_the_api_tells_of_the_reconcile(host):
    host.reconcile()
    told = host.get("/api/drift", host.login()).json()
    assert told["available"] is True and told["report"]["result"] == "in_order", told
    assert told["report"]["generation"] == 1 and told["report"]["differences"] == []
    assert host.get("/api/drift").status == 401


def test_the_health_has_nothing_to_complain_of(host):
    # The machine has just booted, and no timer reconciles it here.
    host.reconcile()
    token = host.login()

    def ill():
        told = host.get("/api/health/detailed", token).json()
        return {name for name, one in told["components"].items() if one["status"] != "ok"}

    # A certificate of its own is what people should be told of. The agent looks every few seconds.
    wait_for(lambda: ill() <= {"certificate"}, "all parts to be well")
