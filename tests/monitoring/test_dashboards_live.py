"""Every query of every dashboard has an answer while the service runs, and shows it when something breaks."""

import math
import re

import pytest

from kit.process import wait_until
from monitoring import dashboards
from monitoring.dashboard_mutants import LIVE
from monitoring.dashboards import Dashboard
from monitoring.repositories import monitoring
from monitoring.stack import Prometheus
from monitoring.world import World

pytestmark = pytest.mark.xdist_group("alert path")

# Only a release, a restart or trouble has an answer to these.
SILENT = {"Releases", "Restarts"}
VALUES = re.compile(r"label_values\((.*), (\w+)\)")


def dashboard(name: str) -> Dashboard:
    return dashboards.load(dashboards.files(monitoring())[name])


def expression(name: str, title: str, number: int = 0) -> str:
    panel = next(panel for panel in dashboards.panels(dashboard(name)) if panel["title"] == title)
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


def noticed(one: Dashboard, prometheus: Prometheus) -> list[str]:
    return dashboards.unknown_names(one, prometheus.known()) + unanswered(one, prometheus)


@pytest.mark.parametrize("name", ["runtime", "service", "slo"])
def test_every_query_has_an_answer_and_every_name_is_known(world: World, name: str) -> None:
    assert noticed(dashboard(name), world.prometheus) == []


@pytest.mark.parametrize("mutant", [mutant for mutant in LIVE if mutant != "a status that never is"])
def test_a_query_without_an_answer_is_noticed(world: World, mutant: str) -> None:
    name, right, wrong = LIVE[mutant]
    text = dashboards.files(monitoring())[name]
    assert right in text

    assert noticed(dashboards.load(text.replace(right, wrong, 1)), world.prometheus) != []


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


def test_a_restart_is_marked(world: World) -> None:
    (marks,) = (one["expr"] for one in dashboard("service")["annotations"]["list"] if one["name"] == "Restarts")
    world.stop_service()
    world.start_service()

    quickly = dashboards.filled(marks).replace("[2m]", "[10s]")
    wait_until(lambda: world.prometheus.query(quickly), "the restart is marked", deadline=20)
