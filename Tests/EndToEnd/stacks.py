"""The CloudFormation stacks, rendered by the program that PUTLIVE_GEN names: fixtures, and how their templates are read."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

PACKAGE = Path(__file__).resolve().parents[2]
# Every port is another than its default, one of them the default of something that is off, and so is every condition.
OTHER = """\
version: "3.1"
server:
  domain: "other.example.com"
  http_port: 9090
  https_enabled: false
streaming:
  rtmp_port: 1936
  hls_port: 8000
  webrtc:
    enabled: false
    tcp_port: 8001
    udp_port: 8002
authentication:
  jwt_secret: "test-secret-of-the-stacks-0123456789-abcdefghijklmnop"
  default_admin_pass: "test-password-1"
monitoring:
  prometheus_enabled: false
  prometheus_port: 9091
  grafana_enabled: false
"""
# Stacks, and the configs that they are rendered from: a golden one's name, or the one above.
CASES = [("single-server", "single"), ("single-server", "other"), ("scale-out", "origin"), ("scale-out", "other")]
NETWORK = "10.20.0.0/16"


def of(*cases):
    """Marks a test that is of these cases alone."""
    return pytest.mark.parametrize("case", cases, indirect=True, ids="-".join, scope="module")


SINGLE_SERVER, SCALE_OUT, WITH_CLOUDWATCH = of(*CASES[:2]), of(*CASES[2:]), of(CASES[0], CASES[2])
# What CloudFormation takes for a template that is sent inline, and EC2 for UserData, in bytes.
TEMPLATE_LIMIT = 51_200
USER_DATA_LIMIT = 16_384

PARAMETERS = {
    "single-server": {
        "DomainName": "stream.example.com",
        "AdminEmail": "admin@example.com",
        "KeyName": "operator",
        "SSHCidr": "203.0.113.7/32",
        "PackageUrl": "https://downloads.example.com/putlive.deb",
        "PackageSha256": "ab" * 32,
        "SRSPackageUrl": "https://downloads.example.com/srs.tar.gz?Signature=a%2Fb&x=(1)",
        "SRSPackageSha256": "cd" * 32,
        "ImageId": "/test/debian-12",
    }
}
PARAMETERS["scale-out"] = PARAMETERS["single-server"] | {"CloudFrontPrefixList": "pl-3b927c52"}


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags: `!Ref x` reads as {"Ref": "x"}, `!Sub x` as {"Fn::Sub": "x"}."""


def short_tag(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value.split(".", 1) if name == "Fn::GetAtt" and isinstance(value, str) else value}


Loader.add_multi_constructor("!", short_tag)


@pytest.fixture(scope="module")
def generator():
    """A function: runs putlive-gen with arguments, and expects it to end well."""
    if not os.environ.get("PUTLIVE_GEN"):
        pytest.skip("PUTLIVE_GEN doesn't name the putlive-gen to test")
    program = Path(os.environ["PUTLIVE_GEN"]).resolve()

    def run(*arguments):
        run = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr
        return run.stdout

    run.program = program
    return run


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def name(case):
    return case[0]


@pytest.fixture(scope="module")
def config_file(case, tmp_path_factory):
    if case[1] != "other":
        return PACKAGE / "golden" / case[1] / "config.yaml"
    file = tmp_path_factory.mktemp("config") / "config.yaml"
    file.write_text(OTHER)
    return file


@pytest.fixture(scope="module")
def settings(config_file):
    """What the stack takes over from the config that it is rendered from."""
    config = yaml.safe_load(config_file.read_text())
    streaming = config.get("streaming", {})
    webrtc = streaming.get("webrtc", {})
    monitoring = config.get("monitoring", {})
    return {
        "https": config["server"].get("https_enabled", True),
        "http": config["server"].get("http_port", 3000),
        "rtmp": streaming.get("rtmp_port", 1935),
        "hls": streaming.get("hls_port", 8080),
        "webrtc": webrtc.get("enabled", True),
        "tcp": webrtc.get("tcp_port", 8000),
        "udp": webrtc.get("udp_port", 8000),
        "prometheus": monitoring.get("prometheus_enabled", True),
        "cloudwatch": monitoring.get("cloudwatch", {}).get("enabled", False),
    }


@pytest.fixture(scope="module")
def stack_file(case, config_file, generator, tmp_path_factory):
    file = tmp_path_factory.mktemp("stack") / f"{case[0]}.yaml"
    generator("stack", case[0], "--config", config_file, "--output", file)
    return file


@pytest.fixture(scope="module")
def template(stack_file):
    return yaml.load(stack_file.read_text(), Loader)


def resources(template, type_name):
    return {k: v.get("Properties", {}) for k, v in template["Resources"].items() if v["Type"] == type_name}


def instances(template):
    """The properties of every instance and launch template."""
    found = list(resources(template, "AWS::EC2::Instance").values())
    return found + [v["LaunchTemplateData"] for v in resources(template, "AWS::EC2::LaunchTemplate").values()]


def user_data(template):
    return [instance["UserData"]["Fn::Base64"]["Fn::Sub"] for instance in instances(template)]


def references(script):
    """What CloudFormation fills in."""
    return set(re.findall(r"\$\{([^}!]+)\}", script))


def ingress(template, group=""):
    """Every inbound rule, those under a condition too; of all groups or of those whose name begins so."""
    for label, group in [g for g in resources(template, "AWS::EC2::SecurityGroup").items() if g[0].startswith(group)]:
        for rule in group["SecurityGroupIngress"]:
            if "Fn::If" in rule:
                yield from (r for r in rule["Fn::If"][1:] if "IpProtocol" in r)
            else:
                yield rule
