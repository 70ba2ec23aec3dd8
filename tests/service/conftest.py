"""The services that tests of this layer ask for."""

import functools
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from kit import containers
from kit.containers import Engine
from kit.postgres import Cluster, Database, own_cluster
from service import instance, logs
from service.document import Document
from service.instance import Install, Launch, MigrateIn, NewDatabase, Service
from service.items import delete_all
from service.stacks import STACKS, Build, Stack, in_turn

STORES = ("memory", "postgres")
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what builds and runs images of a stack with one worker: its engine remembers what it has built."""
    for item in items:
        stack = getattr(getattr(item, "callspec", None), "params", {}).get("stack")
        if stack and item.get_closest_marker("containers"):
            item.add_marker(pytest.mark.xdist_group(f"containers of {stack.name}"))


@pytest.fixture(scope="session", params=in_turn(STACKS))
def stack(request: pytest.FixtureRequest) -> Stack:
    """Each language and framework in turn."""
    chosen: Stack = request.param
    return chosen


@pytest.fixture(scope="session")
def install(stack: Stack, repo: Callable[..., Path]) -> Install:
    """``install("24")``: the generated repository for a version of the language, its dependencies from the lock."""
    return lambda version: instance.installed(stack, version, repo)


@pytest.fixture(scope="session")
def build(stack: Stack, install: Install) -> Build:
    """Install the repository for the default version of the language."""
    return install(stack.versions[0])


@pytest.fixture(scope="session")
def engine(stack: Stack, repo: Callable[..., Path]) -> Iterator[Engine]:
    """Run an engine that has the images which the Dockerfile and compose.yaml start from."""
    with containers.engine(*containers.images_of(repo(stack.answers))) as engine:
        yield engine


@pytest.fixture(scope="session")
def document(build: Build) -> Document:
    """Read the OpenAPI document of the generated repository."""
    return Document.of(build.folder)


@pytest.fixture(scope="session")
def migrated(build: Build, postgres: Cluster) -> Database:
    """Migrate a database that is only a pattern for others."""
    pattern = postgres.database()
    instance.migrate(build, pattern.environment).succeeded()
    return pattern


@pytest.fixture(scope="session")
def new_database(migrated: Database, postgres: Cluster) -> NewDatabase:
    """``new_database()``: a migrated, empty database."""

    def create() -> Database:
        name = f"{migrated.name}_copy_{os.getpid()}_{next(_numbers)}"
        postgres.sql(f"CREATE DATABASE {name} TEMPLATE {migrated.name} OWNER {migrated.user}")
        return replace(migrated, name=name)

    return create


@pytest.fixture
def database(new_database: NewDatabase) -> Database:
    """Make a migrated, empty database for this test alone."""
    return new_database()


@pytest.fixture
def launch(build: Build, document: Document) -> Iterator[Launch]:
    """``launch(LOG_LEVEL="debug")``: a service of this test's own, in memory unless ``DB_*`` says otherwise."""
    with ExitStack() as services:

        def start(**env: str) -> Service:
            return services.enter_context(instance.serve(build, document, env))

        yield start


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """Return both stores in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def shared(build: Build, document: Document, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Service]]:
    """``shared("memory")``: the long-lived service of this worker on a store, started when it is first asked for."""
    with ExitStack() as services:

        @functools.cache
        def on(store: str) -> Service:
            env = request.getfixturevalue("new_database")().environment if store == "postgres" else {}
            settings = {"LOG_LEVEL": "debug"} | env
            return services.enter_context(instance.serve(build, document, settings)).until_ready()

        yield on


@pytest.fixture
def service(shared: Callable[[str], Service], store: str) -> Iterator[Service]:
    """Lend a ready service on an empty store; it survives the test, logs by the contract and meets no error."""
    lent = shared(store)
    delete_all(lent.client)
    since = lent.log.end()
    yield lent
    assert lent.is_alive()
    lines = lent.log.lines(since)
    assert [(line, said) for line in lines if (said := logs.faults(line))] == []
    assert [line for line in lines if line["level"] == "error"] == []
    assert lent.running.err() == ""


@pytest.fixture(scope="session")
def narrow(build: Build, document: Document) -> Iterator[Service]:
    """Start the long-lived service of this worker that takes bodies of 64 bytes at most."""
    with instance.serve(build, document, {"MAX_BODY_BYTES": "64"}) as service:
        yield service


@pytest.fixture
def own_postgres() -> Iterator[Cluster]:
    """Run a PostgreSQL server that the test may stop and start."""
    with own_cluster() as cluster:
        yield cluster


@pytest.fixture
def migrate_in(build: Build) -> MigrateIn:
    """``migrate_in(own_postgres)``: a migrated, empty database on a server of one's own."""

    def create(cluster: Cluster) -> Database:
        database = cluster.database()
        instance.migrate(build, database.environment).succeeded()
        return database

    return create


@pytest.fixture(scope="session")
def playground(postgres: Cluster) -> Database:
    """Make a database whose user may create others, as the integration suites of generated repositories do."""
    return postgres.playground()
