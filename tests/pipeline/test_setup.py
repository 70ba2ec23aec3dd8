"""``deploy/setup``: shows its plan, makes what publishing needs and no more, and finds it there the next time."""

import fnmatch
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.cloud import ACCOUNT, REGION, Cloud
from kit.process import Outcome, run

READING = ("Get*", "Describe*", "List*")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-api-publish-{REGION}"
ISSUER = "token.actions.githubusercontent.com"
BUCKET = f"orders-api-zip-{ACCOUNT}-{REGION}"

Light = Callable[..., Path]
Setup = Callable[..., Outcome]


@pytest.fixture
def setup(light: Light, cloud: Cloud, identity: dict[str, str]) -> Setup:
    """``setup("--yes", artifact="zip", env={...})``: ``deploy/setup`` of a repository with these answers."""

    def call(*arguments: str, env: dict[str, str] | None = None, **answers: object) -> Outcome:
        environment = cloud.environment() | identity | (env or {})
        return run(["deploy/setup", *arguments], cwd=light(**answers), env=environment)

    return call


def changes(cloud: Cloud) -> list[str]:
    """Return the calls that were no mere look."""
    return [call for call in cloud.calls() if not any(fnmatch.fnmatch(call.split()[1], word) for word in READING)]


def words(outcome: Outcome) -> dict[str, list[str]]:
    """Return what a command said, by the first word of its lines."""
    said: dict[str, list[str]] = {}
    for line in outcome.err.splitlines():
        word, _, text = line.strip().partition(" ")
        said.setdefault(word, []).append(text.strip().partition("   ")[0])
    return said


def policy(cloud: Cloud, name: str) -> list[dict[str, Any]]:
    """Return the statements of a policy of the pipeline's role."""
    options = ["--role-name", ROLE.rpartition("/")[2], "--policy-name", name]
    statements: list[dict[str, Any]] = cloud.aws("iam", "get-role-policy", *options)["PolicyDocument"]["Statement"]
    return statements


def test_without_consent_the_plan_is_shown_and_nothing_changes(setup: Setup, cloud: Cloud) -> None:
    outcome = setup(artifact="zip")

    assert (outcome.code, outcome.out) == (10, "")
    assert words(outcome)["create"] == [
        f"trust in tokens of {ISSUER}",
        "role of the pipeline",
        "bucket for bundles",
        "application orders-api",
    ]
    assert outcome.err.endswith("refused   nobody is here to agree to this plan\nnext      deploy/setup --yes\n")
    assert changes(cloud) == []


@pytest.mark.parametrize("artifact", ["image", "zip"])
def test_the_second_time_everything_is_in_place(artifact: str, setup: Setup, cloud: Cloud) -> None:
    first = setup("--yes", artifact=artifact).succeeded()
    cloud.fail_at(0)
    second = setup("--yes", artifact=artifact).succeeded()

    assert words(first)["created"] == words(first)["create"] == words(second)["keep"]
    assert "create" not in words(second)
    assert changes(cloud) == []
    assert second.out == first.out


def test_the_last_words_are_the_commands_that_connect_the_pipeline(setup: Setup, cloud: Cloud) -> None:
    outcome = setup("--yes", artifact="image").succeeded()

    assert outcome.out.splitlines() == [
        f"gh variable set AWS_ROLE_ARN --repo acme/orders-api --body {ROLE}",
        f"gh variable set AWS_REGION --repo acme/orders-api --body {REGION}",
        f"gh variable set AWS_ACCOUNT_ID --repo acme/orders-api --body {ACCOUNT}",
    ]
    assert cloud.aws("iam", "get-role", "--role-name", ROLE.rpartition("/")[2])["Role"]["Arn"] == ROLE


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


