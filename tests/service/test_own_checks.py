"""What a generated repository brings along is green: on every version of its language that a user may choose."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kit.postgres import Cluster, Database
from kit.process import run
from service.document import Document
from service.instance import Install, migrate, serve
from service.stacks import OWN_CHECKS, STACKS, Build, Stack

ONE_BY_ONE = tuple(verb for verb in OWN_CHECKS if verb != "coverage")
AT_ONCE = ("lint", "coverage")  # which runs all suites
EVERY_CHECK = [
    pytest.param(
        stack, version, verb, id=f"{verb}-{stack.language} {version}", marks=pytest.mark.language(stack.language)
    )
    for stack in STACKS
    for version in stack.versions
    for verb in (ONE_BY_ONE if version == stack.versions[0] else AT_ONCE)
    if verb != "lint" or version in (stack.versions[0], stack.versions[-1])  # the default and the oldest
]


@pytest.fixture
def workshop(build: Build, tmp_path: Path) -> Path:
    """Copy the installed repository."""
    return shutil.copytree(build.folder, tmp_path / "repo", symlinks=True)


def command(build: Build, verb: str) -> list[str]:
    """Return the command of a check: through make on the default version, as CI and Windows call it on the others."""
    through_make = build.version == build.stack.versions[0] and verb != "coverage"
    return ["make", verb.replace("_", "-")] if through_make else build.stack.command(verb)


def check(build: Build, verb: str, playground: Database, folder: Path) -> None:
    """Run one check in a folder; the suites that want a database find one, the others must not."""
    wanted = verb in ("test_integration", "coverage")
    env = build.environment | (playground.environment if wanted else {})
    run(command(build, verb), cwd=folder, env=env, deadline=180).succeeded()


@pytest.mark.parametrize(("stack", "version", "verb"), EVERY_CHECK, indirect=["stack"])
def test_its_own_checks_are_green(
    stack: Stack, install: Install, version: str, verb: str, playground: Database
) -> None:
    build = install(version)

    assert stack.language == build.stack.language
    check(build, verb, playground, build.folder)


def test_a_wrong_format_is_refused(build: Build, workshop: Path) -> None:
    source = next(path for path in sorted((workshop / "src").rglob("*")) if path.is_file())
    source.write_text(source.read_text() + "\n\n\n\n   \n")

    assert run(build.stack.command("lint"), cwd=workshop, env=build.environment, deadline=120).code != 0


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


@pytest.mark.parametrize("verb", AT_ONCE)
def test_without_the_example_its_own_checks_stay_green(
    build: Build, without_example: Path, verb: str, playground: Database
) -> None:
    check(build, verb, playground, without_example)


@pytest.mark.parametrize("store", ["memory", "postgres"])
def test_without_the_example_the_service_runs(
    build: Build, without_example: Path, store: str, postgres: Cluster
) -> None:
    bare = replace(build, folder=without_example)
    env = postgres.database().environment if store == "postgres" else {}
    if env:
        migrate(bare, env).succeeded()

    with serve(bare, Document.of(without_example), env) as service:
        service.until_ready()

        assert service.client.get("/v1/items").status == 404
