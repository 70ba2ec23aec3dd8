"""What an alarm says to given datapoints: its metric math, its threshold, and the rule of a composite alarm."""

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import yaml

from kit.tools import ROOT
from monitoring.cloudformation import Stack

OBJECTIVES = yaml.safe_load((ROOT / "includes/objectives.yml").read_text())
ALLOWED = {
    "Availability": 1 - OBJECTIVES["availability"],
    "Latency": 1 - OBJECTIVES["latency"]["ratio"],
}
PAIRS = [*OBJECTIVES["page"], OBJECTIVES["ticket"][0]]
FACTORS = {pair[end]: pair["factor"] for pair in PAIRS for end in ("long", "short")}
GUARDED = [pair["long"] for pair in OBJECTIVES["page"]]
COMPOSITES = {"BurnsFast": OBJECTIVES["page"], "BurnsSlowly": OBJECTIVES["ticket"][:1]}
MANY = 1_000_000
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
}
Points = Mapping[str, float | None]
SATURATION = OBJECTIVES["saturation"]
STORAGE, CPU = SATURATION["database_storage_free_percent"], SATURATION["database_cpu_percent"]
CONNECTIONS = SATURATION["database_connections_percent"]
# For each alarm: seconds until it speaks, what it must speak up at, and what it must bear.
CASES: dict[str, tuple[int, list[Points], list[Points]]] = {
    "ServiceDown": (180, [{"HealthyHostCount": 0}], [{"HealthyHostCount": 1}, {"HealthyHostCount": 3}]),
    "InstanceDown": (600, [{"UnHealthyHostCount": 1}], [{"UnHealthyHostCount": 0}]),
    "EnvironmentDegraded": (600, [{"EnvironmentHealth": 20}, {"EnvironmentHealth": 25}], [{"EnvironmentHealth": 15}]),
    "UnexpectedErrors": (900, [{"errors": 5}], [{"errors": 4}]),
    "DatabaseUnreachable": (300, [{"outages": 1}], [{"outages": 0}]),
    "DatabaseStorageRunsOut": (
        900,
        [{"FreeStorageSpace": (STORAGE - 1) / 100 * 20 * 2**30}],
        [{"FreeStorageSpace": (STORAGE + 1) / 100 * 20 * 2**30}],
    ),
    "DatabaseCpuSaturated": (900, [{"CPUUtilization": CPU + 1}], [{"CPUUtilization": CPU - 1}]),
    "DatabaseConnectionsRunOut": (
        900,
        [{"DatabaseConnections": (CONNECTIONS + 1) * 1.7}],
        [{"DatabaseConnections": (CONNECTIONS - 1) * 1.7}],
    ),
}


def value(alarm: dict[str, Any], points: Points) -> float | None:
    """Return what an alarm compares when its metrics have these values, by their names; None is no datapoint."""
    if "Metrics" not in alarm:
        return points.get(alarm["MetricName"].rpartition("-")[2])
    names: dict[str, Any] = {}
    for one in alarm["Metrics"]:
        if "MetricStat" in one:
            names[one["Id"]] = points.get(_key(one["MetricStat"]))
    waiting = {one["Id"]: one["Expression"] for one in alarm["Metrics"] if "Expression" in one}
    returned = next(one["Id"] for one in alarm["Metrics"] if one.get("ReturnData", True))
    while waiting:
        ready = [name for name, text in waiting.items() if set(re.findall(r"\b[a-z]\w*", text)) <= set(names)]
        if not ready:
            message = f"{sorted(waiting)} name what is not there"
            raise NameError(message)
        for name in ready:
            names[name] = calculated(waiting.pop(name), names)
    found: float | None = names[returned]
    return found


def _filled(one: float | None, other: float) -> float:
    return other if one is None else one


def _key(stat: dict[str, Any]) -> str:
    name = stat["Metric"]["MetricName"]
    return f"{name}:{stat['Stat']}" if name == "TargetResponseTime" else name


def calculated(text: str, names: Mapping[str, float | None]) -> float | None:
    """Return what an expression gives for values of the ids that it names; None is no datapoint."""
    python = re.sub(r"\bAND\b", "and", re.sub(r"\bOR\b", "or", text))
    lazy = re.sub(r"^IF\((.*), (.*), (.*)\)$", r"(\2) if (\1) else (\3)", python)
    try:
        found: float | None = eval(lazy, {"__builtins__": {}, "FILL": _filled}, dict(names))  # noqa: S307 - our own template
    except (TypeError, ZeroDivisionError):
        return None
    return found


