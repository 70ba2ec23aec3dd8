"""The lock of Go is what its manifest asks for, on every version and system that is offered."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kit.process import run
from service.stacks import STACKS, Build

pytestmark = pytest.mark.language("go")

GO = next(stack for stack in STACKS if stack.language == "go")
SYSTEMS = ("linux", "darwin", "windows")
FILES = ("go.mod", "go.sum")


def generated(scratch: Callable[..., Path], version: str) -> Build:
    """Return a copy of the generated repository for a version of Go."""
    return Build(GO, version, scratch({**GO.answers, "runtime_version": version}))


@pytest.mark.parametrize("version", GO.versions)
def test_to_renew_the_lock_changes_nothing(scratch: Callable[..., Path], version: str) -> None:
    build = generated(scratch, version)

    run(["make", "lock"], cwd=build.folder, env=build.environment, deadline=120).succeeded()

    assert run(["git", "status", "--short", *FILES], cwd=build.folder).succeeded().out == ""


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_finds_the_lock_complete(scratch: Callable[..., Path], system: str) -> None:
    build = generated(scratch, GO.versions[0])
    elsewhere = build.environment | {"GOOS": system, "GOFLAGS": "-mod=readonly"}

    run(["go", "list", "-deps", "-test", "./..."], cwd=build.folder, env=elsewhere, deadline=120).succeeded()


def test_nothing_replaces_a_module(scratch: Callable[..., Path]) -> None:
    folder = generated(scratch, GO.versions[0]).folder

    assert [name for name in ("go.mod", "tools/go.mod") if "replace" in (folder / name).read_text()] == []
