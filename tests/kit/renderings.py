"""Every combination of the present template, each rendered once a run for all tests that look at it."""

import shutil
from pathlib import Path

import pytest

from kit import combos, fast, questions
from kit.folders import made_once, run_folder
from kit.template import template_clone
from kit.tools import ROOT

QUESTIONS = questions.read(ROOT)
COMBOS = {
    combos.name_of(combo, QUESTIONS): combo for combo in (*combos.product(QUESTIONS), *combos.covering(QUESTIONS))
}

each_combination = pytest.mark.parametrize("name", COMBOS)


def export() -> Path:
    """Return the working tree as a plain folder, which Copier reads without cloning it."""
    clone = template_clone()
    with made_once("export") as folder:
        if folder:
            shutil.copytree(clone, folder, ignore=shutil.ignore_patterns(".git"))
    return run_folder() / "export"


def rendering(name: str) -> Path:
    """Return the folder that the template renders for the combination ``name``; it is not to be changed."""
    template = export()
    with made_once(f"renderings/{name}") as folder:
        if folder:
            fast.render(template, folder, COMBOS[name])
    return run_folder() / "renderings" / name


def repeat(name: str) -> str:
    """Return the command that shows the failures of one combination alone."""
    return f"make check ARGS=\"-k '{name}'\""
