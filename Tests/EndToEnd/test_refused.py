"""Values that no artifact could hold: each is an error at its key, and nothing is written."""

import re

import pytest
import yaml
from hostile import GEN, config_of, gen

pytestmark = pytest.mark.skipif(not GEN, reason="PUTLIVE_GEN names no putlive-gen to test")

# What the loader refuses, by key. Each text looks right to somebody: to a search by characters, to a number's reader.
REFUSED = {
    "server.domain": "a\nb.example|a;b.example|a{b.example|a b.example|*|*.example.org|-a.example|a..b|x$y.example|a/b"
    "|bücher.example|1\ufe0f\u20e3.example|a.example.|a_b.example|\u2028a.example|[::1]|127.1|user@a.example"
    "|a.example:80",
    "server.ssl_cert": "cert.pem|/a/../b|/a/..|/./a|/a//b|/a/|/a\nb|/a\tb|/a\x7fb|/a\u2028b|/a\u202eb|/a\ufeffb|/",
    "database.path": "/srv/../\u0301etc/x|../x|~/x|/srv/x/..|file:/srv/x|/x.db|/srv/$x/a.db|/srv/$\u0301/x",
    "database.backup_path": "/srv/a\rb|/srv/..|srv|C:/x|/srv/${HOME}",
    "database.backup_s3_bucket": "a/b|Abc|a..b|ab|-abc|1.2.3.4|a b c|s3://abc|abc;|\uff11\uff12\uff13",
    "reliability.swap.path": "swap|/a/../swap|/swap\n|/|/" + "\u00e9" * 32,
    "streaming.recording_path": "/srv/[app]|/srv/[2006]/x|/srv/../x",
    "streaming.hls.tmpfs_path": "/run|/run/putlive-hls/x|/dev/../x|shm",
    "streaming.default_quality": "480p;|4\ufe0f\u20e380p|480P|a_b",
    "streaming.webrtc.default_quality": "480p }|none",
    "security.cors.allowed_origins": "*|null|https://*|https://*.a.example|https://a.example/|https://a.example/x"
    "|ftp://a.example|a.example|https://a b|https://a\"b|https://a;b|https://u@a.example|https://a.example:0"
    "|https://a.example:65536"
    "|https://a.example:+80|https://|javascript:x|https://a.example\n",
    "security.admin_cidrs": "10.0.0.0|10.0.0.0/33|10.0.0.0/+8|10.0.0.0/-1|10.0.0/8|::/129|10.0.0.0/8 ::/0"
    "|10.0.0.0/8;|010.0.0.0/8",
    "server.trusted_proxies": "*|unix:|10.0.0.0/8; deny all|fe80::1%eth0/64|\uff11.0.0.0/8",
    "server.public_ip": "Auto|1.2.3|1.2.3.4;|::1%lo|a.example",
    "deployment.region": "us-east-1;|us east 1|us-east-1\n|US-EAST-1|us-east-1\ufe0f\u20e3",
    "deployment.instance_type": "t3|t3.micro;|t3 .micro|t3.micro\n|t3.m\u00edcro",
    "monitoring.cloudwatch.namespace": "AWS/x|a b|a;b|a\"b|a'b|a:b|a\nb|a$b",
    "monitoring.geoip_database": "geo.mmdb|/a/../geo.mmdb|/a\nb",
    "authentication.default_admin_user": "a b|a\nb|a;b|a'b|\u00e9|a/b",
    "alerts.email": "a|a@b|a b@x.org|a@x.org\nb|\"a\"@x.org|a@x.org;|a@x_y.org|\u00e9@x.org|a@b@x.org|a\u0301@x.org",
    "alerts.sms": "5551234567|+0551234567|+1555|+1 555 123 4567|+155512345\uff16\uff17|+155512345\u0666\u0667"
    "|+15551234567;",
}
CASES = [(key, text) for key, texts in REFUSED.items() for text in texts.split("|")]


@pytest.mark.parametrize("key, text", CASES)
def test_the_loader_refuses(tmp_path, key, text):
    config = config_of(0, False)
    *sections, name = key.split(".")
    section = config
    for part in sections:
        section = section.setdefault(part, {})
    section[name] = [text] if isinstance(section.get(name), list) else text
    refuse(tmp_path, config, rf"config\.yaml:\d+:\d+: error: {re.escape(key)}(\[0\])?: ")


def refuse(folder, config, pattern):
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    rendered = gen("render", "--config", folder / "config.yaml", "--output", folder / "tree")
    assert rendered.returncode == 1, rendered.stderr
    assert re.search(pattern, rendered.stderr), rendered.stderr
    assert [entry.name for entry in folder.iterdir()] == ["config.yaml"]
