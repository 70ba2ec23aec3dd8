"""A rule that is wrong in one place fails its tests."""

from pathlib import Path

import pytest

from monitoring import rules
from monitoring.rule_mutants import Mutant, named

# Wrong places that change nothing which a test could see, each with its reason.
SURVIVE: dict[str, str] = {}


def likely_first(tests: list[Path], changed: list[str], mutant: Mutant) -> list[Path]:
    """Sort tests: one that speaks of a changed alert is the likeliest to notice it, then one of the right length."""

    def rank(test: Path) -> tuple[int, bool]:
        text = test.read_text()
        return -sum(name in text for name in changed), test.stem.rpartition("-")[0] != mutant.first

    return sorted(tests, key=rank)


@pytest.mark.parametrize("name", named())
def test_a_wrong_rule_is_noticed(name: str, tmp_path: Path) -> None:
    mutant = named()[name]
    folder = rules.copy(tmp_path / "monitoring")
    file = folder / "rules" / mutant.file
    file.write_text(mutant.of(file.read_text()))
    right = rules.alerts()
    changed = [name for name, alert in rules.alerts(folder).items() if alert != right[name]]

    tests = likely_first(rules.single_tests(folder, mutant.file), changed, mutant)
    noticed = any(rules.promtool("test", "rules", test).code != 0 for test in tests)

    assert noticed != (name in SURVIVE), f"{mutant.right!r} may be {mutant.wrong!r} in {mutant.file}"


def test_there_are_many_and_few_survive() -> None:
    assert len(named()) >= 85
    assert len(SURVIVE) <= 0.05 * len(named())
