"""``deploy/monitoring.sh`` makes the stack of alarms: the real ``aws`` against the emulated one."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.cloud import Cloud
from kit.process import Outcome, run
from monitoring.cloudformation import Stack
from monitoring.repositories import CLOUD, PROMETHEUS, rendered
from monitoring.stacks import parameters, text_of

STACK = "my-service-production-monitoring"
LOG = "/aws/elasticbeanstalk/{}/var/log/eb-docker/containers/eb-current-app/stdouterr.log"
BALANCERS = {
    "canary": "my-service-prod app/lb/1 targetgroup/tg/1",
    "blue-green": "my-service-prod-blue app/blue/1 targetgroup/blue/1\n"
    "my-service-prod-green app/green/2 targetgroup/green/2",
}
# What deploy/setup does with a part, without what stands around it.
DRIVER = """\
set -euo pipefail
. deploy/lib/say.sh
. deploy/lib/settings.sh
. deploy/lib/plan.sh
. deploy/cloud.sh
. deploy/monitoring.sh
load_settings deploy/service.env
load_environment "$1"
load_balancers() { [[ -z $BALANCERS ]] || printf '%s\\n' "$BALANCERS"; }
for part in $(monitoring_parts); do
  "$2_$part"
done
"""
SETTINGS = {
    "ALERT_EMAIL": "team@example.com",
    "SLACK_WORKSPACE_ID": "T0123456789",
    "SLACK_CHANNEL_ID": "C0123456789",
}
KEY = "https://events.example.com/integration/marker-of-a-key/enqueue"
Call = Callable[..., Outcome]


@pytest.fixture
def secret(cloud: Cloud, tmp_path: Path) -> str:
    """Store the address of PagerDuty as the document says, and return the ARN of its secret."""
    (tmp_path / "pagerduty-url").write_text(KEY)
    (command,) = re.findall(
        r"^aws secretsmanager .*$", (rendered(CLOUD) / "monitoring/README.md").read_text(), re.MULTILINE
    )
    env = cloud.environment(AWS_DEFAULT_REGION="eu-central-1")
    return run(["bash", "-c", command], cwd=tmp_path, env=env).succeeded().out.strip()


@pytest.fixture
def call(cloud: Cloud, tmp_path: Path) -> Call:
    """``call("state", settings)``: a function of the part ``monitoring`` in a repository with these settings."""
    folders: dict[str, Path] = {}

    def run_part(
        verb: str,
        settings: dict[str, str],
        strategy: str = "canary",
        environment: str = "production",
        balancers: str | None = None,
    ) -> Outcome:
        if strategy not in folders:
            origin = rendered({**CLOUD, "deployment_strategy": strategy})
            folders[strategy] = shutil.copytree(origin, tmp_path / strategy, symlinks=True)
        file = folders[strategy] / f"deploy/environments/{environment}.env"
        kept = [line for line in file.read_text().splitlines() if line.partition("=")[0] not in settings]
        file.write_text("\n".join([*kept, *(f"{name}={value}" for name, value in settings.items()), ""]))
        shown = BALANCERS[strategy] if balancers is None else balancers
        env = cloud.environment(AWS_DEFAULT_REGION="eu-central-1", BALANCERS=shown)
        return run(["bash", "-c", DRIVER, "driver", environment, verb], cwd=folders[strategy], env=env, deadline=120)

    return run_part


@pytest.mark.parametrize("strategy", BALANCERS)
def test_the_stack_is_made_once_and_then_kept(call: Call, cloud: Cloud, secret: str, strategy: str) -> None:
    settings = SETTINGS | {"PAGERDUTY_SECRET_ARN": secret}
    for line in BALANCERS[strategy].splitlines():
        cloud.aws("logs", "create-log-group", "--log-group-name", LOG.format(line.split()[0]))

    before = call("state", settings, strategy).succeeded().out
    call("ensure", settings, strategy).succeeded()
    after = call("state", settings, strategy).succeeded().out

    assert before == "create alarms and dashboard of production\n"
    assert after == "keep alarms and dashboard of production\n"
    topics = {one["TopicArn"].rpartition(":")[2] for one in cloud.aws("sns", "list-topics")["Topics"]}
    assert topics == {"my-service-production-pages", "my-service-production-tickets"}
    dashboard = cloud.aws("cloudwatch", "get-dashboard", "--dashboard-name", "my-service-production")["DashboardBody"]
    assert json.loads(dashboard)["widgets"]


def test_a_key_stays_in_its_secret(call: Call, cloud: Cloud, secret: str) -> None:
    settings = SETTINGS | {"PAGERDUTY_SECRET_ARN": secret}

    outcome = call("ensure", settings).succeeded()

    stack = cloud.aws("cloudformation", "describe-stacks", "--stack-name", STACK)
    template = cloud.aws("cloudformation", "get-template", "--stack-name", STACK)
    assert "marker-of-a-key" not in json.dumps([stack, template]) + outcome.out + outcome.err


def test_another_address_is_a_change(call: Call, secret: str) -> None:
    settings = SETTINGS | {"PAGERDUTY_SECRET_ARN": secret}
    call("ensure", settings).succeeded()

    outcome = call("state", settings | {"ALERT_EMAIL": "others@example.com"}).succeeded()

    assert outcome.out == "change alarms and dashboard of production\n"


def test_before_the_environment_is_there_the_plan_is_to_make_it(call: Call, secret: str) -> None:
    settings = SETTINGS | {"PAGERDUTY_SECRET_ARN": secret}

    outcome = call("state", settings, balancers="").succeeded()

    assert outcome.out == "create alarms and dashboard of production\n"


@pytest.mark.parametrize("missing", [*SETTINGS, "PAGERDUTY_SECRET_ARN"])
def test_production_wants_every_channel_to_lead_somewhere(call: Call, missing: str) -> None:
    outcome = call("state", SETTINGS | {"PAGERDUTY_SECRET_ARN": "arn:aws:x"} | {missing: ""})

    assert outcome.code == 10
    assert f"refused   {missing} is not set" in outcome.err
    assert "deploy/environments/production.env" in outcome.err


def test_staging_may_have_alarms_that_reach_nobody(call: Call, cloud: Cloud) -> None:
    nobody = dict.fromkeys([*SETTINGS, "PAGERDUTY_SECRET_ARN"], "")
    staging = BALANCERS["canary"].replace("-prod", "-stg")

    call("ensure", nobody, environment="staging", balancers=staging).succeeded()

    asked = cloud.aws("cloudformation", "describe-stacks", "--stack-name", "my-service-staging-monitoring")["Stacks"][0]
    given = {one["ParameterKey"]: one["ParameterValue"] for one in asked["Parameters"]}
    assert given["AlertEmail"] == given["SlackChannel"] == given["PagerdutySecret"] == given["Database"] == ""
    assert given["LoadBalancer"] == "app/lb/1"


# moto's CloudFormation makes topics and dashboards; everything else is handed over as CloudFormation would.
CALLS = {
    "CloudWatch::Alarm": ("cloudwatch", "put-metric-alarm"),
    # Not served by moto; the command line itself checks it.
    "CloudWatch::CompositeAlarm": ("cloudwatch", "put-composite-alarm", "--generate-cli-skeleton", "output"),
    "Logs::MetricFilter": ("logs", "put-metric-filter"),
}


def lowered(value: Any) -> Any:  # noqa: ANN401 - whatever YAML says
    """Return the properties of a filter as the interface of logs spells them."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: lowered(one) for key, one in value.items()}
    return [lowered(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("strategy", BALANCERS)
def test_the_command_line_of_aws_takes_every_alarm_and_filter(cloud: Cloud, strategy: str) -> None:
    stack = Stack(text_of(strategy), parameters(strategy))
    cloud.aws("logs", "create-log-group", "--log-group-name", "/logs")
    for colour in ("blue", "green"):
        cloud.aws("logs", "create-log-group", "--log-group-name", f"/logs{colour}")

    for kind, (service, *words) in CALLS.items():
        for properties in stack.of(kind).values():
            given = lowered(properties) if service == "logs" else properties
            cloud.aws(service, *words, "--cli-input-json", json.dumps(given))

    assert len(cloud.aws("cloudwatch", "describe-alarms")["MetricAlarms"]) == len(stack.of("CloudWatch::Alarm"))
    assert len(cloud.aws("logs", "describe-metric-filters")["metricFilters"]) == len(stack.of("Logs::MetricFilter"))


def test_a_prometheus_of_ones_own_has_no_parts_here(tmp_path: Path, cloud: Cloud) -> None:
    folder = shutil.copytree(rendered(PROMETHEUS), tmp_path / "repo", symlinks=True)

    outcome = run(
        ["bash", "-c", DRIVER, "driver", "production", "ensure"], cwd=folder, env=cloud.environment(BALANCERS="")
    )

    assert (outcome.code, outcome.out, cloud.calls()) == (0, "", [])
