"""The alarms, their messages and their dashboard mean something; what the emulated cloud overlooks stands here."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kit.process import run
from kit.tools import tool
from monitoring import alarms, mathematics
from monitoring.alarm_mutants import MUTANTS
from monitoring.alarms import Findings
from monitoring.cloudformation import Stack
from monitoring.repositories import CHANNELS, CLOUD, rendered
from monitoring.stacks import TEMPLATE, parameters, stack_of, text_of

LARGEST = 51_200  # bytes; a larger template has to lie in a bucket before it can be deployed
PROTOCOLS = {"email": "email", "pagerduty": "https"}
STRATEGIES = ("canary", "blue-green")


def everybody_is_reached(stack: Stack) -> Findings:
    """Each topic takes messages of alarms of this account alone, and leads to each channel."""
    topics, policies = stack.of("SNS::Topic"), stack.of("SNS::TopicPolicy").values()
    condition = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    allowed = {
        topic: statement["Principal"] | {"Action": statement["Action"], "Condition": statement.get("Condition")}
        for policy in policies
        for topic in policy["Topics"]
        for statement in policy["PolicyDocument"]["Statement"]
    }
    wanted = {"Service": "cloudwatch.amazonaws.com", "Action": "sns:Publish", "Condition": condition}
    if allowed != dict.fromkeys(topics, wanted):
        yield f"topics take {allowed}"
    led = {(one["TopicArn"], one["Protocol"], one["Endpoint"]) for one in stack.of("SNS::Subscription").values()}
    key = "{{resolve:secretsmanager:" + stack.parameters["PagerdutySecret"] + "}}"
    mail = stack.parameters["AlertEmail"]
    if led != {("Pages", "email", mail), ("Tickets", "email", mail), ("Pages", "https", key)}:
        yield f"topics lead to {sorted(led)}"
    for one in stack.of("Chatbot::SlackChannelConfiguration").values():
        if one["SnsTopicArns"] != ["Pages", "Tickets"]:
            yield f"Slack hears of {one['SnsTopicArns']}"
        if one.get("GuardrailPolicies") != ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"]:
            yield f"Slack may {one.get('GuardrailPolicies')}"


def the_dashboard_shows_what_there_is(stack: Stack) -> Findings:
    """Widgets have their place, metrics and alarms exist, expressions name what stands beside them."""
    widgets = stack.dashboard()["widgets"]
    fields = [{(x, y) for x in _span(one, "x", "width") for y in _span(one, "y", "height")} for one in widgets]
    if sum(map(len, fields)) != len(set().union(*fields)) or max(x for field in fields for x, _ in field) > 23:
        yield "widgets overlap or leave the grid"
    for one in widgets:
        yield from (f"{one['properties'].get('title')}: {flaw}" for flaw in _widget_flaws(stack, one))


def _span(widget: dict[str, Any], start: str, length: str) -> range:
    return range(widget[start], widget[start] + widget[length])


def _widget_flaws(stack: Stack, widget: dict[str, Any]) -> Iterator[str]:
    has = widget["properties"]
    if not has.get("title"):
        yield "has no title"
    if widget["type"] == "alarm":
        places = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:"
        known = {
            places + str(one["AlarmName"])
            for one in stack.of("CloudWatch::Alarm", "CloudWatch::CompositeAlarm").values()
        }
        yield from (f"{alarm} is no alarm" for alarm in set(has["alarms"]) - known)
    elif has.get("region") != "eu-central-1":
        yield "names no region"
    if widget["type"] == "log" and "SOURCE '/my-service/releases'" not in has["query"]:
        yield "does not read the releases"
    ids = {entry[-1]["id"] for entry in has.get("metrics", []) if isinstance(entry[-1], dict) and "id" in entry[-1]}
    for entry in has.get("metrics", []):
        if isinstance(entry[0], dict):
            words = set(re.findall(r"\b[a-z]\w*", entry[0]["expression"]))
            yield from (f"{word} is not there" for word in words - ids)
        else:
            namespace, metric, *pairs, options = entry
            dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
            yield from alarms.series_flaws(stack, namespace, metric, dimensions, options["stat"])


def nothing_secret_is_told(stack: Stack) -> Findings:
    """No parameter holds a key; a key is read from its secret by CloudFormation alone; nothing is given away."""
    yield from (f"{name} is hidden" for name, one in stack.template["Parameters"].items() if one.get("NoEcho"))
    if "Outputs" in stack.template:
        yield "the stack has outputs"
    if len(stack.text.encode()) >= LARGEST:
        yield f"the template has {len(stack.text.encode())} bytes"


MORE = (everybody_is_reached, the_dashboard_shows_what_there_is, nothing_secret_is_told)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize("database", ["orders-db", ""], ids=["its database", "a database of others"])
def test_every_alarm_keeps_every_rule(strategy: str, environment: str, database: str) -> None:
    stack = stack_of(strategy, environment=environment, database=database)

    assert alarms.flaws(stack, *MORE) == []


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_cfn_lint_finds_nothing(strategy: str) -> None:
    folder = rendered({**CLOUD, "deployment_strategy": strategy})

    run([tool("cfn-lint"), TEMPLATE], cwd=folder).succeeded()


def test_two_environments_are_counted_together_and_the_idle_one_may_be_broken() -> None:
    down = stack_of("blue-green").of("CloudWatch::Alarm")["ServiceDown"]
    ids = {one["Id"]: one for one in down["Metrics"]}

    def said(**points: float) -> bool:
        expression = ids["down"]["Expression"]
        values = {name: points.get(name) for name in ids if name != "down"}
        return mathematics.calculated(expression, values) == 1

    assert not said(healthyBlue=2, healthyGreen=2, requestsBlue=50)
    assert not said(healthyBlue=2, healthyGreen=0, requestsBlue=50)
    assert said(healthyBlue=0, healthyGreen=2, requestsBlue=50)
    assert said(healthyBlue=0, healthyGreen=0)
    assert said()


@pytest.mark.parametrize("alerts", ["[email]", "[slack]", "[pagerduty]", "[email, slack, pagerduty]"])
def test_a_stack_asks_for_the_chosen_channels_alone(alerts: str) -> None:
    stack = Stack(text_of("canary", alerts), parameters("canary"))
    wanted = {channel for channel in CHANNELS if channel in alerts}

    asked = {"email": "AlertEmail", "slack": "SlackChannel", "pagerduty": "PagerdutySecret"}
    protocols = {one["Protocol"] for one in stack.of("SNS::Subscription").values()}

    assert {channel for channel, name in asked.items() if name in stack.template["Parameters"]} == wanted
    assert protocols == {PROTOCOLS[channel] for channel in wanted & set(PROTOCOLS)}
    topics = {one["TopicArn"] for one in stack.of("SNS::Subscription").values()}
    assert topics == ({"Pages", "Tickets"} if alerts != "[slack]" else set())


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_alarm_is_noticed(name: str, tmp_path: Path) -> None:
    text, (right, wrong) = text_of("canary"), MUTANTS[name]
    assert right in text
    file = tmp_path / "monitoring.yaml"
    file.write_text(text.replace(right, wrong, 1))

    noticed = _flaws(file) or run([tool("cfn-lint"), file]).code != 0

    assert noticed


def _flaws(file: Path) -> list[str]:
    try:
        environments = ("production", "staging")
        stacks = [Stack(file.read_text(), parameters("canary", environment)) for environment in environments]
        return [flaw for stack in stacks for flaw in alarms.flaws(stack, *MORE)]
    except (KeyError, ValueError, TypeError, yaml.YAMLError) as error:
        return [str(error)]


def test_there_are_many_mutants() -> None:
    assert len(MUTANTS) >= 30
