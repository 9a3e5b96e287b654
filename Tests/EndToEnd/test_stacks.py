"""The CloudFormation stacks: accepted by cfn-lint, created on a simulated AWS (moto), and safe in what they say.

The stacks are rendered by the program that PUTLIVE_GEN names, and their first boot makes its config with it.
"""

import base64
import hashlib
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import yaml
from moto import mock_aws

# moto says what it leaves out: secrets, alarms, CloudFront.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")

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


# What the templates say


def test_cfn_lint(stack_file):
    program = [sys.executable, "-c", "from cfnlint.runner import main; main()"]
    run = subprocess.run([*program, stack_file], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr


def test_limits(stack_file, template):
    assert stack_file.stat().st_size <= TEMPLATE_LIMIT
    for script in user_data(template):
        assert len(script.encode()) <= USER_DATA_LIMIT


def test_ssh_needs_a_range_that_is_not_the_internet(template):
    parameter = template["Parameters"]["SSHCidr"]
    assert "Default" not in parameter
    pattern = re.compile(parameter["AllowedPattern"])
    for good in ["203.0.113.7/32", "10.0.0.0/8", "192.0.2.0/24"]:
        assert pattern.fullmatch(good), good
    for bad in ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/00", "256.1.1.1/32", "1.2.3.4", "1.2.3.4/33", "::/0"]:
        assert not pattern.fullmatch(bad), bad
    ssh = [rule for rule in ingress(template) if rule["FromPort"] == 22]
    assert ssh and all(rule["CidrIp"] == {"Ref": "SSHCidr"} for rule in ssh)


def test_inbound_rules(name, template, settings):
    world = {(r["IpProtocol"], r["FromPort"]) for r in ingress(template) if r.get("CidrIp") == "0.0.0.0/0"}
    expected = {("tcp", settings["rtmp"])}
    if settings["webrtc"]:
        expected |= {("udp", settings["udp"]), ("tcp", settings["tcp"])}
    if name == "single-server":
        expected |= {("tcp", 80), ("tcp", settings["hls"])} | ({("tcp", 443)} if settings["https"] else set())
    assert world == expected
    assert all(rule["FromPort"] == rule["ToPort"] or "Fn::If" in rule["FromPort"] for rule in ingress(template))


def test_imds_v2_and_encrypted_disks(template):
    assert instances(template)
    for instance in instances(template):
        options = instance["MetadataOptions"]
        assert options["HttpTokens"] == "required" and options["HttpPutResponseHopLimit"] == 1
        for disk in instance["BlockDeviceMappings"]:
            assert disk["Ebs"]["Encrypted"] is True and disk["Ebs"]["VolumeType"] == "gp3"


def test_rights_name_their_resources(template):
    for role in resources(template, "AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                assert not any("*" in a for a in ([actions] if isinstance(actions, str) else actions))
                if statement["Resource"] == "*":
                    assert actions == "cloudwatch:PutMetricData"
                    assert statement["Condition"] == {
                        "StringEquals": {"cloudwatch:namespace": {"Ref": "MetricNamespace"}}
                    }


def test_bucket_is_private_and_kept(template):
    (bucket,) = resources(template, "AWS::S3::Bucket").values()
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["VersioningConfiguration"]["Status"] == "Enabled"
    assert template["Resources"]["BackupBucket"]["DeletionPolicy"] == "Retain"
    (policy,) = resources(template, "AWS::S3::BucketPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_address_is_on_an_interface_made_before_the_server(template):
    (association,) = resources(template, "AWS::EC2::EIPAssociation").items()
    label, properties = association
    assert "InstanceId" not in properties
    for instance in template["Resources"].values():
        if instance["Type"] == "AWS::EC2::Instance":
            assert label in instance["DependsOn"]
            (interface,) = instance["Properties"]["NetworkInterfaces"]
            assert interface["NetworkInterfaceId"] == properties["NetworkInterfaceId"]


@SINGLE_SERVER
def test_single_server_has_what_the_quick_start_lists(template):
    alarms = {a["MetricName"]: a for a in resources(template, "AWS::CloudWatch::Alarm").values()}
    assert {"CPUUtilization", "StatusCheckFailed", "StatusCheckFailed_System"} <= set(alarms)
    assert any("ec2:recover" in str(action) for action in alarms["StatusCheckFailed_System"]["AlarmActions"])
    assert {"email", "sms"} == {s["Protocol"] for s in resources(template, "AWS::SNS::Subscription").values()}
    for output in ["PublicIP", "DashboardURL", "BroadcastURL", "RTMPServer", "AdminPasswordSecret", "BackupBucket"]:
        assert output in template["Outputs"]


# How viewers reach the servers of a scaled-out deployment


@SCALE_OUT
def test_only_our_distribution_passes_the_load_balancer(template):
    (listener,) = resources(template, "AWS::ElasticLoadBalancingV2::Listener").values()
    assert listener["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "403"
    for rule in resources(template, "AWS::ElasticLoadBalancingV2::ListenerRule").values():
        assert rule["Conditions"][0]["HttpHeaderConfig"]["HttpHeaderName"] == "X-PutLive-Distribution"
    sources = [rule["SourcePrefixListId"] for rule in ingress(template, "LoadBalancer")]
    assert sources == [{"Ref": "CloudFrontPrefixList"}]


@SCALE_OUT
def test_the_load_balancer_leaves_the_viewers_address_last(template):
    (balancer,) = resources(template, "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    attributes = {entry["Key"]: entry["Value"] for entry in balancer["LoadBalancerAttributes"]}
    assert attributes["routing.http.xff_header_processing.mode"] == "preserve"


@SCALE_OUT
def test_each_hop_may_reach_the_next(template, settings):
    def inside(group):
        rules = [rule for rule in ingress(template, group) if "SourceSecurityGroupId" in rule]
        return {(rule["SourceSecurityGroupId"]["Ref"], rule["FromPort"], rule["ToPort"]) for rule in rules}

    origin_port = 443 if settings["https"] else 80
    assert inside("Edge") == {("LoadBalancerSecurityGroup", 80, 80)}
    # An edge is given the origin's private address, to which it speaks HTTP.
    assert inside("Origin") == {
        ("LoadBalancerSecurityGroup", origin_port, origin_port),
        ("EdgeSecurityGroup", 80, 80),
    }
    groups = resources(template, "AWS::ElasticLoadBalancingV2::TargetGroup")
    targets = {label: group["Port"] for label, group in groups.items()}
    assert targets == {"EdgeTargets": 80, "OriginTargets": origin_port}
    (network,) = resources(template, "AWS::EC2::VPC").values()
    assert network["CidrBlock"] == NETWORK


@SCALE_OUT
def test_cloudfront_asks_by_the_name_of_the_certificate(template):
    (distribution,) = resources(template, "AWS::CloudFront::Distribution").values()
    behaviors = {b["PathPattern"]: b for b in distribution["DistributionConfig"]["CacheBehaviors"]}
    policies = resources(template, "AWS::CloudFront::CachePolicy")
    ages = {p: policies[b["CachePolicyId"]["Ref"]]["CachePolicyConfig"]["MaxTTL"] for p, b in behaviors.items()}
    assert ages == {"/live/*.m3u8": 1, "/live/*.ts": 86_400}
    requests = resources(template, "AWS::CloudFront::OriginRequestPolicy")
    for behavior in behaviors.values():
        policy = requests[behavior["OriginRequestPolicyId"]["Ref"]]["OriginRequestPolicyConfig"]
        assert policy["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Host"]}
    # Amazon's AllViewer.
    default = distribution["DistributionConfig"]["DefaultCacheBehavior"]
    assert default["OriginRequestPolicyId"] == "216adef6-5c7f-47e4-b989-5492eafa07d3"
    (rule,) = template["Rules"].values()
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "LoadBalancerCertificateArn"}, ""]}]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ViewerCertificateArn"}, ""]}]}


