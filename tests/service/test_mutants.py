"""A wrong line in a business rule is noticed by the service's own suites."""

import shlex
import shutil
from pathlib import Path

import pytest

from kit.folders import made_once, run_folder
from kit.postgres import Database
from kit.process import Outcome, run
from service.mutants import Mutant, mutants_of
from service.stacks import STACKS, Build

SUITES = ("test_unit", "test_api", "test_integration")
# What a compiler says of a line that proves nothing.
NOT_COMPILED = "[build failed]"


def mutants() -> list[object]:
    """Return a parameter for each wrong line of each stack."""
    return [
        pytest.param(stack, mutant, id=f"{stack.name}: {mutant.rule}", marks=pytest.mark.language(stack.language))
        for stack in STACKS
        for mutant in mutants_of(stack)
    ]


def prepared(build: Build) -> Path:
    """Return the repository with what its suites need besides the dependencies; made once a run."""
    if not build.stack.prepare_suites:
        return build.folder
    name = f"suites/{build.stack.name}"
    with made_once(name) as folder:
        if folder:
            shutil.copytree(build.folder, folder, symlinks=True)
            run(build.stack.prepare_suites, cwd=folder, env=build.environment, deadline=180).succeeded()
    return run_folder() / name


def workshop(build: Build, folder: Path) -> Path:
    """Return a copy of the repository that shares the installed dependencies."""
    apart = shutil.ignore_patterns(".git", build.stack.installed)
    copy = shutil.copytree(prepared(build), folder / "repo", symlinks=True, ignore=apart)
    (copy / build.stack.installed).symlink_to(build.folder / build.stack.installed)
    return copy


def about_items(build: Build, suite: str, folder: Path, playground: Database) -> Outcome:
    """Run what one suite of the repository says of items, with a database for the suite that wants it."""
    env = build.environment | (playground.environment if suite == "test_integration" else {})
    return run(shlex.split(build.stack.about_items[suite]), cwd=folder, env=env, deadline=90)


@pytest.mark.parametrize(("stack", "mutant"), mutants(), indirect=["stack"])
def test_a_wrong_line_is_noticed(build: Build, tmp_path: Path, playground: Database, mutant: Mutant) -> None:
    copy = workshop(build, tmp_path)
    source = (copy / mutant.file).read_text()
    assert source.count(mutant.right) == 1, f"{mutant.right!r} does not stand once in {mutant.file}"
    (copy / mutant.file).write_text(source.replace(mutant.right, mutant.wrong))

    outcome = about_items(build, mutant.suite, copy, playground)

    assert NOT_COMPILED not in outcome.out
    assert outcome.code != 0, f"{mutant.suite} does not notice that {mutant.rule!r} is broken"


@pytest.mark.parametrize("suite", SUITES)
def test_without_a_wrong_line_nothing_is_noticed(
    build: Build, tmp_path: Path, playground: Database, suite: str
) -> None:
    about_items(build, suite, workshop(build, tmp_path), playground).succeeded()
