"""``deploy/setup``: shows its plan, makes what publishing needs and no more, and finds it there the next time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cloud.people import IDENTITY, ISSUER, ROLE, Person, changes, words
from kit.cloud import ACCOUNT, REGION, Cloud
from kit.process import Outcome

People = Callable[..., Person]
Setup = Callable[..., Outcome]
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"


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
    cloud.plant()
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
    found: list[str] = cloud.aws("iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn", PROVIDER)[
        "ClientIDList"
    ]
    return found


def test_a_moved_repository_changes_the_trust_alone(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="image").succeeded()

    outcome = setup("--yes", artifact="image", env={"GITHUB_REPOSITORY": "umbrella/orders-api"}).succeeded()

    assert words(outcome)["changed"] == ["role of the pipeline"]
    assert "change" not in "".join(words(outcome)["keep"])
    (stack,) = cloud.aws("cloudformation", "describe-stacks", "--stack-name", "orders-api-publisher")["Stacks"]
    given = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack["Parameters"]}
    assert given["TrustedSubjects"].split(",") == words(outcome)["trusts"]
    assert all("umbrella" in subject for subject in words(outcome)["trusts"])


def test_a_newer_template_changes_its_stack_alone(person: People) -> None:
    somebody = person(artifact="image")
    somebody.setup("--yes").succeeded()
    registry = somebody.folder / "deploy" / "cloudformation" / "registry.yaml"
    registry.write_text(registry.read_text().replace('"countNumber": 300', '"countNumber": 400'))

    outcome = somebody.setup("--yes").succeeded()

    assert words(outcome)["changed"] == ["registry of images orders-api"]
    assert "role of the pipeline" in words(outcome)["keep"]


def test_the_ids_are_asked_of_github_where_they_are_not_given(person: People, tmp_path: Path) -> None:
    somebody = person(artifact="image")
    gh = tmp_path / "gh"
    gh.write_text("#!/bin/sh\n[ \"$1 $2\" = 'api repos/{owner}/{repo}' ] && echo acme/orders-api 42 7\n")
    gh.chmod(0o755)
    path = f"{tmp_path}:{somebody.environment()['PATH']}"

    outcome = somebody.setup("--yes", PATH=path, **dict.fromkeys(IDENTITY, "")).succeeded()

    assert "repo:acme@7/orders-api@42:ref:refs/heads/main" in words(outcome)["trusts"]


def test_a_repository_that_nobody_names_is_asked_for(person: People, cloud: Cloud) -> None:
    outcome = person(artifact="image").setup("--yes", **dict.fromkeys(IDENTITY, ""))

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


@pytest.mark.parametrize("arguments", [["--force"], ["staging", "production"], ["qa"], [""]])
def test_other_arguments_are_refused(arguments: list[str], setup: Setup, cloud: Cloud) -> None:
    outcome = setup(*arguments, artifact="image")

    assert (outcome.code, outcome.out) == (10, "")
    assert len(outcome.err.splitlines()) == 2
    assert cloud.calls() == []


def test_a_variable_of_the_shell_names_no_environment(setup: Setup) -> None:
    outcome = setup(artifact="image", env={"ENVIRONMENT": "production"})

    assert outcome.err.startswith("setup     orders-api in AWS account")


def test_a_stack_that_somebody_is_changing_is_left_alone(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="image").succeeded()
    cloud.stack_is("orders-api-registry", "UPDATE_IN_PROGRESS")

    outcome = setup("--yes", artifact="image")

    assert outcome.code == 10
    assert words(outcome)["refused"] == ["the stack orders-api-registry is being changed by somebody"]
    assert changes(cloud) == []


def test_a_stack_that_is_half_deleted_is_left_alone(setup: Setup, cloud: Cloud) -> None:
    setup("--yes", artifact="image").succeeded()
    cloud.stack_is("orders-api-registry", "DELETE_FAILED")

    outcome = setup("--yes", artifact="image")

    assert outcome.code == 10
    assert words(outcome)["refused"] == ["the stack orders-api-registry is half deleted"]
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