# First boot


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


# On a simulated AWS


@pytest.fixture(scope="module")
def aws(case):
    """A function: name of a service -> a client of AWS, which moto plays in this process, anew for each case."""
    with mock_aws():
        yield lambda service: boto3.client(service, region_name="us-east-1")


@pytest.fixture(scope="module")
def created(name, stack_file, aws):
    """The stack's resources by logical name, once it is created."""
    # moto looks the default up even where a value is given, and has none of Debian's public parameters.
    debian = "/aws/service/debian/release/12/latest/amd64"
    body = stack_file.read_text()
    assert body.count(debian) == 1
    body = body.replace(debian, "/test/debian-12")
    cloudformation = aws("cloudformation")
    cloudformation.validate_template(TemplateBody=body)
    image = aws("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    aws("ssm").put_parameter(Name="/test/debian-12", Value=image, Type="String")
    aws("ec2").create_key_pair(KeyName="operator")
    # As `aws cloudformation deploy` does it.
    cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="create",
        ChangeSetType="CREATE",
        TemplateBody=body,
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in PARAMETERS[name].items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.execute_change_set(StackName=name, ChangeSetName="create")
    assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    listed = cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    return {entry["LogicalResourceId"]: entry.get("PhysicalResourceId") for entry in listed}


def test_created_security_groups(created, aws, settings):
    groups = [v for k, v in created.items() if k.endswith("SecurityGroup")]
    assert groups
    seen = set()
    for group in aws("ec2").describe_security_groups(GroupIds=groups)["SecurityGroups"]:
        for rule in group["IpPermissions"]:
            for source in rule["IpRanges"]:
                seen.add((rule["IpProtocol"], rule["FromPort"], source["CidrIp"]))
    assert ("tcp", settings["rtmp"], "0.0.0.0/0") in seen
    assert (("udp", settings["udp"], "0.0.0.0/0") in seen) is settings["webrtc"]
    assert {cidr for _, port, cidr in seen if port == 22} == {"203.0.113.7/32"}


def test_created_bucket(created, aws):
    s3 = aws("s3")
    rules = s3.get_bucket_encryption(Bucket=created["BackupBucket"])["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_created_server(name, created, aws):
    server = created["Server" if name == "single-server" else "Origin"]
    (reservation,) = aws("ec2").describe_instances(InstanceIds=[server])["Reservations"]
    (instance,) = reservation["Instances"]
    assert instance["State"]["Name"] == "running"
    assert instance["IamInstanceProfile"]
    attribute = aws("ec2").describe_instance_attribute(InstanceId=server, Attribute="userData")
    script = base64.b64decode(attribute["UserData"]["Value"]).decode()
    # moto makes no secrets from a template.
    assert script.startswith("#!/bin/bash\n") and references(script) <= {"AdminPassword"}
    assert f"backup_s3_bucket='{created['BackupBucket']}'" in script
    assert (f"trusted_proxies='{NETWORK}'" in script) is (name == "scale-out")
