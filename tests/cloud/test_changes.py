"""An environment that stands, in a network of its own: what other settings change, and what they cannot.

One set-up serves the tests of this file, in their order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cloud.people import Beanstalk, Person, changes, everything_written, repository, without_times, words
from kit.beanstalk_account import Account
from kit.cloud import REGION, Behaviour, Cloud
from kit.process import Outcome, start, wait_until

pytestmark = pytest.mark.xdist_group("changes")

NAME = "orders-api-stg"
COMMIT = "a" * 40
VARIABLES = "elasticbeanstalk:application:environment"
SECRETS = "elasticbeanstalk:application:environmentsecrets"


@dataclass(frozen=True)
class Standing:
    """An account in which staging stands."""

    cloud: Cloud
    person: Person

    def setup(self, *arguments: str) -> Outcome:
        """Set staging up again; calls are counted from here."""
        self.cloud.plant()
        return self.person.setup(*(arguments or ("--yes",)), "staging")

    def secret(self, name: str, value: str) -> str:
        """Make a secret and return its address."""
        made = self.cloud.aws("secretsmanager", "create-secret", "--name", name, "--secret-string", value)
        return str(made["ARN"])

    def readable(self) -> str:
        """Return the secrets that the machines may read because deploy/environments/ names them."""
        stack = ["--stack-name", "orders-api-staging-environment"]
        (found,) = self.cloud.aws("cloudformation", "describe-stacks", *stack)["Stacks"]
        return next(str(one["ParameterValue"]) for one in found["Parameters"] if one["ParameterKey"] == "SecretArns")


@pytest.fixture(scope="module")
def made(aws: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Standing:
    """Set staging up in a network that is named."""
    aws.forget()
    person = Person(repository({"artifact": "zip"}, tmp_path_factory.mktemp("changes")), aws)
    subnets: list[dict[str, Any]] = aws.aws("ec2", "describe-subnets")["Subnets"]
    chosen = ",".join(subnet["SubnetId"] for subnet in subnets[:2])
    person.set("staging", VPC_ID=subnets[0]["VpcId"], SUBNET_IDS=chosen)
    person.setup("--yes", "staging").succeeded()
    return Standing(aws, person)


@pytest.fixture
def standing(made: Standing) -> Iterator[Standing]:
    """Give the settings back as they were."""
    folder = made.person.folder / "deploy"
    files = {file: file.read_text() for file in (folder / "service.env", folder / "environments" / "staging.env")}
    yield made
    for file, text in files.items():
        file.write_text(text)


def test_the_named_network_is_kept(standing: Standing) -> None:
    assert words(standing.setup().succeeded())["kept"] == ["everything is in place"]
    assert changes(standing.cloud) == []


def test_variables_secrets_and_a_database_of_others_reach_the_service(standing: Standing) -> None:
    key, url = standing.secret("payments", "sk_live_marker"), standing.secret("url", "postgres://app:marker@db/app")
    standing.person.set("staging", ENV_LOG_LEVEL="debug", SECRET_API_KEY=key, DATABASE_URL_SECRET_ARN=url)

    outcome = standing.setup().succeeded()

    gone = "no DB_HOST, no DB_NAME, no DB_PORT, no DB_USER, no DB_PASS"
    options = Beanstalk(standing.cloud).options(NAME)
    assert words(outcome)["changed"] == [
        "roles of staging",
        f"environment {NAME}: LOG_LEVEL, DATABASE_URL, API_KEY, {gone}",
    ]
    assert [options[f"{SECRETS}:{name}"] for name in ("API_KEY", "DATABASE_URL")] == [key, url]
    assert options[f"{VARIABLES}:LOG_LEVEL"] == "debug"
    assert not [name for name in options if name.rpartition(":")[2] in {"DB_HOST", "DB_PORT", "DB_NAME", "DB_PASS"}]
    assert sorted(standing.readable().split(",")) == sorted([key, url])
    assert [line for line in words(outcome)["unused"] if "orders-api-staging-database" in line]
    assert "marker" not in outcome.out + outcome.err + everything_written(standing.cloud)


def test_what_is_no_longer_named_is_taken_away(standing: Standing) -> None:
    outcome = standing.setup().succeeded()

    options = Beanstalk(standing.cloud).options(NAME)
    assert words(outcome)["changed"][1].endswith("DB_PASS, no API_KEY, no DATABASE_URL")
    assert standing.readable() == "none"
    assert [name for name in options if name.startswith(SECRETS)] == [f"{SECRETS}:DB_PASS"]
    assert options[f"{VARIABLES}:DB_NAME"] == "app"
    assert words(standing.setup().succeeded())["kept"] == ["everything is in place"]


def refused(standing: Standing) -> tuple[str, str]:
    """Plan the machines alone; return why that is refused and what mends it."""
    standing.cloud.plant()
    outcome = standing.person.ask("staging", "find_network; state_machines")
    assert (outcome.code, changes(standing.cloud)) == (10, [])
    return words(outcome)["refused"][0], words(outcome)["next"][0]


def test_an_image_needs_another_environment(standing: Standing) -> None:
    standing.person.answer(PLATFORM="Docker")

    reason, repair = refused(standing)

    assert reason == f"{NAME} runs on Node.js, which cannot become Docker"
    assert repair.startswith(f"aws elasticbeanstalk terminate-environment --environment-name {NAME},")


def test_an_address_cannot_be_changed(standing: Standing) -> None:
    standing.person.set("staging", CNAME_PREFIX="something-else")

    reason, repair = refused(standing)

    assert reason == f"{NAME} answers at {NAME}, and an address cannot be changed to something-else"
    assert repair == f"set CNAME_PREFIX={NAME} in deploy/environments/staging.env"


def test_a_network_cannot_be_changed(standing: Standing) -> None:
    vpc = standing.cloud.aws("ec2", "create-vpc", "--cidr-block", "172.30.0.0/16")["Vpc"]["VpcId"]
    subnets = []
    for number, zone in enumerate("ab"):
        where = ["--cidr-block", f"172.30.{number}.0/24", "--availability-zone", f"{REGION}{zone}"]
        made = standing.cloud.aws("ec2", "create-subnet", "--vpc-id", vpc, *where)
        subnets.append(made["Subnet"]["SubnetId"])
    standing.person.set("staging", VPC_ID=vpc, SUBNET_IDS=",".join(subnets))

    reason, repair = refused(standing)

    assert reason == f"{NAME} cannot move to another network, {vpc}"
    assert "VPC_ID and SUBNET_IDS" in repair


def test_what_a_release_has_under_way_is_waited_for(standing: Standing) -> None:
    account = Account(standing.cloud, "rolling", environment="staging")
    account.store(COMMIT)
    standing.cloud.behaves(COMMIT, Behaviour.NEVER_READY)
    account.beanstalk.update_environment(EnvironmentName=NAME, VersionLabel=COMMIT)
    standing.person.set("staging", MAX_INSTANCES="3")
    standing.cloud.plant()

    command = ["deploy/setup", "--yes", "staging"]
    with start(command, cwd=standing.person.folder, env=standing.person.environment()) as setup:
        looks = "elasticbeanstalk DescribeEnvironments"
        wait_until(lambda: standing.cloud.calls().count(looks) > 4, "it waits", deadline=60)
        assert "elasticbeanstalk UpdateEnvironment" not in standing.cloud.calls()
        account.beanstalk.abort_environment_update(EnvironmentName=NAME)
        assert setup.wait(60) == 0
        said = setup.err()

    assert f"  changed   environment {NAME}, once it is no longer Updating" in without_times(said)
    assert Beanstalk(standing.cloud).options(NAME)["autoscaling:asg:MaxSize"] == "3"


def test_errors_of_the_platform_are_told(standing: Standing) -> None:
    other = "b" * 40
    account = Account(standing.cloud, "rolling", environment="staging")
    account.store(other)
    standing.cloud.behaves(other, Behaviour.NOT_MIGRATED)
    account.beanstalk.update_environment(EnvironmentName=NAME, VersionLabel=other)
    wait_until(lambda: Beanstalk(standing.cloud).environments[NAME]["Status"] == "Ready", "the release has failed")

    outcome = standing.person.ask("staging", "BEGAN=2026-01-01T00:00:00Z\nfail_by_errors")

    assert outcome.code == 20
    assert words(outcome)["failed"][0].startswith(f"{NAME}: ")
    assert "Failed to deploy application." in words(outcome)["failed"][0]


def test_balancers_are_told_as_the_metrics_call_them(standing: Standing) -> None:
    outcome = standing.person.ask("staging", "load_balancers").succeeded()

    (line,) = outcome.out.splitlines()
    name, balancer, group = line.split()
    (found,) = standing.cloud.aws("elbv2", "describe-load-balancers")["LoadBalancers"]
    (target,) = standing.cloud.aws("elbv2", "describe-target-groups")["TargetGroups"]
    assert name == NAME
    assert found["LoadBalancerArn"].endswith(f":loadbalancer/{balancer}")
    assert target["TargetGroupArn"].endswith(f":{group}")
    assert (balancer[:4], group[:12]) == ("app/", "targetgroup/")


def test_a_platform_that_a_region_has_not_is_refused(standing: Standing) -> None:
    standing.person.answer(PLATFORM="Node.js 99", STRATEGY="blue-green")

    reason, repair = refused(standing)

    assert reason == f"Elastic Beanstalk has no platform Node.js 99 in {REGION}"
    assert "artifact=image" in repair


def test_a_pair_and_another_version_of_the_language(standing: Standing) -> None:
    standing.person.answer(STRATEGY="blue-green", PLATFORM="Node.js 22")

    outcome = standing.setup().succeeded()

    created = f"environment {NAME}-green at {NAME}-idle on Amazon Linux 2023 v6.6.0 running Node.js 22"
    environments = Beanstalk(standing.cloud).environments
    assert words(outcome)["created"] == [created]
    assert words(outcome)["changed"][0].startswith(f"environment {NAME}: Node.js 24 to Node.js 22")
    assert {name: one["SolutionStackName"].rpartition(" ")[2] for name, one in environments.items()} == {
        NAME: "22",
        f"{NAME}-green": "22",
    }
    assert words(standing.setup().succeeded())["kept"] == ["everything is in place"]
