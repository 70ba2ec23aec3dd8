"""What a dashboard has to be: each rule returns a sentence for each place that breaks it."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import promql_parser

from monitoring.repositories import SERVICE
from monitoring.rules import recorded

Dashboard = dict[str, Any]
Findings = Iterator[str]
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
GRID = 24
UNITS = {"seconds": "s", "bytes": "bytes"}
VARIABLES = {"datasource", "environment"}
STAND_INS = {"$__rate_interval": "5s", "$environment": "production"}
COUNTERS = re.compile(r"\b(\w+(?:_total|_count|_sum|_bucket))\{")
NO_COUNTERS = {"db_client_connection_count"}
SERIES = re.compile(r"\b([a-zA-Z_:][\w:]*)\{([^}]*)\}")
LABEL = re.compile(r"([a-z_]\w*)\s*(?:=~|!~|!=|=)")


def load(text: str) -> Dashboard:
    """Return a dashboard; one that is no JSON raises ``ValueError``."""
    found: Dashboard = json.loads(text)
    return found


def panels(dashboard: Dashboard) -> list[Dashboard]:
    """Return the panels that show something."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries(dashboard: Dashboard) -> Iterator[tuple[str, str]]:
    """Return every query with its place, for a range of seconds and production."""
    for panel in panels(dashboard):
        for target in panel.get("targets", []):
            yield f"{panel['title']} {target['refId']}", filled(target["expr"])
    for one in dashboard["annotations"]["list"]:
        yield one["name"], filled(one["expr"])


def filled(expression: str) -> str:
    """Return a query as Grafana would send it."""
    for name, value in STAND_INS.items():
        expression = expression.replace(name, value)
    return expression


def itself(dashboard: Dashboard) -> Findings:
    """Say who it is, and be changed in the repository alone."""
    if not re.fullmatch(rf"{SERVICE}-[a-z]+", dashboard.get("uid", "")) or not dashboard.get("description"):
        yield "has no uid of this service, or no description"
    if dashboard.get("editable") is not False:
        yield "can be edited where nobody keeps it"
    if {one["name"] for one in dashboard["templating"]["list"]} != VARIABLES:
        yield "has other variables"
    for one in dashboard["templating"]["list"]:
        if one["type"] == "query" and one.get("refresh") != 2:
            yield f"{one['name']} is not asked again when the time changes"
    if dashboard.get("time", {}).get("to") != "now" or not dashboard["time"]["from"].startswith("now-"):
        yield "looks at a fixed time"


def grid(dashboard: Dashboard) -> Findings:
    """Keep panels on the grid and apart."""
    taken: dict[tuple[int, int], str] = {}
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        if at["x"] + at["w"] > GRID:
            yield f"{panel['title']} leaves the grid"
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            if taken.setdefault(cell, panel["title"]) != panel["title"]:
                yield f"{panel['title']} lies on {taken[cell]}"
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(set(ids)) != len(ids):
        yield "two panels have one id"


def words(dashboard: Dashboard) -> Findings:
    """Say what each panel shows, and in which unit."""
    for panel in panels(dashboard):
        if not panel.get("title") or not panel.get("description", "").endswith("."):
            yield f"{panel.get('title')} does not say what it shows"
        unit = panel["fieldConfig"]["defaults"].get("unit")
        if not unit:
            yield f"{panel['title']} has no unit"
        for target in panel["targets"]:
            if not target.get("legendFormat"):
                yield f"{panel['title']} has a line without a name"
            yield from (f"{panel['title']}: {flaw}" for flaw in _unit_flaws(unit, target["expr"]))


def _unit_flaws(unit: str, expression: str) -> Findings:
    measured = (
        re.sub(r"\b(?:count|rate|changes)\b.*", "", expression)
        if "histogram_quantile" not in expression
        else expression
    )
    name = re.search(r"\w+_(seconds|bytes)(?:_bucket)?\{", measured)
    if name and "/" not in expression and unit != UNITS[name[1]]:
        yield f"{name[1]} are shown as {unit}"
    if "rate(http_server_request_duration_seconds_count" in expression and unit != (
        "percentunit" if "/" in expression else "reqps"
    ):
        yield f"requests are shown as {unit}"


def sources(dashboard: Dashboard) -> Findings:
    """Ask the data source that the reader chose."""
    for panel in panels(dashboard):
        for one in (panel, *panel["targets"]):
            if one.get("datasource") != SOURCE:
                yield f"{panel['title']} asks {one.get('datasource')}"
    variables = [one for one in dashboard["templating"]["list"] if one["type"] == "query"]
    for one in (*dashboard["annotations"]["list"], *variables):
        if one.get("datasource") != SOURCE:
            yield f"{one['name']} asks {one.get('datasource')}"
    for one in variables:
        if f'job="{SERVICE}"' not in one["query"]["query"]:
            yield f"{one['name']} shows values of others"


def expressions(dashboard: Dashboard) -> Findings:
    """Parse, ask for this service and the chosen environment, and look at counters by their rate alone."""
    for panel in panels(dashboard):
        if not panel["targets"]:
            yield f"{panel['title']} asks nothing"
    for place, expression in queries(dashboard):
        yield from (f"{place}: {flaw}" for flaw in _expression_flaws(expression))
    text = json.dumps(dashboard)
    for window in re.findall(r"\b(?:rate|increase)\([^\[]*\[([^\]]*)\]", text):
        if window != "$__rate_interval":
            yield f"a rate over {window}, whatever the reader looks at"
    if unknown := set(re.findall(r"\$(\w+)|\$\{(\w+)\}", text.replace("$__rate_interval", ""))) - {
        ("datasource", ""),
        ("", "datasource"),
        ("environment", ""),
    }:
        yield f"unknown variables {sorted(unknown)}"


def _expression_flaws(expression: str) -> Findings:
    try:
        promql_parser.parse(expression)
    except ValueError as error:
        yield str(error)
        return
    for name, matchers in SERIES.findall(expression):
        own = f'{"service" if name == "ALERTS" else "job"}="{SERVICE}"'
        if own not in matchers or ("environment=" not in matchers and name != "slo:objective:ratio"):
            yield f"{name} is not limited to this service and environment"
    for name in set(COUNTERS.findall(expression)) - NO_COUNTERS:
        if not re.search(rf"(?:rate|increase)\({name}\{{[^}}]*\}}\[", expression):
            yield f"{name} is a counter"


STATIC: tuple[Callable[[Dashboard], Findings], ...] = (itself, grid, words, sources, expressions)


def flaws(text: str) -> list[str]:
    """Return what is wrong with a dashboard as it lies there."""
    try:
        dashboard = load(text)
        return [found for rule in STATIC for found in rule(dashboard)]
    except (KeyError, ValueError, TypeError) as error:
        return [f"{type(error).__name__}: {error}"]


def unknown_series(place: str, expression: str, known: Mapping[str, Collection[str]]) -> list[str]:
    """Return the series of an expression that neither the service exposes nor the rules record, and unknown labels."""
    found = []
    for name, matchers in SERIES.findall(expression):
        if name not in known and name not in recorded():
            found.append(f"{place}: nobody has {name}")
        labels = set(LABEL.findall(matchers)) - set(known.get(name, ()))
        found += [f"{place}: {name} has no {label}" for label in sorted(labels) if name in known]
    return found


def unknown_names(dashboard: Dashboard, known: Mapping[str, Collection[str]]) -> list[str]:
    """Return series and labels that neither the service exposes nor the rules record."""
    found = []
    for place, expression in queries(dashboard):
        found += unknown_series(place, expression, known)
        grouped = set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", expression))))
        legends = set().union(*(set(known.get(name, ())) for name, _ in SERIES.findall(expression)))
        found += [f"{place}: nothing has {label}" for label in sorted(grouped - legends)]
    for panel in panels(dashboard):
        for target in panel["targets"]:
            labels = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            grouped = set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", target["expr"]))))
            if "by (" in target["expr"] and not labels <= grouped:
                found.append(f"{panel['title']}: the name of its lines needs {sorted(labels - grouped)}")
    return found


def files(folder: Path) -> dict[str, str]:
    """Return the dashboards of a repository by their names."""
    return {file.stem: file.read_text() for file in sorted((folder / "grafana/dashboards").glob("*.json"))}
