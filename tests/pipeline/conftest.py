"""What the tests of pipelines share."""

import functools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kit import postgres as servers
from kit.act import Hub
from kit.advisories import npm_advisories
from kit.cloud import Cloud
from kit.containers import engine
from kit.github_api import REPOSITORY, TOKEN, GitHub, github_api
from kit.process import Outcome, run
from kit.template import commit_all
from kit.tools import node, tool
from pipeline.gates import Gates
from pipeline.trusted import MARKER, SESSION_SECRET

LIGHT = Path(__file__).parent / "light"


@pytest.fixture(scope="session")
def identity() -> dict[str, str]:
    """Name the repository as ``deploy/setup`` has to know it."""
    return {
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_REPOSITORY_ID": "1296269",
        "GITHUB_REPOSITORY_OWNER_ID": "583231",
    }


@pytest.fixture(scope="session")
def light(repo: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """``light(artifact="zip", ...)``: a committed repository whose service has next to no code and one dependency.

    All that builds, publishes and sets up is as the template generates it.
    """

    def make(**answers: object) -> Path:
        origin = repo({"service_name": "orders-api"} | answers)
        folder = shutil.copytree(origin, tmp_path_factory.mktemp("light") / "repo", symlinks=True)
        for name in ("src", "tests", "migrations"):
            shutil.rmtree(folder / name)
        shutil.copytree(LIGHT, folder, dirs_exist_ok=True)
        commit_all(folder, "Leave nothing but the pipeline")
        return folder

    return make


@pytest.fixture
def github() -> Iterator[GitHub]:
    """Run GitHub's API; the repository has no environment yet."""
    with github_api() as github:
        yield github


@pytest.fixture
def hub(cloud: Cloud, github: GitHub, postgres: servers.Cluster, tmp_path: Path) -> Iterator[Hub]:
    """Make a GitHub whose machines have Node.js, a PostgreSQL, the emulated AWS, and a registry that knows no holes."""
    machine = cloud.environment(
        TOOLCHAIN=str(node("24") / "bin"),
        GOFLAGS="-trimpath",  # as the tools of the tests are built, so that one cache serves both
        SESSION_KEY="AKIAIOSFODNN7EXAMPLE",
        SESSION_SECRET=SESSION_SECRET,
        DEPLOY_PAUSE="0.1",
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        del machine[name]
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "k6").symlink_to(tool("k6"))
    machine["PATH"] = f"{programs}:{machine['PATH']}"
    told = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_TRIGGERING_ACTOR": "grace"}
    with npm_advisories() as advisories:
        services = postgres.playground().environment
        yield Hub(
            machine,
            services=services,
            jobs={"audit": advisories},
            told=told,
            secrets={"GITHUB_TOKEN": TOKEN, "KEY": MARKER},
        )


@pytest.fixture
def with_engine() -> Iterator[Callable[[Hub], Hub]]:
    """``with_engine(hub)``: the hub, its machines with a container engine."""
    with engine() as podman:
        programs = podman.environment["PATH"].partition(":")[0]

        def add(hub: Hub) -> Hub:
            machine = {**podman.environment, **hub.machine, "PATH": f"{programs}:{hub.machine['PATH']}"}
            return replace(hub, machine=machine)

        yield add


@pytest.fixture
def gates(github: GitHub, tmp_path: Path) -> Gates:
    """Call the gates of a repository that has no environment yet."""
    return Gates(github, tmp_path)


@pytest.fixture
def connected(cloud: Cloud, hub: Hub, identity: dict[str, str]) -> Callable[[Path], Hub]:
    """``connected(repository)``: the hub after ``deploy/setup``, with the variables that it printed."""

    def connect(repository: Path) -> Hub:
        commands = run(["deploy/setup", "--yes"], cwd=repository, env=cloud.environment() | identity).succeeded().out
        words = [line.split() for line in commands.splitlines()]
        return replace(hub, variables={line[3]: line[-1] for line in words})

    return connect


@pytest.fixture
def setup(light: Callable[..., Path], cloud: Cloud, identity: dict[str, str]) -> Callable[..., Outcome]:
    """``setup("--yes", artifact="zip", env={...})``: ``deploy/setup`` of a repository with these answers."""
    repository = functools.cache(light)

    def call(*arguments: str, env: dict[str, str] | None = None, **answers: object) -> Outcome:
        environment = cloud.environment() | identity | (env or {})
        return run(["deploy/setup", *arguments], cwd=repository(**answers), env=environment)

    return call
