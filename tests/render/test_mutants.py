"""The wrong lines that the suites of the services have to notice still fit the services."""

from pathlib import Path

import pytest

from kit import fast
from kit.renderings import export
from service.mutants import mutants_of
from service.stacks import STACKS, Stack, in_turn


@pytest.mark.parametrize("stack", in_turn(STACKS))
def test_each_line_to_be_made_wrong_stands_once(stack: Stack, tmp_path: Path) -> None:
    fast.render(export(), tmp_path / "service", stack.answers)
    texts = ((mutant, (tmp_path / "service" / mutant.file).read_text()) for mutant in mutants_of(stack))

    assert [f"{mutant.file}: {mutant.right}" for mutant, text in texts if text.count(mutant.right) != 1] == []
