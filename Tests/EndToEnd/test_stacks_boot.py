"""The first boot of the stacks' servers: UserData, run against stand-ins. It makes its config with putlive-gen."""

import hashlib
import os
import re
import stat
import subprocess

import yaml
from stacks import (
    NETWORK,
    PARAMETERS,
    SCALE_OUT,
    WITH_CLOUDWATCH,
    case,
    config_file,
    generator,
    name,
    references,
    settings,
    stack_file,
    template,
    user_data,
)

__all__ = ["case", "config_file", "generator", "name", "settings", "stack_file", "template"]


def shell(script, **values):
    """UserData as CloudFormation hands it to the instance."""
    return re.sub(r"\$\{([^}!]+)\}", lambda match: values.get(match[1], "x-" + match[1].replace("::", "-")), script)


def test_user_data_is_sound_and_holds_no_secret(template, tmp_path):
    for number, script in enumerate(user_data(template)):
        assert "resolve:" not in script
        # Ref of a secret is its ARN.
        assert references(script) <= set(template["Parameters"]) | {
            "AWS::Region",
            "AWS::StackName",
            "AdminPassword",
            "BackupBucket",
            "OriginInterface.PrimaryPrivateIpAddress",
            "VPC.CidrBlock",
        }
        file = tmp_path / f"{number}.sh"
        file.write_text(shell(script))
        run = subprocess.run(["shellcheck", file], capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stdout


def test_no_parameter_leaves_its_quotes(name, template):
    for script in user_data(template):
        for match in re.finditer(r"\$\{([^}!]+)\}", script):
            assert script[match.start() - 1] == script[match.end()] == "'", match[0]
        for label in references(script) & set(template["Parameters"]):
            parameter = template["Parameters"][label]
            good = PARAMETERS[name].get(label, parameter.get("Default"))
            pattern = re.compile(parameter["AllowedPattern"])
            assert pattern.fullmatch(good), label
            for character in "'\n\r\0":
                for place in range(len(good) + 1):
                    assert not pattern.fullmatch(good[:place] + character + good[place:]), label


STUB = """#!/bin/bash
printf '%s' "$(basename "$0")" >>"$CALLS"
printf ' %q' "$@" >>"$CALLS"
echo >>"$CALLS"
"""


AMAZON_KEY = "937616F3450B7D806CBD9725D58167303B789C72"
# What CloudFormation would fill in.
VALUES = {
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "a-stack",
    "AdminEmail": "admin@example.com",
    "AdminPassword": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:AdminPassword-a1B2",
    "BackupBucket": "a-bucket",
    "DomainName": "stream.example.com",
    "EdgeInstanceType": "t3.small",
    "InstanceType": "c6i.large",
    "MetricNamespace": "PutLive/Test",
    "OriginInterface.PrimaryPrivateIpAddress": "10.20.0.5",
    "PackageSha256": hashlib.sha256(b"package").hexdigest(),
    "PackageUrl": "https://downloads.example.com/putlive.deb",
    "SRSPackageSha256": "cd" * 32,
    "SRSPackageUrl": "https://downloads.example.com/srs.tar.gz?Signature=a%2Fb&x=(1)",
    "VPC.CidrBlock": NETWORK,
}


class Boot:
    """Runs UserData with the real putlive-gen, all that touches a system replaced by stubs, and folders moved."""

    def __init__(
        self, root, script, generator, package=b"package", signer=AMAZON_KEY, password="FirstPassword", **values
    ):
        self.root, self.calls_file, self.config_file = root, root / "calls", root / "etc/config.yaml"
        root.mkdir()
        (root / "instance-id").write_text("i-0123456789abcdef0\n")
        (root / "package").write_bytes(package)
        self.calls_file.touch()
        bin_folder = root / "bin"
        bin_folder.mkdir()
        stubs = {
            "apt-get": "",
            "chown": "",
            "getent": "",
            "groupadd": "",
            "systemctl": "",
            "gpg": f'case "$*" in *--verify*) echo "[GNUPG:] VALIDSIG 0 {signer}";; esac',
            "install": 'cp /dev/null "${@: -1}"',
            "putlive-gen": f'exec "{generator.program}" "$@"',
            "curl": 'while [ $# -gt 1 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done\n'
            f'case "$1" in *.deb) cp {root}/package "$out";; *) : >"$out";; esac',
            "aws": f'case "$*" in *get-secret-value*) echo {password};; esac',
        }
        for command, body in stubs.items():
            (bin_folder / command).write_text(STUB + body + "\n")
            (bin_folder / command).chmod(0o755)
        text = shell(script, **VALUES | values).replace("/etc/putlive", str(root / "etc"))
        text = text.replace("/var/lib/cloud/data/instance-id", str(root / "instance-id"))
        environment = os.environ | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "CALLS": str(self.calls_file),
            "TMPDIR": str(root),
        }
        self.run = subprocess.run(
            ["bash", "-c", text], env=environment, cwd=root, capture_output=True, text=True, timeout=120
        )

    @property
    def calls(self):
        return self.calls_file.read_text()

    @property
    def signals(self):
        return re.findall(r"signal-resource .*--logical-resource-id (\S+) .*--status (\S+)", self.calls)

    @property
    def config(self):
        return yaml.safe_load(self.config_file.read_text())


