"""compose.yaml of a generated repository, and the script that finds a database by it."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import httpx
import pytest

from kit import postgres as servers
from kit.containers import Container, Engine
from kit.folders import run_folder
from kit.process import Outcome, environment, free_port, run, wait_until
from service.stacks import FIRST_OF_LANGUAGE, Stack, in_turn

pytestmark = pytest.mark.containers
each_language = pytest.mark.parametrize("stack", in_turn(FIRST_OF_LANGUAGE), indirect=True)

WITH_DATABASE = "scripts/with-database"
# What the script itself needs, where neither Docker nor Podman is installed.
BARE_TOOLS = ("bash", "env", "sed")
PRINT_ADDRESS = ("sh", "-c", 'echo "$DB_HOST $DB_PORT $DB_NAME $DB_USER $DB_PASS"')
NO_DATABASE = (
    "no database: set DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASS to a PostgreSQL,"
    " or install Docker or Podman with compose and repeat\n"
)


@dataclass(frozen=True)
class Project:
    """A generated repository whose services run on ports that nobody else has."""

    folder: Path
    engine: Engine
    ports: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{self.ports['PORT']}"

    def run(self, *command: str, **env: str) -> Outcome:
        """Run a command in the repository, with Podman on PATH and no database named."""
        clean = {name: value for name, value in self.engine.environment.items() if not name.startswith("DB_")}
        return run(command, cwd=self.folder, env={**clean, **self.ports, **env}, deadline=180)

    def container(self, service: str) -> Container:
        """Return the container of a service, which has run at least once."""
        names = ["--all", "--quiet", f"--filter=label=com.docker.compose.service={service}"]
        return Container(self.engine, self.engine.podman("ps", *names).succeeded().out.strip())


@pytest.fixture(scope="module")
def project(stack: Stack, engine: Engine, repo: Callable[..., Path]) -> Project:
    """Copy the repository and give it an engine; what it starts ends with that."""
    folder = shutil.copytree(repo(stack.answers), Path(mkdtemp(dir=run_folder())) / "repo", symlinks=True)
    ports = {"PORT": str(free_port()), "DB_PORT": str(free_port())}
    engine.own_network(f"{engine.environment['COMPOSE_PROJECT_NAME']}_default")
    return Project(folder, engine, ports)


@pytest.fixture(scope="module")
def served(project: Project) -> Project:
    """Start everything that the profile ``service`` names."""
    project.run("podman", "compose", "--profile", "service", "up", "--build", "--detach").succeeded()
    return project


@each_language
def test_database_starts_for_a_command_that_needs_one(project: Project) -> None:
    query = 'PGPASSWORD=$DB_PASS psql -XqAt -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" "$DB_NAME" -c "select 1 + 1"'
    psql = f"{servers.binaries()}:{project.engine.environment['PATH']}"

    answer = project.run(WITH_DATABASE, "sh", "-c", query, PATH=psql).succeeded()

    assert answer.out.splitlines()[-1] == "2"
    assert project.container("database").running()


@each_language
def test_database_that_runs_is_used_again(project: Project) -> None:
    project.run(WITH_DATABASE, "true").succeeded()
    before = project.container("database").inspect()["State"]["StartedAt"]

    answer = project.run(WITH_DATABASE, *PRINT_ADDRESS).succeeded()

    assert answer.out.splitlines()[-1].split()[1:] == [project.ports["DB_PORT"], "app", "app", "app"]
    assert project.container("database").inspect()["State"]["StartedAt"] == before


@each_language
def test_exit_code_of_the_command_is_kept(project: Project) -> None:
    assert project.run(WITH_DATABASE, "sh", "-c", "exit 7").code == 7


@each_language
def test_service_profile_serves_from_the_migrated_database(served: Project) -> None:
    with httpx.Client(base_url=served.url) as client:
        wait_until(lambda: _answers(client, "/ready"), f"{served.url}/ready answers 200", deadline=30)

        made = client.post("/v1/items", json={"name": "anchor"})
        assert made.status_code == httpx.codes.CREATED, made.text
        read = client.get(made.headers["Location"])
        readiness = client.get("/ready").json()

    assert served.container("migrate").inspect()["State"]["ExitCode"] == 0
    assert (read.status_code, read.json()) == (200, made.json())
    assert readiness == {"status": "UP", "components": {"db": {"status": "UP"}}}


@each_language
def test_service_of_compose_is_confined(served: Project) -> None:
    service = served.container("service")
    host = service.inspect()["HostConfig"]

    assert host["ReadonlyRootfs"]
    assert "/tmp" in host["Tmpfs"]  # noqa: S108 - a mount point of the container
    assert "no-new-privileges" in json.dumps(host["SecurityOpt"])
    assert service.status()["CapBnd"] == "0" * 16
    assert service.inspect()["HostConfig"]["PortBindings"]["8080/tcp"][0]["HostIp"] == "127.0.0.1"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"DB_HOST": "db.example.com", "DB_PORT": "6543"}, id="DB_HOST"),
        pytest.param({"DATABASE_URL": "postgresql://app@db.example.com/app"}, id="DATABASE_URL"),
    ],
)
def test_database_that_is_named_is_used_as_it_is(
    repo: Callable[..., Path], tmp_path: Path, given: dict[str, str]
) -> None:
    env = environment(without=("DB_", "DATABASE_"), **given) | {"PATH": str(_bare_path(tmp_path))}

    answer = run([WITH_DATABASE, "env"], cwd=repo(), env=env).succeeded()

    said = dict(line.split("=", 1) for line in answer.out.splitlines() if line.startswith(("DB_", "DATABASE_")))
    assert said == given


def test_without_database_and_engine_both_ways_are_named(repo: Callable[..., Path], tmp_path: Path) -> None:
    env = environment(without=("DB_", "DATABASE_")) | {"PATH": str(_bare_path(tmp_path))}

    answer = run([WITH_DATABASE, "env"], cwd=repo(), env=env)

    assert (answer.code, answer.out, answer.err) == (1, "", NO_DATABASE)


def test_without_a_command_the_usage_is_shown(repo: Callable[..., Path]) -> None:
    answer = run([WITH_DATABASE], cwd=repo())

    assert answer.code == 2
    assert "usage: scripts/with-database COMMAND [ARGUMENT ...]" in answer.err


def _answers(client: httpx.Client, path: str) -> bool:
    try:
        return client.get(path).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _bare_path(folder: Path) -> Path:
    for name in BARE_TOOLS:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder
