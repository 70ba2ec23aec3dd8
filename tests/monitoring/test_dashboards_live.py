"""Every query of every dashboard has an answer while the service runs, and shows it when something breaks."""

import math
import re

import pytest

from kit.process import wait_until
from monitoring import dashboards, rules
from monitoring.dashboard_mutants import LIVE, RUNTIME
from monitoring.dashboards import Dashboard
from monitoring.repositories import monitoring
from monitoring.rules import Rule
from monitoring.stack import Prometheus
from monitoring.world import World
from service.stacks import Stack, with_first_stack

pytestmark = pytest.mark.xdist_group("alert path")

# Only a release, a restart or trouble has an answer to these.
SILENT = {"Releases", "Restarts"}
VALUES = re.compile(r"label_values\((.*), (\w+)\)")


def dashboard(name: str, stack: Stack) -> Dashboard:
    return dashboards.load(dashboards.files(monitoring(stack.answers))[name])


def expression(name: str, title: str, number: int = 0) -> str:
    one = dashboards.load(dashboards.files(monitoring())[name])
    panel = next(panel for panel in dashboards.panels(one) if panel["title"] == title)
    return dashboards.filled(panel["targets"][number]["expr"])


def unanswered(one: Dashboard, prometheus: Prometheus) -> list[str]:
    """Return the queries and variables that have no answer but nothing or not-a-number."""
    found = []
    for place, query in dashboards.queries(one):
        values = [value for _, value in prometheus.query(query)]
        if place not in SILENT and (not values or all(map(math.isnan, values))):
            found.append(f"{place}: {query}")
    for variable in one["templating"]["list"]:
        wanted = VALUES.fullmatch(variable["query"]["query"]) if variable["type"] == "query" else None
        if wanted:
            labels = {series.get(wanted[2]) for series, _ in prometheus.query(wanted[1])}
            found += [] if labels - {None} else [f"{variable['name']} has no values"]
    return found


def named(rule: Rule) -> str:
    return str(rule.get("alert") or rule["record"])


def mutated(stack: Stack, mutant: tuple[str, str, str]) -> Dashboard:
    name, right, wrong = mutant
    text = dashboards.files(monitoring(stack.answers))[name]
    assert right in text
    return dashboards.load(text.replace(right, wrong, 1))


def noticed(one: Dashboard, prometheus: Prometheus) -> list[str]:
    return dashboards.unknown_names(one, prometheus.known()) + unanswered(one, prometheus)


@pytest.mark.parametrize("name", ["runtime", "service", "slo"])
def test_every_query_has_an_answer_and_every_name_is_known(world: World, name: str) -> None:
    assert noticed(dashboard(name, world.build.stack), world.prometheus) == []


def test_every_name_of_the_rules_is_known(world: World) -> None:
    known = world.prometheus.known()
    shipped = rules.rules(monitoring(world.build.stack.answers))

    assert [flaw for rule in shipped for flaw in dashboards.unknown_series(named(rule), rule["expr"], known)] == []


def test_a_wrong_label_of_the_runtime_is_noticed(world: World) -> None:
    assert noticed(mutated(world.build.stack, RUNTIME[world.build.stack.language]), world.prometheus) != []


@with_first_stack
@pytest.mark.parametrize("mutant", sorted({*LIVE} - {"a status that never is"}))
def test_a_query_without_an_answer_is_noticed(world: World, mutant: str) -> None:
    assert noticed(mutated(world.build.stack, LIVE[mutant]), world.prometheus) != []


@with_first_stack
def test_the_dashboards_show_what_breaks(world: World) -> None:
    failed = expression("service", "Failed requests")
    _, right, wrong = LIVE["a status that never is"]
    blind = failed.replace(right.replace("\\", ""), wrong.replace("\\", ""))
    states, quickly = expression("service", "Answers by status"), expression("service", "Duration", 2)
    left, answered = expression("slo", "Budget left"), expression("service", "Requests")
    before = world.prometheus.value(left)
    assert failed != blind

    with world.held_table():
        waiting = expression("service", "Waiting for a connection")
        wait_until(lambda: world.prometheus.value(waiting) > 0, "requests are seen to wait", deadline=20)
        wait_until(lambda: world.prometheus.value(answered) == 0, "no answer is seen", deadline=20)
    wait_until(lambda: world.prometheus.value(quickly) > 0.5, "slow answers are seen", deadline=20)
    world.cluster.stop("fast")
    wait_until(lambda: world.prometheus.value(failed) > 0.2, "failures are seen", deadline=20)
    codes = {labels["http_response_status_code"] for labels, _ in world.prometheus.query(states)}
    missed = world.prometheus.value(blind)
    world.cluster.start()

    assert "503" in codes
    assert missed == 0
    wait_until(lambda: world.prometheus.value(left) < before, "the budget is seen to shrink", deadline=20)


@with_first_stack
def test_a_restart_is_marked(world: World) -> None:
    service = dashboard("service", world.build.stack)
    (marks,) = (one["expr"] for one in service["annotations"]["list"] if one["name"] == "Restarts")
    world.stop_service()
    world.start_service()

    quickly = dashboards.filled(marks).replace("[2m]", "[10s]")
    wait_until(lambda: world.prometheus.query(quickly), "the restart is marked", deadline=20)
