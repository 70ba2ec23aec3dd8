"""Every combination of the present template, each rendered once a run for all tests that look at it."""

import functools
import shutil
from pathlib import Path
from typing import Any

import pytest

from kit import combos, fast, questions, rooms, tree
from kit.folders import made_once, run_folder
from kit.template import template_clone
from kit.tools import ROOT

QUESTIONS = questions.read(ROOT)
COMBOS = {
    combos.name_of(combo, QUESTIONS): combo for combo in (*combos.product(QUESTIONS), *combos.covering(QUESTIONS))
}

# One worker looks at a combination from first to last, so that it reads the files once.
each_combination = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xdist_group(str(number))) for number, name in enumerate(COMBOS)]
)


@functools.cache
def export() -> Path:
    """Return the working tree as a plain folder, which Copier reads without cloning it."""
    clone = template_clone()
    with made_once("export") as folder:
        if folder:
            shutil.copytree(clone, folder, ignore=shutil.ignore_patterns(".git"))
    return run_folder() / "export"


@functools.cache
def sources() -> list[str]:
    """Return all files below template/, sorted."""
    return rooms.sources(export())


@functools.cache
def rendering(name: str) -> Path:
    """Return the folder that the template renders for the combination ``name``; it is not to be changed."""
    template = export()
    with made_once(f"renderings/{name}") as folder:
        if folder:
            fast.render(template, folder, COMBOS[name])
    return run_folder() / "renderings" / name


@functools.lru_cache(maxsize=2)
def files(name: str) -> tree.Tree:
    """Return the files of a rendering; they are not to be changed."""
    return tree.read(rendering(name))


@functools.cache
def answers(name: str) -> dict[str, Any]:
    """Return the answers of a combination, the hidden ones too."""
    return QUESTIONS.complete(COMBOS[name])


def repeat(name: str) -> str:
    """Return the command that shows the failures of one combination alone."""
    return f"make check ARGS=\"-k '{name}'\""
