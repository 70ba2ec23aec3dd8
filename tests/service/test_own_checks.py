"""What a generated repository brings along is green: on every version of its language that a user may choose."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kit.folders import made_once, run_folder
from kit.postgres import Cluster, Database
from kit.process import run
from service.document import Document
from service.instance import Install, compiled, migrate, serve
from service.stacks import FIRST_OF_LANGUAGE, STACKS, Build, Stack, in_turn

# The pipeline of its own runs the suites one by one, in tests/pipeline; these two run all of them at once.
DEFAULT, OTHERS = ("lint", "coverage"), ("lint", "test")
CRASHED = re.compile(r"^(panic:|Traceback |Exception in thread )", re.MULTILINE)
SOURCES = (".go", ".java", ".py", ".ts")


def marks(stack: Stack, version: str) -> list[pytest.MarkDecorator]:
    """Return the language, and a group of the checks that would compile into one folder at once."""
    group = pytest.mark.xdist_group(f"checks of {stack.name} {version}")
    return [pytest.mark.language(stack.language), *([group] if stack.compiles_in_place else [])]


EVERY_CHECK = [
    pytest.param(stack, version, verb, id=f"{verb}-{stack.name} {version}", marks=marks(stack, version))
    for stack in STACKS
    for version in stack.versions
    for verb in (DEFAULT if version == stack.versions[0] else OTHERS)
    if verb != "lint" or version in stack.linted
]

# How much of it the suites reach is nearly the same for every framework of a language.
WITHOUT_EXAMPLE = [
    pytest.param(stack, verb, id=f"{stack.name}-{verb}", marks=pytest.mark.language(stack.language))
    for stack in STACKS
    for verb in (DEFAULT if stack in FIRST_OF_LANGUAGE else OTHERS)
]


@pytest.fixture
def workshop(build: Build, tmp_path: Path) -> Path:
    """Copy the installed repository."""
    return shutil.copytree(build.folder, tmp_path / "repo", symlinks=True)


def place_of(build: Build) -> Path:
    """Return the folder of the checks: apart from a program that they would make anew while others start it."""
    if not build.stack.compiles_in_place:
        return build.folder
    name = f"checked/{build.stack.name}-{build.version}"
    with made_once(name) as folder:
        if folder:
            ignore = shutil.ignore_patterns("target")
            shutil.copytree(build.folder, folder, symlinks=True, ignore=ignore)
    return run_folder() / name


def command(build: Build, verb: str) -> list[str]:
    """Return the command of a check: through make on the default version, as CI and Windows call it on the others."""
    through_make = build.version == build.stack.versions[0] and verb != "coverage"
    return ["make", verb] if through_make else build.stack.command(verb)


def check(build: Build, verb: str, playground: Database, folder: Path) -> None:
    """Run one check in a folder; the suites find a database."""
    env = build.environment | (playground.environment if verb != "lint" else {})
    run(command(build, verb), cwd=folder, env=env, deadline=300).succeeded()


@pytest.mark.parametrize(("stack", "version", "verb"), EVERY_CHECK, indirect=["stack"])
def test_its_own_checks_are_green(
    stack: Stack, install: Install, version: str, verb: str, playground: Database
) -> None:
    build = install(version)

    assert stack.name == build.stack.name
    check(build, verb, playground, place_of(build))


@pytest.mark.parametrize("holes", [0, 1])
def test_its_audit_tells_of_a_hole_in_a_dependency(build: Build, holes: int) -> None:
    with build.stack.advisories([build.stack.dependency][:holes]) as variables:
        outcome = run(["make", "audit"], cwd=build.folder, env=build.environment | variables, deadline=120)

    assert (outcome.code != 0) == (holes > 0)
    assert ("GHSA-0000-0000-0000" in outcome.out + outcome.err) == (holes > 0)
    assert CRASHED.search(outcome.err) is None, outcome.err


def test_a_wrong_format_is_refused(build: Build, workshop: Path) -> None:
    files = sorted((workshop / build.stack.facts["source"]).rglob("*.*"))
    source = next(path for path in files if path.suffix in SOURCES)
    source.write_text(source.read_text() + "\n\n\n\n   \n")

    assert run(build.stack.command("lint"), cwd=workshop, env=build.environment, deadline=120).code != 0


@pytest.mark.parametrize("stack", in_turn(stack for stack in STACKS if stack.language == "java"), indirect=True)
def test_a_warning_that_ends_the_build_is_shown(build: Build, workshop: Path) -> None:
    source = next(workshop.glob("src/main/java/**/Application.java"))
    field = r"  private static final int COUNT = 1;\n\g<0>"
    source.write_text(re.sub("^  private ", field, source.read_text(), count=1, flags=re.MULTILINE))

    outcome = run(build.stack.command("lint"), cwd=workshop, env=build.environment, deadline=120)

    assert outcome.code != 0
    assert "Application.java:" in outcome.out
    assert "[UnusedVariable]" in outcome.out


@pytest.fixture
def without_example(workshop: Path, stack: Stack) -> Path:
    """Delete the example as the README of the repository says, and what git would not keep."""
    example = stack.facts["example"]
    for path in [workshop / name for name in example["paths"]]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    (workshop / "tests/load/items.js").unlink()
    for path in [workshop / name.strip("`") for name in example["lines_in"]]:
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if "item" not in line.lower()))
    document = workshop / "api/openapi.yaml"
    document.write_text(re.sub(r"^  /v1/items.*:\n(?:    .*\n)+", "", document.read_text(), flags=re.MULTILINE))
    return workshop


@pytest.mark.parametrize(("stack", "verb"), WITHOUT_EXAMPLE, indirect=["stack"])
def test_without_the_example_its_own_checks_stay_green(
    build: Build, without_example: Path, verb: str, playground: Database
) -> None:
    check(build, verb, playground, without_example)


def test_without_the_example_the_service_runs_on_both_stores(
    build: Build, without_example: Path, postgres: Cluster
) -> None:
    bare, document = compiled(replace(build, folder=without_example)), Document.of(without_example)
    database = postgres.database().environment
    migrate(bare, database).succeeded()

    for env in ({}, database):
        with serve(bare, document, env) as service:
            service.until_ready()

            assert service.client.get("/v1/items").status == 404
