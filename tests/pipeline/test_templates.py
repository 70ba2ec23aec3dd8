"""What CloudFormation is asked for, in the words of its templates: what the emulated AWS overlooks stands here."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.repositories import PIPELINES, rendered

NAMES = {answers["artifact"]: name for name, answers in PIPELINES.items()}
FOLDER = Path("deploy/cloudformation")
TEMPLATES = [
    (name, file.name)
    for artifact, name in NAMES.items()
    for file in (Path("publisher.yaml"), Path("registry.yaml" if artifact == "image" else "versions.yaml"))
]


class Loader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation, which become plain text."""


Loader.add_multi_constructor("!", lambda loader, name, node: f"{name} {loader.construct_scalar(node)}")


def template(name: str, file: str) -> dict[str, Any]:
    """Return a template of a repository."""
    text = (rendered(name) / FOLDER / file).read_text()
    loaded: dict[str, Any] = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    return loaded


def resources(name: str, file: str) -> dict[str, dict[str, Any]]:
    """Return the resources of a template."""
    found: dict[str, dict[str, Any]] = template(name, file)["Resources"]
    return found


def statements(value: object) -> list[dict[str, Any]]:
    """Return all statements of all policies in a part of a template."""
    if isinstance(value, dict):
        own: list[dict[str, Any]] = value.get("Statement", [])
        return own + [found for inner in value.values() if inner is not own for found in statements(inner)]
    return [found for inner in value for found in statements(inner)] if isinstance(value, list) else []


def as_list(value: object) -> list[object]:
    """Return what may be one or many as many."""
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(("name", "file"), TEMPLATES)
def test_every_grant_names_what_it_is_for(name: str, file: str) -> None:
    granted = [one for one in statements(template(name, file)) if one["Effect"] == "Allow"]

    assert granted
    for statement in granted:
        assert not [action for action in as_list(statement["Action"]) if "*" in str(action)]
        if "Resource" in statement and statement["Action"] != "ecr:GetAuthorizationToken":
            assert "*" not in as_list(statement["Resource"])
        assert statement.get("Principal") != "*"


@pytest.mark.parametrize(("name", "file"), TEMPLATES)
def test_what_holds_artifacts_outlives_its_stack(name: str, file: str) -> None:
    keepers = [
        one for one in resources(name, file).values() if one["Type"] in ("AWS::S3::Bucket", "AWS::ECR::Repository")
    ]

    assert len(keepers) == (file != "publisher.yaml")
    for resource in keepers:
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize(("name", "file"), TEMPLATES)
def test_no_template_holds_or_gives_away_a_secret(name: str, file: str) -> None:
    content = template(name, file)
    text = json.dumps(content).lower()

    assert set(content["Parameters"]) <= {"Service", "TrustedSubjects"}
    assert "Outputs" not in content
    assert not [word for word in ("password", "secret", "accesskey", "privatekey") if word in text]


def test_the_registry_scans_what_is_pushed_and_forgets_what_nobody_needs() -> None:
    repository = resources(NAMES["image"], "registry.yaml")["Repository"]["Properties"]
    rules = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]

    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert [rule["selection"]["tagStatus"] for rule in rules] == ["untagged", "any"]
    assert [rule["selection"]["countNumber"] for rule in rules] == [7, 300]


def test_nobody_outside_reads_the_bucket_and_nothing_in_it_is_overwritten() -> None:
    bucket = resources(NAMES["zip"], "versions.yaml")["Bundles"]["Properties"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_the_bucket_is_reached_by_encrypted_connections_only() -> None:
    rule = resources(NAMES["zip"], "versions.yaml")["OnlyEncryptedConnections"]["Properties"]
    (statement,) = rule["PolicyDocument"]["Statement"]

    assert rule["Bucket"] == "Ref Bundles"
    assert statement == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["GetAtt Bundles.Arn", "Sub ${Bundles.Arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_leftovers_in_the_bucket_go_and_bundles_stay() -> None:
    bucket = resources(NAMES["zip"], "versions.yaml")["Bundles"]["Properties"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]

    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert not [key for key in rule if key.startswith("Expiration")]