def boots(template, generator, tmp_path, **values):
    """Each instance's first boot."""
    for number, script in enumerate(user_data(template)):
        yield script, Boot(tmp_path / str(number), script, generator, **values)


def test_first_boot(template, generator, tmp_path, settings):
    for script, boot in boots(template, generator, tmp_path, password="GeneratedPassword"):
        assert boot.run.returncode == 0, boot.run.stderr + boot.calls
        label = re.search(r"--logical-resource-id (\w+)", script)[1]
        assert boot.signals == [(label, "SUCCESS")]
        assert label in template["Resources"]

        config = boot.config
        role = config["deployment"]["role"]
        generator("validate", "--config", boot.config_file)
        assert stat.S_IMODE(boot.config_file.stat().st_mode) == 0o640
        assert f"chown root:putlive {boot.config_file}\n" in boot.calls
        assert "# PutLive: the one file" in boot.config_file.read_text()
        assert config["server"]["domain"] == "stream.example.com"
        assert config["streaming"]["hls_port"] == settings["hls"]
        assert config["deployment"]["region"] == "eu-west-1"
        assert config["monitoring"]["cloudwatch"] == {
            "enabled": settings["cloudwatch"],
            "namespace": "PutLive/Test",
            "region": "eu-west-1",
        }
        assert config["server"].get("trusted_proxies") == (None if role == "single" else [NETWORK])
        if role == "edge":
            assert config["deployment"]["origin_host"] == "10.20.0.5"
            assert config["deployment"]["instance_type"] == "t3.small"
            # The load balancer speaks HTTP to it.
            assert "https_enabled" not in config["server"]
            assert "authentication" not in config and "secretsmanager" not in boot.calls
        else:
            assert role == ("origin" if "VPC.CidrBlock" in script else "single")
            assert config["deployment"]["instance_type"] == "c6i.large"
            assert config["server"]["http_port"] == settings["http"]
            assert config["server"]["https_enabled"] is settings["https"]
            assert config["streaming"]["rtmp_port"] == settings["rtmp"]
            webrtc = {"enabled": settings["webrtc"], "tcp_port": settings["tcp"], "udp_port": settings["udp"]}
            assert webrtc.items() <= config["streaming"]["webrtc"].items()
            assert config["monitoring"]["prometheus_enabled"] is settings["prometheus"]
            assert config["database"]["backup_s3_bucket"] == "a-bucket"
            assert config["streaming"]["engine"] == "srs"
            package = {"package_url": VALUES["SRSPackageUrl"], "package_sha256": VALUES["SRSPackageSha256"]}
            assert config["streaming"]["srs"] == package

            password = boot.root / "etc/admin_pass"
            assert password.read_text() == "GeneratedPassword"
            assert f"install -m 0640 -o root -g putlive /dev/null {password}" in boot.calls
            assert config["authentication"]["default_admin_pass_file"] == str(password)
            assert "default_admin_pass" not in config["authentication"]
            # Neither is in an argument, in what cloud-init logs, or in another file.
            jwt_secret = config["authentication"]["jwt_secret"]
            assert len(jwt_secret) == 64
            for text in [boot.calls, boot.run.stdout, boot.run.stderr]:
                assert "GeneratedPassword" not in text and jwt_secret not in text
            files = [f for f in boot.root.rglob("*") if f.is_file()]
            holders = [f for f in files if "GeneratedPassword" in f.read_text(errors="replace")]
            assert set(holders) == {password, boot.root / "bin/aws"}
        enabled = boot.calls.index("systemctl enable --now putlive-reconcile.path putlive-reconcile.timer")
        assert enabled < boot.calls.index("systemctl start putlive-reconcile.service")
        assert not list(boot.root.glob("tmp.*"))


