"""Configs of hostile values and their twins of plain words, and the trees that they render to."""

import os
import random
import subprocess

import yaml

GEN = os.environ.get("PUTLIVE_GEN")

ROLES = ["single", "single", "origin", "edge", "local", "single", "origin", "edge"]
COUNT = 40
# A combining mark makes one character of itself and the quote before it; to the readers it is still a quote.
PIECES = """ " ' \\ ; { } # % %% %h %f < > & | * ? ( ) = : , ! @ ~ - + ` [ ] {{x}} <%x%> \\n \\x41 é 日本 😀
1\ufe0f\u20e3 word 100% ;} "\u0301 '\u0301 \\\u0301 %\u0301 }\u0301 """.split() + [" ", "  ", " #", "\u00a0", "\u3000"]
SPECIAL_IN_MAIL = ".!#&'*+/=?^_`{|}~-"


def gen(*arguments):
    return subprocess.run(
        [GEN, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )


class Words:
    """The names that a config is made of: hostile ones, or plain ones in the same places."""

    def __init__(self, seed, hostile):
        self.random = random.Random(seed)
        self.hostile = hostile
        self.count = 0

    def __call__(self, prefix="", without=""):
        self.count += 1
        pieces = [self.random.choice(PIECES) for _ in range(self.random.randint(1, 6))]
        word = "".join(pieces).translate({ord(character): None for character in without})
        return f"{prefix}{word or 'x'}{self.count}" if self.hostile else f"{prefix}plain{self.count}"

    def mail(self):
        self.count += 1
        local = "".join(self.random.choice(SPECIAL_IN_MAIL) for _ in range(6))
        return f"{local if self.hostile else 'plain'}@example.org"


def config_of(seed, hostile):
    role = ROLES[seed % len(ROLES)]
    word = Words(seed, hostile)
    # SRS replaces what stands in brackets, and has two kinds of quotes but no escape.
    not_srs = "[" + "'\""[seed // 2 % 2]
    # systemd-analyze takes what stands behind a colon in a unit's name, as the swap file's path is, for an alias.
    config = {
        "version": "3.1",
        "deployment": {"role": role, "instance_type": "c6i.2xlarge"},
        "server": {
            "domain": ["stream.example.com", "XN--bcher-kva.example", "192.0.2.7", "2001:db8::7"][seed // 8 % 4],
            "https_enabled": role in ("single", "origin"),
            "ssl_cert": word("/etc/ssl/"),
            "ssl_key": word("/etc/ssl/"),
            "trusted_proxies": ["10.0.0.0/8", "2001:db8::/32"],
        },
        "streaming": {
            "engine": "srs",
            "enable_recording": role != "edge",
            "recording_path": word("/srv/", not_srs) + word("/", not_srs),
            "hls": {"tmpfs_path": word("/srv/", not_srs)},
            "webrtc": {"enabled": role != "edge"},
        },
        "authentication": {
            "jwt_secret": word("0123456789-abcdefghijklmn-golden-"),
            "default_admin_pass": word("aB3dE5gH-"),
        },
        "database": {
            "path": word("/srv/") + word("/") + word("/"),
            "backup_enabled": role != "edge",
            "backup_path": word("/srv/") + word("/"),
        },
        "security": {
            "cors": {"enabled": True, "allowed_origins": ["https://a.example:8443", "http://[2001:db8::9]:3000"]},
            "admin_cidrs": ["198.51.100.0/24", "2001:db8:1::/48"],
        },
        "monitoring": {
            "prometheus_enabled": True,
            "grafana_enabled": True,
            "geoip_database": word("/srv/"),
            "cloudwatch": {"enabled": role != "local", "namespace": "A/#._-b" if hostile else "Plain"},
        },
        "reliability": {"swap": {"enabled": role != "local", "path": word("/srv/", ":")}},
        "alerts": {"email": word.mail(), "sms": "+15551234567"},
    }
    if role == "edge":
        config["deployment"]["origin_host"] = "origin.example.com"
    return config


class Host:
    """A config and the tree that it renders to."""

    def __init__(self, folder, seed, hostile):
        self.config = config_of(seed, hostile)
        self.role = self.config["deployment"]["role"]
        self.file = folder / "config.yaml"
        folder.mkdir()
        self.file.write_text(yaml.safe_dump(self.config, allow_unicode=seed % 2 == 0), encoding="utf-8")
        self.tree = folder / "tree"
        rendered = gen("render", "--config", self.file, "--output", self.tree)
        assert rendered.returncode == 0, rendered.stderr
        self.domain = self.config["server"]["domain"]
        self.recordings = self.config["streaming"]["recording_path"]
        self.backups = self.config["database"]["backup_path"]
        self.database = self.config["database"]["path"].rpartition("/")[0]

    def path(self, name):
        return self.tree / name.lstrip("/")
