"""``deploy/setup staging`` of a service that ships images and releases from two branches: what it says and makes.

One set-up and its repetition serve all tests of this file.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from cloud.options import OPTIONS
from cloud.people import (
    ISSUER,
    ROLE,
    Beanstalk,
    Person,
    changes,
    everything_written,
    repository,
    secret_values,
    stack_names,
    without_times,
    words,
)
from kit.cloud import ACCOUNT, REGION, Cloud
from kit.process import Outcome

pytestmark = pytest.mark.xdist_group("staging")

DEPLOYER = f"orders-api-deploy-staging-{REGION}"
PLATFORM = "Amazon Linux 2023 v4.6.0 running Docker"
BUCKET = f"orders-api-zip-{ACCOUNT}-{REGION}"
WHO = ("acme/orders-api", "acme@583231/orders-api@1296269")
PLAN = f"""\
setup     orders-api for staging in AWS account {ACCOUNT} in {REGION}
  create    trust in tokens of {ISSUER}
  create    role of the pipeline
  create    registry of images orders-api
  create    bucket for bundles
  create    application orders-api
  create    journal of releases
  create    roles of staging
  create    database of staging
  create    environment orders-api-stg at orders-api-stg on {PLATFORM}
  costs     the registry: stored gigabytes, and what is pulled out of the region
  costs     the bucket: stored gigabytes
  costs     the database: 1 x db.t4g.micro, 1 x 20 GB, its backups, one secret
  costs     the machines: 1 to 2 x t3.small and a load balancer; their logs for 14 days
  trusts    repo:acme/orders-api:ref:refs/heads/develop
  trusts    repo:acme@583231/orders-api@1296269:ref:refs/heads/develop
  trusts    repo:acme/orders-api:ref:refs/heads/main
  trusts    repo:acme@583231/orders-api@1296269:ref:refs/heads/main
  trusts    repo:acme/orders-api:environment:staging
  trusts    repo:acme@583231/orders-api@1296269:environment:staging