def test_first_boot_takes_parameters_literally(template, generator, tmp_path):
    values = {"AdminEmail": "-!#&*+/=?^_`{|}~@example.com", "MetricNamespace": "#1/x"}
    for label, value in values.items():
        assert re.fullmatch(template["Parameters"][label]["AllowedPattern"], value)
    for _, boot in boots(template, generator, tmp_path, **values):
        assert boot.run.returncode == 0, boot.run.stderr
        assert boot.config["alerts"]["email"] == values["AdminEmail"]
        assert boot.config["monitoring"]["cloudwatch"]["namespace"] == values["MetricNamespace"]


def test_first_boot_without_srs_takes_the_own_engine(template, generator, tmp_path):
    for _, boot in boots(template, generator, tmp_path, SRSPackageUrl="", SRSPackageSha256=""):
        assert boot.run.returncode == 0, boot.run.stderr
        generator("validate", "--config", boot.config_file)
        streaming = boot.config.get("streaming", {})
        is_edge = boot.config["deployment"]["role"] == "edge"
        assert streaming.get("engine") == (None if is_edge else "embedded")
        assert "srs" not in streaming


def test_first_boot_refuses_a_bad_config(template, generator, tmp_path):
    for _, boot in boots(template, generator, tmp_path, DomainName="stream.example.5"):
        assert boot.run.returncode != 0
        assert "server.domain" in boot.run.stderr
        assert [status for _, status in boot.signals] == ["FAILURE"]
        assert not boot.config_file.exists() and "systemctl" not in boot.calls


def test_first_boot_refuses_another_package(template, generator, tmp_path):
    for _, boot in boots(template, generator, tmp_path, package=b"another"):
        assert boot.run.returncode != 0
        assert [status for _, status in boot.signals] == ["FAILURE"]
        assert "putlive-gen" not in boot.calls


@WITH_CLOUDWATCH
def test_first_boot_refuses_an_agent_that_another_key_signed(template, generator, tmp_path):
    for _, boot in boots(template, generator, tmp_path, signer="0" * 40):
        assert boot.run.returncode != 0
        assert [status for _, status in boot.signals] == ["FAILURE"]
        assert "/agent.deb\n" not in re.sub(r"(?m)^(curl|gpg) .*$", "", boot.calls)


@SCALE_OUT
def test_edges_get_streams_from_the_origin(template, generator, tmp_path):
    """By the nginx of each, as it is made from the config of the first boot."""
    nginx = {}
    for number, (_, boot) in enumerate(boots(template, generator, tmp_path)):
        generator("render", "--config", boot.config_file, "--output", tmp_path / f"tree-{number}")
        text = (tmp_path / f"tree-{number}/etc/nginx/nginx.conf").read_text()
        nginx[boot.config["deployment"]["role"]] = text
        assert f"set_real_ip_from {NETWORK};" in text and "real_ip_header X-Forwarded-For;" in text
    assert "server 10.20.0.5:80;" in nginx["edge"] and "proxy_pass http://origin$uri;" in nginx["edge"]
    assert "listen 80 default_server;" in nginx["edge"] and "listen 80 default_server;" in nginx["origin"]
    # The origin trusts the edges' X-Forwarded-For: with the viewer's address in it, it would send the edge to HTTPS.
    assert 'proxy_set_header X-Forwarded-For "";' in nginx["edge"]
