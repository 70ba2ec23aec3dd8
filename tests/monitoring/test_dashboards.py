"""Dashboards keep the rules of their kind; each rule is proved by a wrong dashboard."""

import pytest

from monitoring import dashboards
from monitoring.dashboard_mutants import LIVE, STATIC
from monitoring.repositories import monitoring
from service.stacks import Stack

NAMES = ("runtime", "service", "slo")


@pytest.mark.parametrize("name", NAMES)
def test_a_dashboard_keeps_every_rule(stack: Stack, name: str) -> None:
    assert dashboards.flaws(dashboards.files(monitoring(stack.answers))[name]) == []


def test_these_are_the_dashboards(stack: Stack) -> None:
    assert tuple(dashboards.files(monitoring(stack.answers))) == NAMES


@pytest.mark.parametrize("mutant", STATIC)
def test_a_wrong_dashboard_is_noticed(mutant: str) -> None:
    name, right, wrong = STATIC[mutant]
    text = dashboards.files(monitoring())[name]
    assert right in text

    assert dashboards.flaws(text.replace(right, wrong, 1)) != []


def test_there_are_many_mutants() -> None:
    assert len(STATIC) + len(LIVE) >= 20
