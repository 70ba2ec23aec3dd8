"""The image of a generated repository: what is in it, and how it runs where it may do next to nothing."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import httpx
import pytest

from kit.containers import Container, Engine
from kit.folders import run_folder
from kit.postgres import Cluster
from kit.process import Outcome, free_port, run, wait_until
from service import logs
from service.image import Image, by_image, contents_of, faults, own_mistakes
from service.stacks import STACKS, Stack, in_turn

pytestmark = pytest.mark.containers

HARDENED = (
    "--network=host",
    "--read-only",
    "--read-only-tmpfs=false",
    "--tmpfs=/tmp:rw,size=16m",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--memory=256m",
    "--memory-swap=256m",
    "--pids-limit=100",
)
NO_RIGHTS = "0" * 16


@dataclass(frozen=True)
class Service:
    """A container that answers."""

    container: Container
    client: httpx.Client


Migrate = Callable[[], Outcome]
WorkingCopy = Callable[[], Path]


@pytest.fixture(scope="module")
def working_copy(stack: Stack, repo: Callable[..., Path]) -> WorkingCopy:
    """``working_copy()``: the repository as on a person's machine, with a file that git does not know."""

    def copy() -> Path:
        folder = shutil.copytree(repo(stack.answers), Path(mkdtemp(dir=run_folder())) / "repo", symlinks=True)
        (folder / ".env").write_text("DB_PASS=not-a-secret\n")
        return folder

    return copy


@pytest.fixture(scope="module")
def image(engine: Engine, stack: Stack, working_copy: WorkingCopy) -> Image:
    """Build the image as the pipeline does, and take it from the file that the pipeline ships."""
    folder = working_copy()
    note = json.loads(run(["deploy/build"], cwd=folder, env=engine.environment, deadline=300).succeeded().out)
    loaded = engine.podman("load", "--input", folder / note["file"]).succeeded().out
    return Image(engine, loaded.strip().rpartition(" ")[2], folder, contents_of(stack))


@pytest.fixture(scope="module")
def staging(stack: Stack, postgres: Cluster) -> dict[str, str]:  # noqa: ARG001 - each stack has its own schema
    """Return the settings of a staging environment whose database, empty at first, speaks no TLS."""
    return {"APP_ENV": "staging", "HOST": "127.0.0.1", "DB_SSLMODE": "disable"} | postgres.database().environment


@pytest.fixture(scope="module")
def migrate(image: Image, stack: Stack, staging: dict[str, str]) -> Migrate:
    """``migrate()``: the image's own migration of the database."""
    command = tuple(stack.facts["commands"]["migrate_in_image"])
    return lambda: image.engine.run(image.name, *HARDENED, *_given(staging), command=command)


@pytest.fixture(scope="module")
def service(image: Image, staging: dict[str, str], migrate: Migrate) -> Iterator[Service]:
    """Start the service in its image on the migrated database; tests only look at it."""
    migrate().succeeded()
    with _serving(image, staging) as service:
        yield service


def test_hadolint_finds_nothing(stack: Stack, repo: Callable[..., Path], tool: Callable[[str], Path]) -> None:
    run([tool("hadolint"), "Dockerfile"], cwd=repo(stack.answers)).succeeded()


def test_image_of_the_pipeline_holds_what_it_should(image: Image) -> None:
    assert faults(image) == []


def test_image_names_the_commit(image: Image) -> None:
    labels = image.engine.image(image.name)["Config"]["Labels"]

    assert labels["org.opencontainers.image.revision"] == image.commit


def test_image_of_a_working_copy_holds_what_it_should(engine: Engine, stack: Stack, working_copy: WorkingCopy) -> None:
    assert faults(_build(engine, stack, working_copy())) == []


@pytest.mark.parametrize("stack", in_turn(filter(own_mistakes, STACKS)), indirect=True)
def test_image_with_a_fault_is_found(engine: Engine, stack: Stack, working_copy: WorkingCopy) -> None:
    for mistakes in by_image(own_mistakes(stack)):
        folder = working_copy()
        for changes, _ in mistakes:
            for name, (pattern, replacement) in changes.items():
                before = (folder / name).read_text()
                after = re.sub(pattern, replacement, before, count=1, flags=re.MULTILINE)
                assert after != before, f"{name} has nothing like {pattern}"
                (folder / name).write_text(after)

        found = faults(_build(engine, stack, folder))

        assert {mistake.fault for mistake in mistakes} <= set(found), found


