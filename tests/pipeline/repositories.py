"""Repositories with every combination of the answers that shape a pipeline."""

from pathlib import Path

import pytest

from kit import combos, fast
from kit.folders import made_once, run_folder
from kit.renderings import QUESTIONS, export
from kit.template import Answers

SHAPING = frozenset({"language", "ci", "cloud", "runtime", "artifact", "branching", "load_test", "runtime_version"})
PIPELINES: dict[str, Answers] = {
    combos.name_of(answers, QUESTIONS): answers for answers in QUESTIONS.walk(SHAPING & set(QUESTIONS.choosing()))
}

each_pipeline = pytest.mark.parametrize("name", PIPELINES)


def rendered(name: str) -> Path:
    """Return the repository for one of ``PIPELINES``, not to be changed."""
    template = export()
    with made_once(f"pipelines/{name}") as folder:
        if folder:
            fast.render(template, folder, PIPELINES[name])
    return run_folder() / "pipelines" / name


def repeat(name: str) -> str:
    """Return the command that shows the failures of one pipeline alone."""
    return f"make test LAYER=pipeline ARGS=\"-k '{name}'\""
