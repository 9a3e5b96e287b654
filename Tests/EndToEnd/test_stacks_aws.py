"""The CloudFormation stacks, created on a simulated AWS (moto)."""

import base64

import boto3
import pytest
from moto import mock_aws
from stacks import (
    NETWORK,
    PARAMETERS,
    case,
    config_file,
    generator,
    name,
    references,
    settings,
    stack_file,
    template,
)

__all__ = ["case", "config_file", "generator", "name", "settings", "stack_file", "template"]

# moto says what it leaves out: secrets, alarms, CloudFront.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")


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