def test_change_of_the_source_keeps_the_dependencies(engine: Engine, stack: Stack, working_copy: WorkingCopy) -> None:
    folder = working_copy()
    _build(engine, stack, folder)
    (folder / "api" / "openapi.yaml").write_text("# changed\n")

    again = engine.podman("build", "--format=docker", folder, deadline=300).succeeded().out.splitlines()

    following = [again[number + 1] for number, line in enumerate(again) if contents_of(stack).install in line]
    assert len(following) == 1
    assert following[0].startswith("--> Using cache")


def test_service_answers_from_its_database(service: Service) -> None:
    assert service.client.get("/ready").json() == {"status": "UP", "components": {"db": {"status": "UP"}}}
    assert service.client.post("/v1/items", json={"name": "anchor"}).status_code == httpx.codes.CREATED


def test_service_reports_the_commit_of_the_image(service: Service, image: Image) -> None:
    answer = service.client.get("/version")

    assert answer.json()["commit"] == image.commit
    assert answer.headers["X-Service-Version"] == image.commit


def test_health_check_of_the_image_is_green(service: Service) -> None:
    assert service.container.healthy()


def test_health_check_is_red_without_a_service(image: Image, staging: dict[str, str]) -> None:
    check = tuple(image.health_check[1:])
    deaf = staging | {"PORT": str(free_port())}

    assert image.engine.run(image.name, *HARDENED, *_given(deaf), command=check).code == 1


def test_process_has_no_rights(service: Service) -> None:
    status = service.container.status()

    assert "0" not in status["Uid"].split() + status["Gid"].split()
    assert (status["CapEff"], status["CapPrm"], status["CapBnd"]) == (NO_RIGHTS, NO_RIGHTS, NO_RIGHTS)
    assert status["NoNewPrivs"] == "1"


def test_nothing_but_the_temporary_folder_can_be_written(service: Service) -> None:
    root = service.container.root()

    with pytest.raises(OSError, match="Read-only file system"):
        (root / "service" / "changed").touch()
    assert (root / "tmp").stat().st_mode & 0o777 == 0o777
    (root / "tmp" / "scratch").touch()


def test_log_is_one_json_object_a_line(service: Service) -> None:
    log = service.container.log()

    lines = [json.loads(line) for line in log.out.splitlines()]
    assert log.err == ""
    assert "server listening" in [line["message"] for line in lines]
    assert [said for line in lines if (said := logs.faults(line))] == []


def test_migration_can_be_repeated(migrate: Migrate) -> None:
    migrate().succeeded()
    migrate().succeeded()


@pytest.mark.parametrize("given", [{}, {"APP_ENV": "staging"}], ids=["image", "staging"])
def test_without_a_database_it_refuses_to_start(image: Image, given: dict[str, str]) -> None:
    refused = image.engine.run(image.name, *HARDENED, *_given(given))

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("configuration is invalid:\n")
    assert re.search(r"^  DATABASE_URL: .+", refused.err, re.MULTILINE)


def test_service_ends_by_itself_when_asked(image: Image, staging: dict[str, str], migrate: Migrate) -> None:
    migrate().succeeded()
    with _serving(image, staging) as service:
        code = service.container.stop(10)

        assert code in (0, 143)
        lines = service.container.log().out.splitlines()
        assert "shutdown completed" in [json.loads(line)["message"] for line in lines]


@contextmanager
def _serving(image: Image, env: dict[str, str]) -> Iterator[Service]:
    port = free_port()
    with (
        image.engine.start(image.name, *HARDENED, *_given(env | {"PORT": str(port)})) as container,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):

        def ready() -> bool:
            if not container.running():
                pytest.fail(f"the container ended\n{container.log()}", pytrace=False)
            try:
                return client.get("/ready").status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        wait_until(ready, "the container is ready", deadline=30)
        yield Service(container, client)


def _given(env: Mapping[str, str]) -> list[str]:
    return [f"--env={name}={value}" for name, value in env.items()]


def _build(engine: Engine, stack: Stack, folder: Path) -> Image:
    """Build as compose does: from the files that lie there."""
    name = f"localhost/{folder.parent.name.strip('_')}"
    labels = ["--label=org.opencontainers.image.revision=0"]
    engine.podman("build", "--format=docker", *labels, "--tag", name, folder, deadline=300).succeeded()
    return Image(engine, name, folder, contents_of(stack))
