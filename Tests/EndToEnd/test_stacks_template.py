"""The CloudFormation stacks: accepted by cfn-lint, and safe in what they say."""

import re
import subprocess
import sys

import yaml
from stacks import (
    NETWORK,
    PACKAGE,
    SCALE_OUT,
    SINGLE_SERVER,
    TEMPLATE_LIMIT,
    USER_DATA_LIMIT,
    case,
    config_file,
    generator,
    ingress,
    instances,
    name,
    resources,
    settings,
    stack_file,
    template,
    user_data,
)

__all__ = ["case", "config_file", "generator", "name", "settings", "stack_file", "template"]


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


def test_rtmp_is_open_with_srs_alone(template, settings):
    (rule,) = [
        rule
        for group in resources(template, "AWS::EC2::SecurityGroup").values()
        for rule in group["SecurityGroupIngress"]
        if settings["rtmp"] in (r.get("FromPort") for r in rule.get("Fn::If", [0, rule])[1:])
    ]
    assert rule["Fn::If"][0] == template["Outputs"]["RTMPServer"]["Condition"] == "HasSRS"
    assert template["Conditions"]["HasSRS"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "SRSPackageUrl"}, ""]}]}


def test_the_package_of_srs_has_its_hash(case, template):
    """The rule that both parameters are given or neither, and the defaults that the config gives them."""

    def holds(condition, values):
        ((function, arguments),) = condition.items()
        if function == "Fn::Equals":
            left, right = (values[a["Ref"]] if isinstance(a, dict) else a for a in arguments)
            return left == right
        parts = [holds(argument, values) for argument in arguments]
        return {"Fn::And": all, "Fn::Or": any, "Fn::Not": lambda x: not x[0]}[function](parts)

    (assertion,) = template["Rules"]["SRSPackageHasItsHash"]["Assertions"]
    for url in ["", "https://a.example/srs"]:
        for sha256 in ["", "ab" * 32]:
            values = {"SRSPackageUrl": url, "SRSPackageSha256": sha256}
            assert holds(assertion["Assert"], values) is (bool(url) == bool(sha256))
    config = yaml.safe_load((PACKAGE / "golden/origin/config.yaml").read_text())["streaming"]["srs"]
    wanted = config if case[1] == "origin" else {"package_url": "", "package_sha256": ""}
    defaults = {k: template["Parameters"][k]["Default"] for k in ["SRSPackageUrl", "SRSPackageSha256"]}
    assert list(defaults.values()) == [wanted["package_url"], wanted["package_sha256"]]


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
    rule = template["Rules"]["CertificatesGoTogether"]
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "LoadBalancerCertificateArn"}, ""]}]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ViewerCertificateArn"}, ""]}]}
