"""Certificates on a host: its own at first, then the one that certbot gets, from a private authority here."""

import datetime
import ssl

import pytest
from asking import wait_for
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from host import CHAIN, DOMAIN

LIVE, ARCHIVE = f"/etc/letsencrypt/live/{DOMAIN}", f"/etc/letsencrypt/archive/{DOMAIN}"
HOOK = "/etc/letsencrypt/renewal-hooks/deploy/putlive"


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """A private CA."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign("Test Authority", self.key.public_key(), 3650, None)

    def _sign(self, name, key, days, names):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("Test Authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(min(now, now + datetime.timedelta(days=days)) - datetime.timedelta(days=2))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(names is None, None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, names))), False)
        return builder.sign(self.key, hashes.SHA256())

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, days=90, name=DOMAIN):
        """A chain, its key, and the certificate's serial number."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(name, key.public_key(), days, [name])
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        chain = certificate.public_bytes(serialization.Encoding.PEM).decode() + self.pem
        return chain, secret.decode(), certificate.serial_number


def deploy(host, number, chain, key):
    """What certbot does: a new pair in the archive, links in live, and its deploy hooks."""
    host.run("mkdir", "-p", LIVE, ARCHIVE)
    for name, content, mode in (("fullchain", chain, 0o644), ("privkey", key, 0o600)):
        host.write(f"{ARCHIVE}/{name}{number}.pem", content, mode)
        host.run("ln", "-sfn", f"../../archive/{DOMAIN}/{name}{number}.pem", f"{LIVE}/{name}.pem")
    return host.run(HOOK, check=False, environment={"RENEWED_LINEAGE": LIVE, "RENEWED_DOMAINS": DOMAIN})


def shown(host):
    """The serial number of the certificate that nginx shows now."""
    return x509.load_pem_x509_certificate(ssl.get_server_certificate((DOMAIN, 443)).encode()).serial_number


@pytest.fixture(scope="module")
def authority():
    return Authority()


def test_the_webroot_is_served_for_certbot(host):
    folder = "/var/lib/putlive/acme/.well-known/acme-challenge"
    host.run("mkdir", "-p", folder)
    host.write(f"{folder}/a-token", "a-token.proof")
    answer = host.get("/.well-known/acme-challenge/a-token", port=80, scheme="http")
    assert answer.status == 200 and answer.text == "a-token.proof"
    assert host.get("/.well-known/acme-challenge/a-token").text == "a-token.proof"


def test_certbots_certificate_takes_over_and_is_renewed(host, authority):
    own = shown(host)
    before = host.invocations()
    for number in (1, 2):
        chain, key, serial = authority.issue()
        done = deploy(host, number, chain, key)
        assert done.returncode == 0, done.stderr
        wait_for(lambda serial=serial: shown(host) == serial, "nginx to show the new certificate")
        assert serial != own
        # By the authority alone, and for this name.
        answer = host.get("/api/health", context=ssl.create_default_context(cadata=authority.pem))
        assert answer.status == 200
        told = host.reconcile()["certificate"]
        assert told["isSelfSigned"] is False and told["names"] == [DOMAIN] and not told["problem"], told
    # Nobody was cut off for it.
    assert host.invocations() == before
    host.assert_in_order()


def test_browsers_are_held_to_it(host, authority):
    context = ssl.create_default_context(cadata=authority.pem)
    wait_for(
        lambda: host.get("/login.html", context=context).headers["Strict-Transport-Security"], "HSTS", 60
    )


@pytest.mark.parametrize("fault", ["expired", "of another key", "torn", "gone"])
def test_a_useless_certificate_doesnt_take_the_site_down(fresh_host, authority, fault):
    host = fresh_host
    chain, key, _ = authority.issue(days=-1 if fault == "expired" else 90)
    if fault == "of another key":
        key = authority.issue()[1]
    if fault == "torn":
        chain = chain[: len(chain) // 3]
    deploy(host, 1, chain, key)
    if fault == "gone":
        host.run("rm", "-r", ARCHIVE)
    told = host.reconcile()["certificate"]
    assert told["problem"], told
    assert host.exists(CHAIN)
    host.run("nginx", "-t")
    # It answers, with whichever is the least bad.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    assert host.get("/api/health", context=context).status == 200
    if fault != "expired":
        assert told["isSelfSigned"]
