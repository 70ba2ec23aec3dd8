"""A rule that is wrong in one place fails its tests."""

from pathlib import Path

import pytest

from monitoring import rules
from monitoring.rule_mutants import named

# Wrong places that change nothing which a test could see, each with its reason.
SURVIVE: dict[str, str] = {}


@pytest.mark.parametrize("name", named())
def test_a_wrong_rule_is_noticed(name: str, tmp_path: Path) -> None:
    mutant = named()[name]
    folder = rules.copy(tmp_path / "monitoring")
    file = folder / "rules" / mutant.file
    file.write_text(mutant.of(file.read_text()))

    tests = sorted(rules.tests_of(folder, mutant.file), key=lambda test: test.stem != mutant.first)
    noticed = any(rules.promtool("test", "rules", test).code != 0 for test in tests)

    assert noticed != (name in SURVIVE), f"{mutant.right!r} may be {mutant.wrong!r} in {mutant.file}"


def test_there_are_many_and_few_survive() -> None:
    assert len(named()) >= 85
    assert len(SURVIVE) <= 0.05 * len(named())
