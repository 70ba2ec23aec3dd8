"""``deploy/teardown``: says what goes, asks for the name of the environment, and leaves what it names."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from cloud.people import Beanstalk, Person, changes, repository, stack_names, words
from kit.cloud import ACCOUNT, REGION, Cloud
from kit.process import Outcome

pytestmark = pytest.mark.xdist_group("teardown")

NAME = "orders-api-prod"
ALLOWED = {"ALLOW_TEARDOWN": "1"}
SHARED = ["orders-api-journal", "orders-api-publisher", "orders-api-registry", "orders-api-versions"]
GOES = [
    f"environment {NAME}, its load balancer and its machines",
    "database of production; its last snapshot stays",
    "roles of production",
]
DELETE = "aws cloudformation delete-stack --stack-name orders-api"
REMAINS = [
    (
        "logs of the machines, until they expire: "
        f"aws logs describe-log-groups --log-group-name-prefix /aws/elasticbeanstalk/{NAME}"
    ),
    (
        'last snapshot: aws rds describe-db-snapshots --query "DBSnapshots[?starts_with(DBSnapshotIdentifier, '
        "'orders-api-production-database')]\""
    ),
    f"journal: {DELETE}-journal, then aws logs delete-log-group --log-group-name /orders-api/releases",
    f"registry: {DELETE}-registry, then aws ecr delete-repository --force --repository-name orders-api",
    "application: aws elasticbeanstalk delete-application --application-name orders-api",
    f"bucket: {DELETE}-versions, then empty and delete orders-api-zip-{ACCOUNT}-{REGION} at the console",
    f"role of the pipeline: {DELETE}-publisher",
]


@dataclass(frozen=True)
class Gone:
    """An account in which production was set up, could not go, and went."""

    cloud: Cloud
    before: list[str]
    refused: Outcome
    unattended: Outcome
    changed_so_far: list[str]
    outcome: Outcome
    again: Outcome


@pytest.fixture(scope="module")
def gone(aws: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Gone:
    """Set production up and take it down."""
    aws.forget()
    person = Person(repository({"artifact": "image"}, tmp_path_factory.mktemp("teardown")), aws)
    person.set("production", ALLOW_HTTP="1")
    person.setup("--yes", "production").succeeded()
    before = stack_names(aws)
    aws.plant()
    refused, unattended = person.teardown("--yes", "production"), person.teardown("production", **ALLOWED)
    changed = changes(aws)
    outcome = person.teardown("--yes", "production", **ALLOWED).succeeded()
    return Gone(aws, before, refused, unattended, changed, outcome, person.teardown("--yes", "production"))


def test_a_protected_production_goes_only_if_that_is_said(gone: Gone) -> None:
    assert (gone.refused.code, gone.refused.out) == (10, "")
    assert words(gone.refused)["remove"] == GOES
    assert gone.refused.err.endswith(
        "refused   the database of production is protected\n"
        "next      ALLOW_TEARDOWN=1 deploy/teardown production, if all of this shall go\n"
    )


def test_nobody_is_asked_in_vain(gone: Gone) -> None:
    assert gone.unattended.code == 10
    assert words(gone.unattended)["next"] == ["deploy/teardown --yes production"]
    assert gone.changed_so_far == []


def test_what_was_planned_is_gone_and_nothing_else(gone: Gone) -> None:
    assert words(gone.outcome)["removed"] == words(gone.outcome)["remove"] == GOES
    assert gone.before == sorted([*SHARED, "orders-api-production-database", "orders-api-production-environment"])
    assert stack_names(gone.cloud) == SHARED
    assert Beanstalk(gone.cloud).environments == {}


def test_no_role_group_secret_or_database_of_it_is_left(gone: Gone) -> None:
    found = [
        gone.cloud.aws("iam", "list-roles")["Roles"],
        gone.cloud.aws("iam", "list-instance-profiles")["InstanceProfiles"],
        gone.cloud.aws("ec2", "describe-security-groups")["SecurityGroups"],
        gone.cloud.aws("secretsmanager", "list-secrets")["SecretList"],
        gone.cloud.aws("rds", "describe-db-instances")["DBInstances"],
        gone.cloud.aws("rds", "describe-db-subnet-groups")["DBSubnetGroups"],
    ]

    assert "production" not in json.dumps(found, default=str)


def test_what_remains_is_named_with_the_way_to_be_rid_of_it(gone: Gone) -> None:
    assert words(gone.outcome)["remains"] == REMAINS
    assert words(gone.outcome)["gone"] == ["production of orders-api"]
    assert words(gone.outcome)["next"] == [
        (
            "gh api --method DELETE 'repos/{owner}/{repo}/environments/production', "
            "so that the pipeline stops releasing there"
        )
    ]


def test_what_remains_is_there(gone: Gone) -> None:
    groups = gone.cloud.aws("logs", "describe-log-groups")["logGroups"]
    streams = gone.cloud.aws("logs", "describe-log-streams", "--log-group-name", "/orders-api/releases")["logStreams"]

    assert [group["logGroupName"] for group in groups] == ["/orders-api/releases"]
    assert "production" in [stream["logStreamName"] for stream in streams]
    assert gone.cloud.aws("ecr", "describe-repositories")["repositories"]
    assert gone.cloud.aws("elasticbeanstalk", "describe-applications")["Applications"]
    assert gone.cloud.aws("s3api", "list-buckets")["Buckets"]


def test_the_second_time_there_is_nothing(gone: Gone) -> None:
    assert gone.again.code == 0
    assert words(gone.again)["gone"] == ["there is nothing of production"]


def test_an_environment_has_to_be_named(person: Callable[..., Person]) -> None:
    outcome = person(artifact="zip").teardown("--yes")

    assert (outcome.code, outcome.out) == (10, "")
    assert outcome.err == "refused   an environment is needed\nnext      deploy/teardown staging\n"
