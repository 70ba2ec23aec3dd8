"""The generated service itself goes through its own pipeline, and what comes out starts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from kit.act import Hub, run_workflow
from kit.process import free_port, run, start, wait_until
from kit.template import git
from service.stacks import FIRST_OF_LANGUAGE, Build, Stack

# One after the other: the jobs of one pipeline keep the machine busy.
pytestmark = pytest.mark.xdist_group("generated service")
CHECKS = ("lint", "unit", "integration", "api", "audit", "secrets", "build")


# What a pipeline does is the same for every framework of a language.
LANGUAGES = [pytest.param(one, id=one.language, marks=pytest.mark.language(one.language)) for one in FIRST_OF_LANGUAGE]


@pytest.fixture(params=LANGUAGES)
def stack(request: pytest.FixtureRequest) -> Stack:
    """Each language in turn."""
    chosen: Stack = request.param
    return chosen


@pytest.fixture
def equipped(stack: Stack, connected: Callable[[Path], Hub]) -> Iterator[Callable[[Path], Hub]]:
    """``equipped(repository)``: the connected hub, its machines with the language and advisories that know no hole."""

    def equip(repository: Path) -> Hub:
        hub = connected(repository)
        tools = {**stack.settings, "TOOLCHAIN": str(stack.toolchain(stack.versions[0]) / "bin")}
        machine = {**hub.machine, **tools}
        # For gitleaks alone: the linters of Go would be built again by other flags than tests/setup builds them.
        flags = {"GOFLAGS": machine.pop("GOFLAGS")}
        machine.pop("PYTHONDONTWRITEBYTECODE", None)  # no hosted machine has it, and every start would compile all
        return replace(hub, machine=machine, jobs={"audit": advisories, "secrets": flags})

    with stack.advisories([]) as advisories:
        yield equip


def test_the_service_passes_its_pipeline_and_its_bundle_starts(
    stack: Stack, scratch: Callable[..., Path], equipped: Callable[[Path], Hub], tmp_path: Path
) -> None:
    repository = scratch({**stack.answers, "service_name": "orders-api", "artifact": "zip"})
    commit = git(repository, "rev-parse", "HEAD").strip()

    pipeline = run_workflow(repository, equipped(repository), deadline=600)

    assert pipeline.results == dict.fromkeys((*CHECKS, "ci-ok", "publish"), "success"), str(pipeline)
    for suite in ("unit", "integration", "api"):
        assert f"### {suite}\n" in pipeline.summary
    assert "No test has reported a result" not in pipeline.summary
    assert pipeline.outputs("publish") == {"artifact": commit, "staging": "false"}
    # By the platform's own program: zipfile would drop the permissions, and a program of Go could not be started.
    run(["unzip", "-q", pipeline.kept / "dist" / "bundle.zip", "-d", tmp_path / "bundle"]).succeeded()
    assert_runs(Build(stack, stack.versions[0], tmp_path / "bundle"), commit)


def assert_runs(build: Build, commit: str) -> None:
    """Start what the platform would start: in production it wants a database, elsewhere it tells its commit."""
    lines = (build.folder / "Procfile").read_text().splitlines()
    web = next(line.removeprefix("web: ").split() for line in lines)
    port = free_port()
    clean = build.environment | {"PORT": str(port), "HOST": "127.0.0.1"}

    refused = run(web, cwd=build.folder, env=clean)
    with start(web, cwd=build.folder, env=clean | {"APP_ENV": "development"}) as service:
        wait_until(lambda: "server listening" in service.out() or service.code is not None, "the service listens")
        version = httpx.get(f"http://127.0.0.1:{port}/version").json()

    assert refused.code == 1
    assert "DB_HOST" in refused.err + refused.out
    assert version["commit"] == commit
