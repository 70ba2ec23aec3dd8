"""What CloudFormation is asked for, in the words of its templates: what the emulated AWS overlooks stands here."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cloud.rules import RULES, as_list, read, statements
from kit.process import run
from kit.tools import tool
from pipeline.repositories import PIPELINES, rendered

NAMES = {answers["artifact"]: name for name, answers in PIPELINES.items()}
SHARED = ("certificate", "database", "domain", "environment", "journal", "publisher", "versions")
TEMPLATES = {"zip": SHARED, "image": (*SHARED, "registry")}
CASES = [(artifact, name) for artifact, names in TEMPLATES.items() for name in names]


def text(artifact: str, name: str) -> str:
    """Return a template as it is written."""
    return (rendered(NAMES[artifact]) / "deploy" / "cloudformation" / f"{name}.yaml").read_text()


def resource(artifact: str, name: str, resource_name: str) -> dict[str, Any]:
    """Return the properties of a resource."""
    found: dict[str, Any] = read(text(artifact, name))["Resources"][resource_name]["Properties"]
    return found


@pytest.mark.parametrize("artifact", TEMPLATES)
def test_every_template_is_known_here(artifact: str) -> None:
    folder = rendered(NAMES[artifact]) / "deploy" / "cloudformation"

    assert sorted(path.stem for path in folder.iterdir() if path.stem != "monitoring") == sorted(TEMPLATES[artifact])


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("artifact", "name"), CASES)
def test_every_template_keeps_to_every_rule(artifact: str, name: str, rule: str) -> None:
    assert RULES[rule](read(text(artifact, name))) == []


# A template, what stands there, what a careless hand makes of it, and the rule that finds it.
MUTANTS = [
    ("environment", "- elasticbeanstalk:UpdateEnvironment", "- elasticbeanstalk:*", "every_action_is_named"),
    ("publisher", "Action: sts:AssumeRoleWithWebIdentity", "Action: sts:AssumeRole", "whoever_takes_a_role_is_named"),
    (
        "environment",
        "Resource: [!GetAtt InstanceRole.Arn, !GetAtt ServiceRole.Arn]",
        'Resource: "*"',
        "everything_is_granted_only_where_nothing_less_is_offered",
    ),
    (
        "environment",
        "Resource: [!GetAtt InstanceRole.Arn, !GetAtt ServiceRole.Arn]",
        'Resource: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"',
        "roles_are_passed_one_by_one",
    ),
    ("environment", "iam:PassedToService:", "iam:ResourceTag/a:", "roles_are_passed_one_by_one"),
    (
        "environment",
        ":environment/${Service}/${Place}*",
        ":environment/*",
        "every_resource_is_narrow",
    ),
    (
        "environment",
        ":environment/${Service}/${Place}*",
        ":environment/${Service}/*",
        "other_environments_are_out_of_reach",
    ),
    ("environment", "stack/awseb-e-*", "stack/*", "every_resource_is_narrow"),
    ("environment", "listener/app/awseb-*/*/*", "listener/app/*/*/*", "every_resource_is_narrow"),
    ("environment", "${AWS::Region}:${AWS::AccountId}:alarm:awseb-*", "*:*:alarm:awseb-*", "every_resource_is_narrow"),
    ("environment", "log-group:/aws/elasticbeanstalk/${Place}/*", "log-group:/aws/*", "every_resource_is_narrow"),
    ("environment", ":s3:::${Service}-zip-${AWS::AccountId}-${AWS::Region}/*", ":s3:::*", "every_resource_is_narrow"),
    ("environment", "- s3:PutObjectAcl", "- s3:PutBucketPolicy", "nobody_changes_rights"),
    ("environment", "Action: iam:PassRole", "Action: [iam:PassRole, iam:AttachRolePolicy]", "nobody_changes_rights"),
    (
        "environment",
        "Action: [logs:GetLogEvents, logs:PutLogEvents]",
        "Action: [logs:GetLogEvents, secretsmanager:GetSecretValue]",
        "only_machines_read_secrets",
    ),
    ("database", "-${Environment}-instance-", "-deploy-${Environment}-", "only_machines_read_secrets"),
    (
        "environment",
        'StringEquals:\n                "token.',
        'StringLike:\n                "token.',
        "whoever_takes_a_role_is_named",
    ),
    ("publisher", ':sub": !Ref TrustedSubjects', ':sub": repo:acme/*', "whoever_takes_a_role_is_named"),
    ("publisher", ':aud": sts.amazonaws.com\n', ':aud": [a, b]\n', "whoever_takes_a_role_is_named"),
    ("environment", "sts:ExternalId: elasticbeanstalk", "aws:a: b", "whoever_takes_a_role_is_named"),
    ("versions", "sts:ExternalId: elasticbeanstalk", "aws:a: b", "whoever_takes_a_role_is_named"),
    ("database", "{{resolve:secretsmanager:${Password}}}", "hunter2", "no_secret_is_written"),
    ("database", "MasterUserPassword: !Sub", "ManageMasterUserPassword: !Sub", "no_secret_is_written"),
    ("database", "  Class:\n    Type: String", "  DatabasePassword:\n    Type: String", "no_secret_is_written"),
    ("database", "  Class:\n    Type: String", "  Class:\n    NoEcho: true\n    Type: String", "no_secret_is_written"),
    (
        "database",
        "  PasswordArn:\n    Value: !Ref Password",
        "  Url:\n    Value: !Sub '{{resolve:secretsmanager:${Password}}}'",
        "no_secret_is_written",
    ),
    ("database", "PasswordLength: 40", "PasswordLength: 8", "a_password_is_long_and_random"),
    ("database", "StorageEncrypted: true", "StorageEncrypted: false", "what_is_stored_is_encrypted"),
    ("versions", "BucketEncryption:", "BucketDecryption:", "what_is_stored_is_encrypted"),
    ("versions", 'aws:SecureTransport: "false"', 'aws:SecureTransport: "true"', "what_is_stored_is_encrypted"),
    ("database", "PubliclyAccessible: false", "PubliclyAccessible: true", "nothing_is_public"),
    ("database", "SourceSecurityGroupId: !Ref InstanceGroup", "CidrIp: 0.0.0.0/0", "nothing_is_public"),
    ("database", "SourceSecurityGroupId: !Ref InstanceGroup", "CidrIpv6: '::/0'", "nothing_is_public"),
    ("database", "VPCSecurityGroups:", "DBSecurityGroups:", "nothing_is_public"),
    ("versions", "BlockPublicAcls: true", "BlockPublicAcls: false", "nothing_is_public"),
    ("versions", "RestrictPublicBuckets: true\n", "\n", "nothing_is_public"),
    ("versions", "- Effect: Deny", "- Effect: Allow", "nothing_is_public"),
    ("journal", "RetentionInDays: 400", "KmsKeyId: x", "logs_and_copies_end"),
    ("database", "BackupRetentionPeriod: !Ref BackupDays", "BackupRetentionPeriod: 0", "logs_and_copies_end"),
    ("database", "DeletionProtection: !Ref Protection", "DeletionProtection: false", "logs_and_copies_end"),
    ("versions", "LifecycleConfiguration:", "Lifecycle:", "logs_and_copies_end"),
    ("database", "DeletionPolicy: Snapshot", "DeletionPolicy: Delete", "what_matters_outlives_its_stack"),
    ("database", "UpdateReplacePolicy: Snapshot", "UpdateReplacePolicy: Delete", "what_matters_outlives_its_stack"),
    ("journal", "DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Delete", "what_matters_outlives_its_stack"),
    ("versions", "UpdateReplacePolicy: Retain", "UpdateReplacePolicy: Delete", "what_matters_outlives_its_stack"),
    ("environment", "elasticbeanstalk:environment-name:", "elasticbeanstalk:none:", "machines_are_told_by_their_tags"),
    ("environment", '!Sub "${Place}-blue", ', "'*', ", "machines_are_told_by_their_tags"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "rule"), MUTANTS)
def test_a_careless_change_is_found(name: str, right: str, wrong: str, rule: str) -> None:
    written = text("zip", name)
    assert right in written

    assert RULES[rule](read(written)) == []
    assert RULES[rule](read(written.replace(right, wrong))) != []


def test_every_rule_finds_something() -> None:
    assert {rule for *_, rule in MUTANTS} == set(RULES)


@pytest.mark.parametrize("artifact", TEMPLATES)
def test_cloudformation_s_own_linter_finds_nothing(artifact: str) -> None:
    folder = rendered(NAMES[artifact]) / "deploy" / "cloudformation"

    outcome = run([tool("cfn-lint"), *sorted(map(str, folder.glob("*.yaml")))]).succeeded()

    assert outcome.out == ""


def test_cloudformation_s_own_linter_finds_a_wrong_property(tmp_path: Path) -> None:
    broken = tmp_path / "database.yaml"
    broken.write_text(text("zip", "database").replace("StorageEncrypted: true", "StorageEncripted: true"))

    assert "StorageEncripted" in run([tool("cfn-lint"), str(broken)]).out


@pytest.mark.parametrize("artifact", TEMPLATES)
def test_rights_of_a_role_are_not_longer_than_aws_takes(artifact: str) -> None:
    """Ten thousand characters in all policies of a role, without spaces, for the longest name in the longest region."""
    longest = {"Service": "a" * 28, "Place": f"{'a' * 28}-prod", "Environment": "production"}
    longest |= {"AWS::Region": "ap-northeast-1", "AWS::AccountId": "1" * 12, "AWS::Partition": "aws"}

    for one in read(text(artifact, "environment"))["Resources"].values():
        if one["Type"] == "AWS::IAM::Role":
            policies = json.dumps([policy["PolicyDocument"] for policy in one["Properties"]["Policies"]])
            written = re.sub(r"\$\{([\w:]+)\}", lambda match: longest[match[1]], policies)
            assert len(re.sub(r"\s", "", written)) < 10_000


def test_the_registry_scans_what_is_pushed_and_forgets_what_nobody_needs() -> None:
    repository = resource("image", "registry", "Repository")
    rules = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]

    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert [rule["selection"]["tagStatus"] for rule in rules] == ["untagged", "any"]
    assert [rule["selection"]["countNumber"] for rule in rules] == [7, 300]


def test_nothing_in_the_bucket_is_overwritten_and_leftovers_go() -> None:
    bucket = resource("zip", "versions", "Bundles")
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert not [key for key in rule if key.startswith("Expiration")]


@pytest.mark.parametrize(("artifact", "publishes"), [("zip", True), ("image", False)])
def test_the_pipeline_adds_versions_of_bundles_only(artifact: str, *, publishes: bool) -> None:
    resources = read(text(artifact, "versions"))["Resources"]

    assert ("Publish" in resources) == publishes
    actions = [action for one in statements(resources.get("Publish", {})) for action in one["Action"]]
    assert not [action for action in actions if "Delete" in action]


@pytest.mark.parametrize("artifact", TEMPLATES)
def test_who_releases_has_what_the_engine_calls(artifact: str) -> None:
    """The calls of deploy/runtime.sh and of the journal, and those of the artifact."""
    role = read(text(artifact, "environment"))["Resources"]["DeployRole"]
    given = {action for one in statements(role["Properties"]["Policies"]) for action in as_list(one["Action"])}
    beanstalk = {action.partition(":")[2] for action in given if action.startswith("elasticbeanstalk:")}
    looks = {"ApplicationVersions", "ConfigurationSettings", "Environments", "Events"}
    changes = {"AbortEnvironmentUpdate", "SwapEnvironmentCNAMEs", "UpdateEnvironment"}
    registers = {"CreateApplicationVersion"} if artifact == "image" else set()

    assert beanstalk == {f"Describe{word}" for word in looks} | changes | registers
    assert {"logs:GetLogEvents", "logs:PutLogEvents"} <= given