def test_the_bucket_is_encrypted_and_refuses_open_connections(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="zip").succeeded()

    def ask(what: str) -> Any:  # noqa: ANN401 - whatever JSON says
        return cloud.aws("s3api", f"get-{what}", "--bucket", BUCKET)

    (rule,) = ask("bucket-encryption")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (statement,) = json.loads(ask("bucket-policy")["Policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]


def test_old_versions_are_removed_before_the_account_is_full(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="zip").succeeded()

    (application,) = cloud.aws("elasticbeanstalk", "describe-applications")["Applications"]

    lifecycle = application["ResourceLifecycleConfig"]
    assert lifecycle["ServiceRole"] == f"arn:aws:iam::{ACCOUNT}:role/orders-api-cleaner-{REGION}"
    rule = lifecycle["VersionLifecycleConfig"]["MaxCountRule"]
    assert (rule["Enabled"], rule["MaxCount"], rule["DeleteSourceFromS3"]) == (True, 200, True)


def test_a_provider_that_is_there_is_shared(setup: Setup, cloud: Cloud) -> None:
    provider(cloud, "sts.amazonaws.com", "another-audience")

    outcome = setup("--yes", artifact="image").succeeded()

    assert f"trust in tokens of {ISSUER}" in words(outcome)["keep"]
    assert audiences(cloud) == ["sts.amazonaws.com", "another-audience"]


def test_a_provider_without_the_audience_gets_it(setup: Setup, cloud: Cloud) -> None:
    provider(cloud, "another-audience")

    outcome = setup("--yes", artifact="image").succeeded()

    assert words(outcome)["changed"] == [f"trust in tokens of {ISSUER}, for sts.amazonaws.com as well"]
    assert sorted(audiences(cloud)) == ["another-audience", "sts.amazonaws.com"]


def provider(cloud: Cloud, *audience: str) -> None:
    """Trust the tokens of GitHub for other purposes."""
    url = ["--url", f"https://{ISSUER}", "--thumbprint-list", "0" * 40]
    cloud.aws("iam", "create-open-id-connect-provider", *url, "--client-id-list", *audience)


def audiences(cloud: Cloud) -> list[str]:
    """Return whom tokens of GitHub may address."""
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
    found: list[str] = cloud.aws("iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn", arn)[
        "ClientIDList"
    ]
    return found


def test_a_moved_repository_changes_the_trust_alone(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="image").succeeded()

    outcome = setup("--yes", artifact="image", env={"GITHUB_REPOSITORY": "umbrella/orders-api"}).succeeded()

    assert words(outcome)["changed"] == ["role of the pipeline"]
    assert words(outcome)["keep"] == [f"trust in tokens of {ISSUER}", "registry of images orders-api"]
    (stack,) = cloud.aws("cloudformation", "describe-stacks", "--stack-name", "orders-api-publisher")["Stacks"]
    given = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack["Parameters"]}
    assert given["TrustedSubjects"].split(",") == words(outcome)["trusts"]
    assert all("umbrella" in subject for subject in words(outcome)["trusts"])


def test_the_ids_are_asked_of_github_where_they_are_not_given(light: Light, cloud: Cloud, tmp_path: Path) -> None:
    gh = tmp_path / "gh"
    gh.write_text("#!/bin/sh\n[ \"$1 $2\" = 'api repos/{owner}/{repo}' ] && echo acme/orders-api 42 7\n")
    gh.chmod(0o755)
    environment = cloud.environment()
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"

    outcome = run(["deploy/setup", "--yes"], cwd=light(artifact="image"), env=environment).succeeded()

    assert "repo:acme@7/orders-api@42:ref:refs/heads/main" in words(outcome)["trusts"]


def test_a_repository_that_nobody_names_is_asked_for(light: Light, cloud: Cloud) -> None:
    outcome = run(["deploy/setup", "--yes"], cwd=light(artifact="image"), env=cloud.environment())

    assert outcome.code == 10
    assert words(outcome)["refused"] == ["the repository is unknown, and there is no gh to ask"]
    for variable in ("GITHUB_REPOSITORY=", "GITHUB_REPOSITORY_ID", "GITHUB_REPOSITORY_OWNER_ID"):
        assert variable in words(outcome)["next"][0]
    assert cloud.calls() == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GITHUB_REPOSITORY", "acme/*"),
        ("GITHUB_REPOSITORY", "acme/orders-api,repo:evil/x"),
        ("GITHUB_REPOSITORY", "orders-api"),
        ("GITHUB_REPOSITORY_ID", "12x"),
        ("GITHUB_REPOSITORY_OWNER_ID", "*"),
    ],
)
def test_what_names_no_repository_is_refused(variable: str, value: str, setup: Setup, cloud: Cloud) -> None:
    outcome = setup("--yes", artifact="image", env={variable: value})

    assert outcome.code == 10
    assert "name no repository" in words(outcome)["refused"][0]
    assert cloud.calls() == []


def test_a_stack_that_somebody_is_changing_is_left_alone(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="image").succeeded()
    cloud.stack_is("orders-api-registry", "UPDATE_IN_PROGRESS")

    outcome = setup("--yes", artifact="image")

    assert outcome.code == 10
    assert words(outcome)["refused"] == ["the stack orders-api-registry is being changed by somebody"]
    assert changes(cloud) == []


def test_a_stack_whose_creation_failed_is_replaced(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="image").succeeded()
    cloud.stack_is("orders-api-registry", "ROLLBACK_COMPLETE")

    outcome = setup("--yes", artifact="image").succeeded()

    assert words(outcome)["created"] == ["registry of images orders-api, in place of an attempt that failed"]
    assert "keep" in words(setup(artifact="image").succeeded())


def test_a_stack_that_cannot_be_made_says_why(setup: Setup, cloud: Cloud) -> None:
    cloud.aws("ecr", "create-repository", "--repository-name", "orders-api")

    outcome = setup("--yes", artifact="image")

    assert outcome.code == 20
    assert words(outcome)["failed"]


# Every call of a first set-up, by its number: a failure before it takes effect; and after, where it changes something.
CALLS = 22
CHANGING = (7, 10, 12, 16, 18, 21)
FAULTS = [*((number, "before") for number in range(1, CALLS + 1)), *((number, "after") for number in CHANGING)]


@pytest.mark.parametrize(("number", "when"), FAULTS)
def test_a_set_up_survives_the_failure_of_any_call(number: int, when: str, setup: Setup, cloud: Cloud) -> None:
    cloud.fail_at(number, when)
    failed = setup("--yes", artifact="zip")
    cloud.fail_at(0)
    repeated = setup("--yes", artifact="zip").succeeded()
    cloud.fail_at(0)
    third = setup("--yes", artifact="zip").succeeded()

    assert (failed.code, failed.out) == (20, "")
    assert failed.err.splitlines()[-2].startswith("failed    ")
    assert repeated.out == third.out
    assert len(words(third)["keep"]) == 4
    assert changes(cloud) == []


def test_every_call_of_a_set_up_was_made_to_fail(setup: Setup, cloud: Cloud) -> None:
    cloud.fail_at(0)
    setup("--yes", artifact="zip").succeeded()

    assert len(cloud.calls()) == CALLS
    assert [number for number, call in enumerate(cloud.calls(), 1) if call in changes(cloud)] == list(CHANGING)
