"""What an alarm of the cloud has to be: each rule returns a sentence for each alarm that breaks it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from kit.tools import ROOT
from monitoring.cloudformation import Stack
from monitoring.mathematics import outcome, said_by_composite

OBJECTIVES = yaml.safe_load((ROOT / "includes/objectives.yml").read_text())
Findings = Iterator[str]
BALANCER, TARGETS = {"LoadBalancer"}, {"LoadBalancer", "TargetGroup"}
# What the platform reports: the dimensions that name a series, and the statistics that mean something.
METRICS: dict[tuple[str, str], tuple[set[str], set[str]]] = {
    ("AWS/ApplicationELB", "RequestCount"): (BALANCER, {"Sum"}),
    ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"): (BALANCER, {"Sum"}),
    ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"): (BALANCER, {"Sum"}),
    ("AWS/ApplicationELB", "TargetResponseTime"): (BALANCER, {"SampleCount", "PR(:0.5)", "p50", "p95", "p99"}),
    ("AWS/ApplicationELB", "HealthyHostCount"): (TARGETS, {"Maximum"}),
    ("AWS/ApplicationELB", "UnHealthyHostCount"): (TARGETS, {"Maximum"}),
    ("AWS/ElasticBeanstalk", "EnvironmentHealth"): ({"EnvironmentName"}, {"Maximum"}),
    ("AWS/RDS", "FreeStorageSpace"): ({"DBInstanceIdentifier"}, {"Minimum"}),
    ("AWS/RDS", "CPUUtilization"): ({"DBInstanceIdentifier"}, {"Average"}),
    ("AWS/RDS", "DatabaseConnections"): ({"DBInstanceIdentifier"}, {"Maximum"}),
}
PARAMETERS = {
    "LoadBalancer": ("LoadBalancer", "BlueLoadBalancer", "GreenLoadBalancer"),
    "TargetGroup": ("TargetGroup", "BlueTargetGroup", "GreenTargetGroup"),
    "EnvironmentName": ("Place", "BluePlace", "GreenPlace"),
    "DBInstanceIdentifier": ("Database",),
}
PAGES = {"ErrorBudgetBurnsFast", "LatencyBudgetBurnsFast", "ServiceDown"}
TICKETS = {
    "ErrorBudgetBurnsSlowly",
    "LatencyBudgetBurnsSlowly",
    "InstanceDown",
    "EnvironmentDegraded",
    "UnexpectedErrors",
    "DatabaseUnreachable",
    "DatabaseStorageRunsOut",
    "DatabaseCpuSaturated",
    "DatabaseConnectionsRunOut",
}
# What silence means: nothing is there; the metric is gone, which is neither good nor bad; nothing has happened.
SILENCE = {"ServiceDown": "breaching"} | dict.fromkeys((t for t in TICKETS if t[:4] == "Data"), "missing")
SILENCE |= {"DatabaseUnreachable": "notBreaching"}


def kind(stack: Stack, alarm: dict[str, Any]) -> str:
    """Return the name of an alarm without the service, the environment and its colour."""
    prefix = f"{stack.parameters['Service']}-{stack.parameters['Environment']}-"
    return str(alarm["AlarmName"]).removeprefix(prefix).removesuffix("-blue").removesuffix("-green")


def series(alarm: dict[str, Any]) -> list[tuple[str, str, dict[str, str], str, int]]:
    """Return what an alarm measures: namespace, metric, dimensions, statistic, period."""
    own = [alarm] if "MetricName" in alarm else []
    own += [one["MetricStat"]["Metric"] | one["MetricStat"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
    return [
        (
            one["Namespace"],
            one["MetricName"],
            {pair["Name"]: pair["Value"] for pair in one.get("Dimensions", [])},
            str(one.get("Stat") or one.get("Statistic") or one.get("ExtendedStatistic")),
            one["Period"],
        )
        for one in own
    ]


def _alarms(stack: Stack) -> dict[str, dict[str, Any]]:
    return stack.of("CloudWatch::Alarm", "CloudWatch::CompositeAlarm")


def _counted(stack: Stack) -> set[tuple[str, str]]:
    filters = stack.of("Logs::MetricFilter").values()
    return {(one["MetricNamespace"], one["MetricName"]) for each in filters for one in each["MetricTransformations"]}


def metrics_exist(stack: Stack) -> Findings:
    """Every metric is one that somebody reports, named by its own dimensions, by a statistic that means something."""
    for name, alarm in _alarms(stack).items():
        for namespace, metric, dimensions, statistic, _ in series(alarm):
            yield from (f"{name}: {found}" for found in series_flaws(stack, namespace, metric, dimensions, statistic))


def series_flaws(stack: Stack, namespace: str, metric: str, dimensions: dict[str, str], statistic: str) -> Findings:
    """Return what is wrong with one series."""
    if (namespace, metric) in _counted(stack):
        known: tuple[set[str], set[str]] = (set(), {"Sum"})
    elif (namespace, metric) in METRICS:
        known = METRICS[namespace, metric]
    else:
        yield f"nobody reports {namespace} {metric}"
        return
    if set(dimensions) != known[0]:
        yield f"{metric} has the dimensions {sorted(known[0])}, not {sorted(dimensions)}"
    for dimension, value in dimensions.items():
        if value not in [stack.parameters.get(name) for name in PARAMETERS.get(dimension, ())]:
            yield f"{metric}: {dimension} is {value}"
    if statistic not in known[1]:
        yield f"{metric}: {statistic} means nothing"


def mathematics_is_whole(stack: Stack) -> Findings:
    """Return one series by expressions that name what stands beside them, all of it."""
    for name, alarm in stack.of("CloudWatch::Alarm").items():
        if "Metrics" not in alarm:
            continue
        ids = [one["Id"] for one in alarm["Metrics"]]
        returned = [one["Id"] for one in alarm["Metrics"] if one.get("ReturnData", True)]
        used = {word for one in alarm["Metrics"] for word in re.findall(r"\b[a-z]\w*", one.get("Expression", ""))}
        if len(returned) != 1 or len(set(ids)) != len(ids):
            yield f"{name} returns {returned} of {ids}"
        if used != set(ids) - set(returned):
            yield f"{name} names {sorted(used)} and has {sorted(set(ids) - set(returned))}"
        if len({one["MetricStat"]["Period"] for one in alarm["Metrics"] if "MetricStat" in one}) != 1:
            yield f"{name} mixes periods"


def evaluation_is_possible(stack: Stack) -> Findings:
    """As many datapoints as there are, of a length that CloudWatch takes."""
    for name, alarm in stack.of("CloudWatch::Alarm").items():
        periods, (period, *_) = alarm["EvaluationPeriods"], [one[4] for one in series(alarm)]
        if alarm.get("DatapointsToAlarm", periods) > periods:
            yield f"{name} wants {alarm['DatapointsToAlarm']} of {periods} datapoints"
        if period % 60 or not 60 <= period <= 86400 or periods * period > 86400:
            yield f"{name} looks at {periods} times {period} s"


def somebody_hears(stack: Stack) -> Findings:
    """Send an alarm and its end to one topic, a page to those who are woken, a part to its composite alarm."""
    production = stack.parameters["Environment"] == "production"
    rules = " ".join(one["AlarmRule"] for one in stack.of("CloudWatch::CompositeAlarm").values())
    for name, alarm in _alarms(stack).items():
        topic = ["Pages" if kind(stack, alarm) in PAGES and production else "Tickets"]
        heard = (alarm.get("AlarmActions", []), alarm.get("OKActions", []))
        is_part = f'"{alarm["AlarmName"]}"' in rules
        if heard != (([], []) if is_part else (topic, topic)):
            yield f"{name} tells {heard}"
        if not alarm.get("ActionsEnabled", True):
            yield f"{name} is mute"


def names_are_known(stack: Stack) -> Findings:
    """Every alarm is one that somebody has thought about, and none is missing."""
    told = [kind(stack, alarm) for alarm in _alarms(stack).values() if alarm.get("AlarmActions")]
    wanted = {name for name in PAGES | TICKETS if stack.conditions["HasDatabase"] or SILENCE.get(name) != "missing"}
    if set(told) != wanted:
        yield f"alarms: {sorted(set(told) ^ wanted)}"
    names = [alarm["AlarmName"] for alarm in _alarms(stack).values()]
    yield from (f"{name} is there twice" for name in names if names.count(name) > 1)


def runbooks_are_named(stack: Stack) -> Findings:
    """Who is told, is told where to look."""
    for name, alarm in _alarms(stack).items():
        wanted = f"Runbook: monitoring/runbooks/{kind(stack, alarm)}.md"
        if alarm.get("AlarmActions") and not alarm.get("AlarmDescription", "").endswith(wanted):
            yield f"{name} does not say {wanted}"


def silence_is_decided(stack: Stack) -> Findings:
    """Say what no data means, as it was decided."""
    for name, alarm in stack.of("CloudWatch::Alarm").items():
        wanted = SILENCE.get(kind(stack, alarm), "notBreaching")
        if alarm.get("TreatMissingData") != wanted:
            yield f"{name}: silence is {alarm.get('TreatMissingData')}, not {wanted}"


def filters_find_their_lines(stack: Stack) -> Findings:
    """Each filter counts the line that it is for and no other one, and counts 0 where there is none."""
    for name, one in stack.of("Logs::MetricFilter").items():
        (made,) = one["MetricTransformations"]
        terms = [quoted or word for quoted, word in re.findall(r'"([^"]*)"|(\S+)', one["FilterPattern"])]
        matched = [line for line, text in LINES.items() if all(term in text for term in terms)]
        if matched != [made["MetricName"].rpartition("-")[2]] or (made["MetricValue"], made["DefaultValue"]) != (
            "1",
            0,
        ):
            yield f"{name} counts {matched} by {made}"
        if one["LogGroupName"] not in {value for key, value in stack.parameters.items() if key.endswith("LogGroup")}:
            yield f"{name} looks at {one['LogGroupName']}"


def burns_are_those_of_the_objectives(stack: Stack) -> Findings:
    """Speak at a burn rate over the factor of its window, neither below it nor at a handful of failures."""
    yield from (found for name, alarm in stack.of("CloudWatch::Alarm").items() for found in outcome(stack, name, alarm))
    yield from (found for name, alarm in _alarms(stack).items() for found in said_by_composite(stack, name, alarm))


LINES = {
    "errors": '{"level":"error","timestamp":"T","service_name":"s","logger":"http","error_type":"TypeError",'
    '"error_message":"x","error_stack":"at","message":"request failed"}',
    "outages": 'Nov 25 08:00:00 ip web[1]: {"level":"warn","logger":"health","status":"DOWN","error_message":"x",'
    '"message":"readiness changed"}',
    "well again": '{"level":"info","logger":"health","status":"UP","message":"readiness changed"}',
    "a request": '{"level":"error","http_response_status_code":503,"user_agent":"x","message":"request completed"}',
}
RULES: tuple[Callable[[Stack], Findings], ...] = (
    metrics_exist,
    mathematics_is_whole,
    evaluation_is_possible,
    somebody_hears,
    names_are_known,
    runbooks_are_named,
    silence_is_decided,
    filters_find_their_lines,
    burns_are_those_of_the_objectives,
)


def flaws(stack: Stack, *more: Callable[[Stack], Findings]) -> list[str]:
    """Return what is wrong with a stack; a template that cannot be carried out says so in one sentence."""
    try:
        return [found for rule in (*RULES, *more) for found in rule(stack)]
    except (KeyError, ValueError, TypeError, SyntaxError, NameError) as error:
        return [f"{type(error).__name__}: {error}"]


def runbook_of(stack: Stack, alarm: dict[str, Any], repository: Path) -> Path:
    """Return the runbook that an alarm names."""
    return repository / "monitoring/runbooks" / f"{kind(stack, alarm)}.md"
