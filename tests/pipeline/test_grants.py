"""What ``deploy/setup`` grants, to whom, and how what it makes is guarded: read back from the emulated AWS."""

from collections.abc import Callable
from typing import Any

import pytest

from kit.cloud import ACCOUNT, REGION, Cloud
from kit.process import Outcome
from pipeline.setting_up import ISSUER, ROLE, words

BUCKET = f"orders-api-zip-{ACCOUNT}-{REGION}"

Setup = Callable[..., Outcome]


def policy(cloud: Cloud, name: str) -> list[dict[str, Any]]:
    """Return the statements of a policy of the pipeline's role."""
    options = ["--role-name", ROLE.rpartition("/")[2], "--policy-name", name]
    statements: list[dict[str, Any]] = cloud.aws("iam", "get-role-policy", *options)["PolicyDocument"]["Statement"]
    return statements


@pytest.mark.parametrize(("branching", "branches"), [("trunk", ["main"]), ("gitflow", ["develop", "main"])])
def test_only_the_release_branches_of_this_repository_are_trusted(
    branching: str, branches: list[str], setup: Setup, cloud: Cloud
) -> None:
    outcome = setup("--yes", artifact="image", branching=branching).succeeded()

    subjects = [
        f"repo:{repository}:ref:refs/heads/{branch}"
        for branch in branches
        for repository in ("acme/orders-api", "acme@583231/orders-api@1296269")
    ]
    (statement,) = cloud.aws("iam", "get-role", "--role-name", ROLE.rpartition("/")[2])["Role"][
        "AssumeRolePolicyDocument"
    ]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
        "Condition": {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subjects}},
    }
    assert words(outcome)["trusts"] == subjects
    assert not any(sign in subject for subject in subjects for sign in "*?")


def test_the_pipeline_may_add_images_of_this_service_and_nothing_else(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="image").succeeded()

    token, repository = policy(cloud, "images")

    assert (token["Action"], token["Resource"]) == ("ecr:GetAuthorizationToken", "*")
    assert repository["Resource"] == f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/orders-api"
    assert sorted(repository["Action"]) == [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeRepositories",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ]
    assert policies(cloud) == ["images"]


def test_the_pipeline_may_add_versions_of_this_service_and_nothing_else(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="zip").succeeded()

    bundles, versions = policy(cloud, "versions")

    assert (bundles["Action"], bundles["Resource"]) == (["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/*")
    assert versions["Action"] == [
        "elasticbeanstalk:CreateApplicationVersion",
        "elasticbeanstalk:DescribeApplicationVersions",
    ]
    beanstalk = f"arn:aws:elasticbeanstalk:{REGION}:{ACCOUNT}"
    assert versions["Resource"] == [
        f"{beanstalk}:application/orders-api",
        f"{beanstalk}:applicationversion/orders-api/*",
    ]
    assert policies(cloud) == ["versions"]


def policies(cloud: Cloud) -> list[str]:
    """Return the names of all policies of the pipeline's role."""
    role = ["--role-name", ROLE.rpartition("/")[2]]
    attached = cloud.aws("iam", "list-attached-role-policies", *role)["AttachedPolicies"]
    inline: list[str] = cloud.aws("iam", "list-role-policies", *role)["PolicyNames"]
    return [entry["PolicyName"] for entry in attached] + inline


def test_the_tags_of_images_never_move(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="image").succeeded()

    (repository,) = cloud.aws("ecr", "describe-repositories")["repositories"]

    assert repository["repositoryName"] == "orders-api"
    assert repository["imageTagMutability"] == "IMMUTABLE"


def test_the_bucket_is_encrypted(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="zip").succeeded()

    encryption = cloud.aws("s3api", "get-bucket-encryption", "--bucket", BUCKET)

    (rule,) = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_old_versions_are_removed_before_the_account_is_full(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="zip").succeeded()

    (application,) = cloud.aws("elasticbeanstalk", "describe-applications")["Applications"]

    lifecycle = application["ResourceLifecycleConfig"]
    assert lifecycle["ServiceRole"] == f"arn:aws:iam::{ACCOUNT}:role/orders-api-cleaner-{REGION}"
    rule = lifecycle["VersionLifecycleConfig"]["MaxCountRule"]
    assert (rule["Enabled"], rule["MaxCount"], rule["DeleteSourceFromS3"]) == (True, 200, True)
