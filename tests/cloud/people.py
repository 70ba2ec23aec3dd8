"""A repository with its cloud, and what people type in it."""

import fnmatch
import json
import re
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kit import fast
from kit.cloud import ACCOUNT, REGION, Cloud
from kit.folders import made_once, run_folder
from kit.process import Outcome, run
from kit.renderings import export
from kit.template import Answers

ISSUER = "token.actions.githubusercontent.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-api-publish-{REGION}"
IDENTITY = {
    "GITHUB_REPOSITORY": "acme/orders-api",
    "GITHUB_REPOSITORY_ID": "1296269",
    "GITHUB_REPOSITORY_OWNER_ID": "583231",
}
PATIENCE = {"DEPLOY_PAUSE": "0.05", "DEPLOY_DEADLINE": "30"}
READING = ("Get*", "Describe*", "List*", "Check*", "GET")
NO_MONITORING = "# shellcheck shell=bash\nmonitoring_parts() { :; }\n"


def repository(answers: Answers, target: Path) -> Path:
    """Copy what ``deploy/`` a repository with these answers has."""
    name = "deploying/" + "-".join(f"{key}={value}" for key, value in sorted(answers.items()))
    template = export()
    with made_once(name) as folder:
        if folder:
            fast.render(template, folder, {"service_name": "orders-api"} | dict(answers))
            monitoring = folder / "deploy" / "monitoring.sh"
            if not monitoring.exists():
                monitoring.write_text(NO_MONITORING)
    shutil.copytree(run_folder() / name / "deploy", target / "deploy")
    return target


@dataclass(frozen=True)
class Person:
    """Somebody who may make roles, in a repository."""

    folder: Path
    cloud: Cloud
    env: dict[str, str] = field(default_factory=dict)

    def environment(self, **values: str) -> dict[str, str]:
        """Return the environment of a command."""
        return self.cloud.environment() | IDENTITY | PATIENCE | self.env | values

    def setup(self, *arguments: str, **env: str) -> Outcome:
        """Run ``deploy/setup``."""
        return run(["deploy/setup", *arguments], cwd=self.folder, env=self.environment(**env))

    def teardown(self, *arguments: str, **env: str) -> Outcome:
        """Run ``deploy/teardown``."""
        return run(["deploy/teardown", *arguments], cwd=self.folder, env=self.environment(**env))

    def ask(self, environment: str, functions: str, **env: str) -> Outcome:
        """Call functions of ``deploy/`` by themselves, as ``deploy/setup`` has them."""
        sources = [line for line in (self.folder / "deploy" / "setup").read_text().splitlines() if line[:2] == ". "]
        lines = ["set -euo pipefail", *sources, f"read_arguments {environment}", "fill_settings", "login", functions]
        return run(["bash", "-c", "\n".join(lines)], cwd=self.folder, env=self.environment(**env))

    def set(self, environment: str, **values: str) -> None:
        """Change settings of an environment."""
        _set(self.folder / "deploy" / "environments" / f"{environment}.env", values)

    def answer(self, **values: str) -> None:
        """Change what deploy/ knows of the service, as an update of the template does."""
        _set(self.folder / "deploy" / "service.env", values)


def _set(file: Path, values: dict[str, str]) -> None:
    lines = [line for line in file.read_text().splitlines() if line.partition("=")[0] not in values]
    file.write_text("\n".join([*lines, *(f"{name}={value}" for name, value in values.items())]) + "\n")


@dataclass(frozen=True)
class Beanstalk:
    """What Elastic Beanstalk says of the environments of orders-api."""

    cloud: Cloud

    @cached_property
    def environments(self) -> dict[str, dict[str, Any]]:
        """Return all environments that are not terminated, by their names."""
        found = self._ask("describe-environments", "--no-include-deleted")["Environments"]
        return {one["EnvironmentName"]: one for one in found}

    def prefix(self, name: str) -> str:
        """Return how the address of an environment begins."""
        return str(self.environments[name]["CNAME"]).partition(".")[0]

    def options(self, name: str) -> dict[str, str]:
        """Return the options of an environment, each with its namespace but for the part that all have."""
        words = ["--application-name", "orders-api", "--environment-name", name]
        (settings,) = self._ask("describe-configuration-settings", *words)["ConfigurationSettings"]
        return {
            f"{one['Namespace'].removeprefix('aws:')}:{one['OptionName']}": one["Value"]
            for one in settings["OptionSettings"]
        }

    def _ask(self, *words: str) -> Any:  # noqa: ANN401 - whatever JSON says
        return self.cloud.aws("elasticbeanstalk", *words)


def changes(cloud: Cloud) -> list[str]:
    """Return the calls that were no mere look."""
    return [call for call in cloud.calls() if not any(fnmatch.fnmatch(call.split()[1], word) for word in READING)]


def words(outcome: Outcome) -> dict[str, list[str]]:
    """Return what a command said, by the first word of its lines."""
    said: dict[str, list[str]] = {}
    for line in without_times(outcome.err):
        word, _, text = line.strip().partition(" ")
        said.setdefault(word, []).append(text.strip())
    return said


def without_times(text: str) -> list[str]:
    """Return the lines of a command without the seconds at their end."""
    return [re.sub(r" {2,}\d+ s$", "", line) for line in text.splitlines()]


def stack_names(cloud: Cloud) -> list[str]:
    """Return the stacks of the account."""
    return sorted(stack["StackName"] for stack in cloud.aws("cloudformation", "describe-stacks")["Stacks"])


def secret_values(cloud: Cloud) -> list[str]:
    """Return the content of every secret."""
    secrets = cloud.aws("secretsmanager", "list-secrets")["SecretList"]
    return [
        cloud.aws("secretsmanager", "get-secret-value", "--secret-id", secret["ARN"])["SecretString"]
        for secret in secrets
    ]


def everything_written(cloud: Cloud) -> str:
    """Return every template, parameter, output and tag of every stack, and every option of every environment."""
    stacks = cloud.aws("cloudformation", "describe-stacks")["Stacks"]
    bodies = [cloud.aws("cloudformation", "get-template", "--stack-name", stack["StackName"]) for stack in stacks]
    beanstalk = Beanstalk(cloud)
    return json.dumps([stacks, bodies, [beanstalk.options(name) for name in beanstalk.environments]], default=str)
