"""``deploy/setup production`` with a name of its own: a blue-green pair of bundles behind HTTPS, and what comes later.

One set-up serves the tests of this file; each of them leaves everything in place.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cloud.people import Beanstalk, Person, changes, repository, words
from kit.beanstalk_account import Account
from kit.cloud import ACCOUNT, REGION, Cloud
from kit.process import Outcome, wait_until

pytestmark = pytest.mark.xdist_group("production")

BLUE, GREEN = "orders-api-prod-blue", "orders-api-prod-green"
LIVE, IDLE = "orders-api-prod", "orders-api-prod-idle"
OLD, NEW = "a" * 40, "b" * 40


@dataclass(frozen=True)
class Produced:
    """An account in which production was set up."""

    cloud: Cloud
    person: Person
    zone: str
    first: Outcome

    def again(self) -> Outcome:
        """Set it up once more; no fault is planted, and calls are counted from here."""
        self.cloud.plant()
        return self.person.setup("--yes", "production").succeeded()


@pytest.fixture(scope="module")
def made(aws: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Produced:
    """Set production up."""
    aws.forget()
    answers = {"artifact": "zip", "deployment_strategy": "blue-green"}
    person = Person(repository(answers, tmp_path_factory.mktemp("production")), aws)
    created = aws.aws("route53", "create-hosted-zone", "--name", "example.com", "--caller-reference", "1")
    zone = created["HostedZone"]["Id"].rpartition("/")[2]
    person.set("production", DOMAIN="api.example.com", HOSTED_ZONE_ID=zone)
    return Produced(aws, person, zone, person.setup("--yes", "production").succeeded())


@pytest.fixture
def produced(made: Produced) -> Iterator[Produced]:
    """Give the settings back as they were."""
    folder = made.person.folder / "deploy"
    files = {file: file.read_text() for file in (folder / "service.env", folder / "environments" / "production.env")}
    yield made
    for file, text in files.items():
        file.write_text(text)


def test_a_pair_is_made_of_which_one_has_the_live_address(produced: Produced) -> None:
    beanstalk = Beanstalk(produced.cloud)

    assert words(produced.first)["created"][-5:] == [
        "database of production",
        "certificate for api.example.com",
        f"environment {BLUE} at {LIVE} on Amazon Linux 2023 v6.7.0 running Node.js 24",
        f"environment {GREEN} at {IDLE} on Amazon Linux 2023 v6.7.0 running Node.js 24",
        f"record that leads api.example.com to {LIVE}",
    ]
    assert {name: beanstalk.prefix(name) for name in beanstalk.environments} == {BLUE: LIVE, GREEN: IDLE}
    without_deployment = [
        {key: value for key, value in beanstalk.options(name).items() if "DeploymentPolicy" not in key}
        for name in (BLUE, GREEN)
    ]
    assert without_deployment[0] == without_deployment[1]


def test_the_costs_count_the_pair_and_the_database_that_stands_by(produced: Produced) -> None:
    assert words(produced.first)["costs"] == [
        "the bucket: stored gigabytes",
        "the database: 2 x db.t4g.small, 2 x 20 GB, its backups, one secret",
        "the machines: 2 environments, each 2 to 4 x t3.small and a load balancer; their logs for 30 days",
    ]


def test_it_answers_to_encrypted_requests_only(produced: Produced) -> None:
    options = Beanstalk(produced.cloud).options(BLUE)
    (certificate,) = produced.cloud.aws("acm", "list-certificates")["CertificateSummaryList"]

    assert certificate["DomainName"] == "api.example.com"
    assert options["elbv2:listener:default:ListenerEnabled"] == "false"
    assert {key.rpartition(":")[2]: value for key, value in options.items() if "listener:443" in key} == {
        "ListenerEnabled": "true",
        "Protocol": "HTTPS",
        "DefaultProcess": "default",
        "SSLCertificateArns": certificate["CertificateArn"],
        "SSLPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    }


def test_the_name_leads_to_the_live_address(produced: Produced) -> None:
    records = produced.cloud.aws("route53", "list-resource-record-sets", "--hosted-zone-id", produced.zone)

    (record,) = [one for one in records["ResourceRecordSets"] if one["Name"].rstrip(".") == "api.example.com"]
    target = Beanstalk(produced.cloud).environments[BLUE]["CNAME"]
    assert (record["Type"], record["ResourceRecords"]) == ("CNAME", [{"Value": target}])


def test_production_is_protected(produced: Produced) -> None:
    (stack,) = produced.cloud.aws(
        "cloudformation", "describe-stacks", "--stack-name", "orders-api-production-database"
    )["Stacks"]
    given = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack["Parameters"]}

    assert (given["Protection"], given["Standby"], given["BackupDays"]) == ("true", "true", "14")


def test_the_pipeline_is_told_to_ask_for_a_review(produced: Produced) -> None:
    commands = produced.first.out.splitlines()

    gate = "repos/acme/orders-api/environments/production"
    assert commands[3].startswith("reviewer=$(gh api orgs/acme/teams/platform ")
    assert commands[4].startswith(f"gh api --silent --method PUT {gate} ")
    assert commands[5] == f"gh api --silent --method POST {gate}/deployment-branch-policies -f name=main"
    role = f"arn:aws:iam::{ACCOUNT}:role/orders-api-deploy-production-{REGION}"
    assert commands[6:] == [f"gh variable set AWS_ROLE_ARN --repo acme/orders-api --env production --body {role}"]
    assert "require a review" in words(produced.first)["next"][-1]


def test_a_swap_of_addresses_stays(produced: Produced) -> None:
    swap(produced)

    outcome = produced.again()

    beanstalk = Beanstalk(produced.cloud)
    assert words(outcome)["kept"] == ["everything is in place"]
    assert changes(produced.cloud) == []
    assert {name: beanstalk.prefix(name) for name in beanstalk.environments} == {GREEN: LIVE, BLUE: IDLE}
    swap(produced)


def swap(produced: Produced) -> None:
    """Swap the addresses of the pair, and wait until that is over."""
    pair = {"source": BLUE, "destination": GREEN}
    options = [word for role, name in pair.items() for word in (f"--{role}-environment-name", name)]
    produced.cloud.aws("elasticbeanstalk", "swap-environment-cnames", *options)
    settle(produced.cloud)


def settle(cloud: Cloud) -> None:
    """Wait until nothing is under way."""
    wait_until(lambda: all(one["Status"] == "Ready" for one in Beanstalk(cloud).environments.values()), "all is ready")


def test_a_release_stays(produced: Produced) -> None:
    account = Account(produced.cloud, "blue-green")
    account.store(OLD)
    account.beanstalk.update_environment(EnvironmentName=BLUE, VersionLabel=OLD)
    settle(produced.cloud)

    outcome = produced.again()

    assert words(outcome)["kept"] == ["everything is in place"]
    assert Beanstalk(produced.cloud).environments[BLUE]["VersionLabel"] == OLD


def test_what_a_team_has_set_by_hand_stays(produced: Produced) -> None:
    account = Account(produced.cloud, "blue-green")
    namespace = "aws:elasticbeanstalk:application:environment"
    own = {"Namespace": namespace, "OptionName": "FEATURE", "Value": "on"}
    account.beanstalk.update_environment(EnvironmentName=BLUE, OptionSettings=[own])
    settle(produced.cloud)

    outcome = produced.again()

    assert words(outcome)["kept"] == ["everything is in place"]
    assert Beanstalk(produced.cloud).options(BLUE)["elasticbeanstalk:application:environment:FEATURE"] == "on"


def test_changed_settings_change_options_and_nothing_else(produced: Produced) -> None:
    produced.person.set("production", MAX_INSTANCES="6", LOG_DAYS="90")

    outcome = produced.again()

    difference = "MaxSize 4 to 6, RetentionInDays 30 to 90, RetentionInDays 30 to 90"
    assert words(outcome)["changed"] == [f"environment {name}: {difference}" for name in (BLUE, GREEN)]
    assert changes(produced.cloud) == ["elasticbeanstalk UpdateEnvironment"] * 2
    beanstalk = Beanstalk(produced.cloud)
    assert [beanstalk.options(name)["autoscaling:asg:MaxSize"] for name in (BLUE, GREEN)] == ["6", "6"]
    produced.person.set("production", MAX_INSTANCES="4", LOG_DAYS="30")
    produced.again()


def test_a_strategy_without_a_pair_says_what_to_remove_and_how(produced: Produced) -> None:
    produced.person.answer(STRATEGY="rolling")

    outcome = produced.again()

    how = "to remove it: aws elasticbeanstalk terminate-environment --environment-name"
    assert words(outcome)["unused"] == [f"environment {GREEN}; {how} {GREEN}"]
    assert f"environment {BLUE}" in words(outcome)["keep"]
    assert changes(produced.cloud) == []


def test_what_other_settings_left_behind_is_named(produced: Produced) -> None:
    certificate = produced.cloud.aws("acm", "list-certificates")["CertificateSummaryList"][0]["CertificateArn"]
    produced.person.set("production", HOSTED_ZONE_ID="", CERTIFICATE_ARN=certificate)

    outcome = produced.again()

    how = "to remove it: aws cloudformation delete-stack --stack-name"
    assert words(outcome)["unused"] == [
        f"stack orders-api-production-{part}; {how} orders-api-production-{part}" for part in ("certificate", "domain")
    ]
    assert words(outcome)["kept"] == ["everything is in place"]
