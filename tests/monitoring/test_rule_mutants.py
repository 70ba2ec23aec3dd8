"""A rule that is wrong in one place fails its tests."""

import json
from pathlib import Path

import pytest
import yaml

from monitoring import rules
from monitoring.rule_mutants import Mutant, named

# Wrong places that change nothing which a test could see, each with its reason.
SURVIVE: dict[str, str] = {}


def alerts(file: Path) -> set[tuple[str, str]]:
    """Return each alert of a rule file by its name and by all that it says."""
    groups = yaml.safe_load(file.read_text())["groups"]
    return {(rule["alert"], json.dumps(rule)) for group in groups for rule in group["rules"] if "alert" in rule}


def likely_first(tests: list[Path], changed: set[tuple[str, str]], mutant: Mutant) -> list[Path]:
    """Sort tests: one that speaks of a changed alert is the likeliest to notice it, then one of the right length."""

    def rank(test: Path) -> tuple[int, bool]:
        text = test.read_text()
        return -sum(name in text for name, _ in changed), test.stem.rpartition("-")[0] != mutant.first

    return sorted(tests, key=rank)


@pytest.mark.parametrize("name", named())
def test_a_wrong_rule_is_noticed(name: str, tmp_path: Path) -> None:
    mutant = named()[name]
    folder = rules.copy(tmp_path / "monitoring")
    file = folder / "rules" / mutant.file
    right = alerts(file)
    file.write_text(mutant.of(file.read_text()))
    wrong = alerts(file)

    tests = likely_first(rules.single_tests(folder, mutant.file), wrong - right, mutant)
    noticed = any(rules.promtool("test", "rules", test).code != 0 for test in tests)

    assert noticed != (name in SURVIVE), f"{mutant.right!r} may be {mutant.wrong!r} in {mutant.file}"


def test_there_are_many_and_few_survive() -> None:
    assert len(named()) >= 85
    assert len(SURVIVE) <= 0.05 * len(named())
