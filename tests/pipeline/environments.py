"""Staging and production as a pipeline finds them: what runs there, the journal, and a role for each."""

import json

from kit.beanstalk_account import PLACES, SERVICE, Account
from kit.cloud import ACCOUNT, REGION, Cloud
from kit.github_api import REPOSITORY
from kit.hammer import ask
from kit.process import wait_until

ISSUER = "token.actions.githubusercontent.com"


def make_environments(cloud: Cloud, strategy: str = "canary") -> dict[str, dict[str, str]]:
    """Make both in an account where a service can publish, and return the variables that GitHub then has for each."""
    accounts = [Account(cloud, strategy, environment=name) for name in PLACES]
    accounts[0].logs.create_log_group(logGroupName=f"/{SERVICE}/releases")
    for account in accounts:
        account.logs.create_log_stream(logGroupName=f"/{SERVICE}/releases", logStreamName=account.environment)
        account.launch(account.place, account.place, None)
    wait_until(
        lambda: all(one["HealthStatus"] == "Ok" for one in accounts[0].environments()), "all environments are up"
    )
    return {name: {"AWS_ROLE_ARN": _role(cloud, name)} for name in PLACES}


def _role(cloud: Cloud, environment: str) -> str:
    """Make the role that jobs of an environment may take, and nobody else."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"},
        "Condition": {"StringEquals": {f"{ISSUER}:sub": [f"repo:{REPOSITORY}:environment:{environment}"]}},
    }
    options = {
        "--role-name": f"{SERVICE}-deploy-{environment}-{REGION}",
        "--assume-role-policy-document": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        "--max-session-duration": "7200",
    }
    arn: str = cloud.aws("iam", "create-role", *(word for pair in options.items() for word in pair))["Role"]["Arn"]
    return arn


def serves(cloud: Cloud, environment: str) -> str:
    """Return the commit that users of an environment meet; empty is what AWS starts with."""
    status, commit = ask(cloud, f"{PLACES[environment]}.localhost")
    assert status == 200
    return commit