def breaches(alarm: dict[str, Any], points: Points) -> bool:
    """Tell whether datapoints are over the line of an alarm; where there is none, silence decides."""
    found = value(alarm, points)
    if found is None:
        return alarm.get("TreatMissingData") == "breaching"
    return COMPARE[alarm["ComparisonOperator"]](found, alarm["Threshold"])


def outcome(stack: Stack, name: str, alarm: dict[str, Any]) -> Iterator[str]:
    """Return what an alarm says wrongly."""
    if burn := re.fullmatch(r"(Availability|Latency)Burn(\w+)", name):
        yield from (f"{name}: {found}" for found in _burn(alarm, burn[1], burn[2]))
        return
    short = alarm["AlarmName"].removeprefix(f"{stack.parameters['Service']}-{stack.parameters['Environment']}-")
    seconds, speaks, bears = CASES[short.removesuffix("-blue").removesuffix("-green")]
    if alarm["EvaluationPeriods"] * _period(alarm) != seconds:
        yield f"{name} waits {alarm['EvaluationPeriods']} times {_period(alarm)} s, not {seconds}"
    for points in speaks:
        if not breaches(alarm, points):
            yield f"{name} is silent at {points}"
    for points in bears:
        if breaches(alarm, points):
            yield f"{name} speaks at {points}"


def _burn(alarm: dict[str, Any], slo: str, window: str) -> Iterator[str]:
    factor, seconds = FACTORS[window], OBJECTIVES["windows"][window]
    if (alarm["EvaluationPeriods"], _period(alarm)) != (1, seconds):
        yield f"looks at {alarm['EvaluationPeriods']} times {_period(alarm)} s, not once at {seconds}"
    for times, wanted in ((1.02, True), (0.98, False)):
        for points in _failing(slo, MANY, MANY * ALLOWED[slo] * factor * times):
            if breaches(alarm, points) != wanted:
                yield f"{'silent' if wanted else 'speaks'} at {times * factor:g}: {points}"
    least = OBJECTIVES["page_failures"] * seconds / 3600 if window in GUARDED else 0
    balancers = max(Counter(_key(one["MetricStat"]) for one in alarm["Metrics"] if "MetricStat" in one).values())
    for failures, wanted in ((least - 1, False), (least, True)) if least else ():
        for points in _failing(slo, 2 * least / balancers, failures / balancers):
            if breaches(alarm, points) != wanted:
                yield f"{'silent' if wanted else 'speaks'} at {failures:g} failures of {2 * least:g}"
    if breaches(alarm, {}):
        yield "speaks without a request"


def _failing(slo: str, requests: float, failures: float) -> list[Points]:
    """Return the ways in which so many of the requests to each balancer can fail."""
    if slo == "Latency":
        quick = 100 * (1 - failures / requests)
        return [{"TargetResponseTime:SampleCount": requests, "TargetResponseTime:PR(:0.5)": quick}]
    return [
        {"RequestCount": requests, "HTTPCode_Target_5XX_Count": failures},
        {"RequestCount": requests - failures, "HTTPCode_ELB_5XX_Count": failures},
        {
            "RequestCount": requests - failures / 2,
            "HTTPCode_ELB_5XX_Count": failures / 2,
            "HTTPCode_Target_5XX_Count": failures / 2,
        },
    ]


def said_by_composite(stack: Stack, name: str, alarm: dict[str, Any]) -> Iterator[str]:
    """Return what a composite alarm says wrongly: it speaks when both windows of a pair do."""
    if "AlarmRule" not in alarm:
        return
    slo = "Latency" if name.startswith("Latency") else "Availability"
    pairs = next(pairs for end, pairs in COMPOSITES.items() if name.endswith(end))
    windows = [pair[end] for pair in pairs for end in ("long", "short")]
    parts = stack.of("CloudWatch::Alarm")
    for states in product((True, False), repeat=len(windows)):
        state = dict(zip(windows, states, strict=True))
        known = {parts[f"{slo}Burn{window}"]["AlarmName"]: on for window, on in state.items()}
        wanted = any(state[pair["long"]] and state[pair["short"]] for pair in pairs)
        if _ruled(alarm["AlarmRule"], known) != wanted:
            yield f"{name} says {not wanted} to {state}"


def _ruled(rule: str, known: Mapping[str, bool]) -> bool:
    text = re.sub(r"\bAND\b", "and", re.sub(r"\bOR\b", "or", re.sub(r"\bNOT\b", "not", rule)))
    return bool(eval(text, {"__builtins__": {}}, {"ALARM": known.__getitem__}))  # noqa: S307 - our own template


def _period(alarm: dict[str, Any]) -> int:
    own: int = alarm.get("Period") or next(
        one["MetricStat"]["Period"] for one in alarm["Metrics"] if "MetricStat" in one
    )
    return own