"""
COMMANDS = f"""\
gh variable set AWS_ROLE_ARN --repo acme/orders-api --body {ROLE}
gh variable set AWS_REGION --repo acme/orders-api --body {REGION}
gh variable set AWS_ACCOUNT_ID --repo acme/orders-api --body {ACCOUNT}
gh api --silent --method PUT repos/acme/orders-api/environments/staging \
-F 'deployment_branch_policy[protected_branches]=false' -F 'deployment_branch_policy[custom_branch_policies]=true'
gh api --silent --method POST repos/acme/orders-api/environments/staging/deployment-branch-policies -f name=develop
gh api --silent --method POST repos/acme/orders-api/environments/staging/deployment-branch-policies -f name=main
gh variable set AWS_ROLE_ARN --repo acme/orders-api --env staging --body arn:aws:iam::{ACCOUNT}:role/{DEPLOYER}
"""


@dataclass(frozen=True)
class Staged:
    """An account in which staging was set up twice."""

    cloud: Cloud
    planned: Outcome
    first: Outcome
    second: Outcome
    changed: list[str]
    changed_again: list[str]


@pytest.fixture(scope="module")
def staged(aws: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Staged:
    """Set staging up: by nobody, then agreed, then once more."""
    aws.forget()
    answers = {"artifact": "image", "branching": "gitflow"}
    somebody = Person(repository(answers, tmp_path_factory.mktemp("staging")), aws)
    planned = somebody.setup("staging")
    aws.plant()
    first = somebody.setup("--yes", "staging").succeeded()
    changed = changes(aws)
    aws.plant()
    second = somebody.setup("--yes", "staging").succeeded()
    return Staged(aws, planned, first, second, changed, changes(aws))


def test_the_plan_names_what_costs_what_and_who_is_trusted(staged: Staged) -> None:
    assert (staged.planned.code, staged.planned.out) == (10, "")
    assert "\n".join(without_times(staged.planned.err)) == (
        f"{PLAN}refused   nobody is here to agree to this plan\nnext      deploy/setup --yes staging"
    )


def test_what_was_planned_is_made_in_that_order(staged: Staged) -> None:
    said = without_times(staged.first.err)

    planned = [line for line in PLAN.splitlines() if line.startswith("  create ")]
    assert "\n".join(said).startswith(PLAN)
    assert [line for line in said if line.startswith("  created ")] == [
        line.replace("create  ", "created ") for line in planned
    ]
    assert "ready     orders-api can be released to staging" in said
    assert [call.split()[1] for call in staged.changed if "ChangeSet" not in call] == [
        "CreateOpenIDConnectProvider",
        "CreateApplication",
        "CreateEnvironment",
    ]


def test_the_second_time_everything_is_in_place(staged: Staged) -> None:
    said = words(staged.second)

    assert said["keep"][:-1] == words(staged.first)["created"][:-1]
    assert said["keep"][-1] == "environment orders-api-stg"
    assert said["kept"] == ["everything is in place"]
    assert not {"create", "change", "unused"} & set(said)
    assert staged.changed_again == []


def test_the_pipeline_is_told_by_commands_and_in_words(staged: Staged) -> None:
    assert staged.first.out == staged.second.out == COMMANDS
    assert words(staged.first)["next"][-1] == (
        'without gh: Settings > Environments > New environment "staging": '
        "allow only develop and main, and add the variable"
    )


def trusted(cloud: Cloud, role: str) -> dict[str, Any]:
    """Return the one statement of who may take a role."""
    (statement,) = cloud.aws("iam", "get-role", "--role-name", role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    found: dict[str, Any] = statement
    return found


def by_token(subjects: list[str]) -> dict[str, Any]:
    """Return the statement that trusts jobs of these subjects."""
    return {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
        "Condition": {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subjects}},
    }


def test_only_the_release_branches_of_this_repository_may_publish(staged: Staged) -> None:
    subjects = [f"repo:{who}:ref:refs/heads/{branch}" for branch in ("develop", "main") for who in WHO]

    assert trusted(staged.cloud, ROLE.rpartition("/")[2]) == by_token(subjects)
    assert not any(sign in subject for subject in subjects for sign in "*?")


def test_only_jobs_in_the_environment_may_release_to_it(staged: Staged) -> None:
    assert trusted(staged.cloud, DEPLOYER) == by_token([f"repo:{who}:environment:staging" for who in WHO])


def test_machines_and_the_platform_have_roles_of_their_own(staged: Staged) -> None:
    machine = trusted(staged.cloud, f"orders-api-staging-instance-{REGION}")
    platform = trusted(staged.cloud, f"orders-api-staging-service-{REGION}")

    assert machine["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert platform["Principal"] == {"Service": "elasticbeanstalk.amazonaws.com"}
    assert platform["Condition"] == {"StringEquals": {"sts:ExternalId": "elasticbeanstalk"}}


def test_the_pipeline_may_add_images_of_this_service_and_nothing_else(staged: Staged) -> None:
    role = ["--role-name", ROLE.rpartition("/")[2]]
    names = staged.cloud.aws("iam", "list-role-policies", *role)["PolicyNames"]
    policy = staged.cloud.aws("iam", "get-role-policy", *role, "--policy-name", "images")["PolicyDocument"]

    token, repository = policy["Statement"]
    assert names == ["images"]
    assert (token["Action"], token["Resource"]) == ("ecr:GetAuthorizationToken", "*")
    assert repository["Resource"] == f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/orders-api"
    assert {action.partition(":")[0] for action in repository["Action"]} == {"ecr"}
    assert not [action for action in repository["Action"] if "Delete" in action or "Policy" in action]


def test_every_option_is_as_the_settings_say(staged: Staged) -> None:
    options = Beanstalk(staged.cloud).options("orders-api-stg")
    group = output(staged.cloud, "environment", "InstanceGroup")
    secret = output(staged.cloud, "database", "PasswordArn")

    subnets = {options.pop(f"ec2:vpc:{name}") for name in ("Subnets", "ELBSubnets")}
    assert len(subnets) == 1
    assert len(subnets.pop().split(",")) == 3
    assert options.pop("ec2:vpc:VPCId").startswith("vpc-")
    assert options.pop("elasticbeanstalk:application:environment:DB_HOST").endswith("rds.amazonaws.com")
    assert options.pop("elasticbeanstalk:application:environmentsecrets:DB_PASS") == secret
    assert options.pop("autoscaling:launchconfiguration:SecurityGroups") == group
    assert options == OPTIONS


def output(cloud: Cloud, part: str, key: str) -> str:
    """Return what a stack of staging says of itself."""
    (stack,) = cloud.aws("cloudformation", "describe-stacks", "--stack-name", f"orders-api-staging-{part}")["Stacks"]
    return next(str(one["OutputValue"]) for one in stack["Outputs"] if one["OutputKey"] == key)


def test_the_password_is_in_its_secret_and_nowhere_else(staged: Staged) -> None:
    (password,) = secret_values(staged.cloud)

    assert len(password) == 40
    assert password.isalnum()
    for told in (staged.planned, staged.first, staged.second):
        assert password not in told.out + told.err
    assert password not in everything_written(staged.cloud)


def test_the_database_is_closed_but_to_the_machines(staged: Staged) -> None:
    (database,) = staged.cloud.aws("rds", "describe-db-instances")["DBInstances"]
    described = "Name=description,Values=Database of orders-api in staging"
    (group,) = staged.cloud.aws("ec2", "describe-security-groups", "--filters", described)["SecurityGroups"]

    (rule,) = group["IpPermissions"]
    machines = output(staged.cloud, "environment", "InstanceGroup")
    assert (database["Engine"], database["EngineVersion"], database["StorageEncrypted"]) == ("postgres", "18", True)
    assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"]) == (5432, 5432, [])
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [machines]


def test_the_journal_has_a_stream_for_each_environment(staged: Staged) -> None:
    (group,) = staged.cloud.aws("logs", "describe-log-groups", "--log-group-name-prefix", "/orders-api/")["logGroups"]
    streams = staged.cloud.aws("logs", "describe-log-streams", "--log-group-name", "/orders-api/releases")["logStreams"]

    assert (group["logGroupName"], group["retentionInDays"]) == ("/orders-api/releases", 400)
    assert sorted(stream["logStreamName"] for stream in streams) == ["production", "staging"]


def test_the_tags_of_images_never_move(staged: Staged) -> None:
    (found,) = staged.cloud.aws("ecr", "describe-repositories")["repositories"]

    assert (found["repositoryName"], found["imageTagMutability"]) == ("orders-api", "IMMUTABLE")


def test_the_bucket_is_encrypted(staged: Staged) -> None:
    (rule,) = staged.cloud.aws("s3api", "get-bucket-encryption", "--bucket", BUCKET)[
        "ServerSideEncryptionConfiguration"
    ]["Rules"]

    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_old_versions_are_removed_before_the_account_is_full(staged: Staged) -> None:
    (application,) = staged.cloud.aws("elasticbeanstalk", "describe-applications")["Applications"]

    lifecycle = application["ResourceLifecycleConfig"]
    assert lifecycle["ServiceRole"] == f"arn:aws:iam::{ACCOUNT}:role/orders-api-cleaner-{REGION}"
    rule = lifecycle["VersionLifecycleConfig"]["MaxCountRule"]
    assert (rule["Enabled"], rule["MaxCount"], rule["DeleteSourceFromS3"]) == (True, 200, True)


def test_nothing_of_production_was_made(staged: Staged) -> None:
    assert not [name for name in stack_names(staged.cloud) if "production" in name]
    assert set(Beanstalk(staged.cloud).environments) == {"orders-api-stg"}
