"""The database goes away, comes back, is slow or not yet there: the service says so, and lives."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from kit.postgres import Cluster, Database
from kit.process import free_port, wait_until
from service import instance, logs, scrape
from service.client import request
from service.document import Document
from service.instance import Launch, MigrateIn
from service.items import create
from service.load import Account, Load, event_loop, sending
from service.stacks import Build
from service.wire import forwarding

USED = "db_client_connection_count"
MARKER = "marker-of-a-secret"
Holder = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def holder(database: Database) -> Iterator[Holder]:
    """Hold the table ``items`` locked until ``rollback``."""
    with psycopg.connect(database.url) as connection:
        connection.execute("LOCK TABLE items")
        yield connection


def test_an_outage_under_load_is_told_and_passes(
    launch: Launch, own_postgres: Cluster, migrate_in: MigrateIn, document: Document
) -> None:
    database = migrate_in(own_postgres)
    service = launch(**database.environment, DB_CONNECT_TIMEOUT_MS="500").until_ready()
    with event_loop() as loop, sending(loop, Load(service.port, clients=10, reconnect=True)) as account:
        for mode in ("fast", "immediate"):
            until_more(account, 200)
            own_postgres.stop(mode)
            until_more(account, 503)
            wait_until(lambda: not service.ready(), "the service is not ready")
            answer = service.client.get("/v1/items")
            own_postgres.start()
            service.until_ready()

            assert document.refusal(answer) == ("unavailable", [])
        until_more(account, 200)

    assert account.lost == []
    assert set(account.statuses) == {200, 201, 503}
    assert service.is_alive()
    assert [said for line in service.log.lines() if (said := logs.faults(line))] == []


def until_more(account: Account, status: int) -> None:
    before = account.statuses[status]
    wait_until(lambda: account.statuses[status] > before + 50, f"50 more requests are answered {status}")


def test_a_service_starts_before_its_database(launch: Launch, document: Document) -> None:
    service = launch(DB_HOST="127.0.0.1", DB_PORT=str(free_port()), DB_NAME="x", DB_USER="x")

    listed, created = service.client.get("/v1/items"), service.client.post("/v1/items", {"name": "anchor"})

    assert [document.refusal(answer) for answer in (listed, created)] == [("unavailable", [])] * 2
    assert service.client.get("/health").status == 200
    assert service.client.get("/ready").json == {"status": "DOWN", "components": {"db": {"status": "DOWN"}}}


def test_a_service_becomes_ready_when_its_database_is_there(
    launch: Launch, own_postgres: Cluster, build: Build
) -> None:
    database = own_postgres.database()
    own_postgres.stop()
    service = launch(**database.environment)
    assert not service.ready()

    own_postgres.start()
    assert not service.ready()
    instance.migrate(build, database.environment).succeeded()

    service.until_ready()
    create(service.client, "anchor")


def test_a_database_that_falls_silent_is_a_time_out(launch: Launch, database: Database, document: Document) -> None:
    with forwarding(database.port) as wire:
        address = database.environment | {"DB_PORT": str(wire.port)}
        service = launch(**address, DB_STATEMENT_TIMEOUT_MS="300", REQUEST_TIMEOUT_MS="3000").until_ready()
        wire.hold()

        answer = service.client.get("/v1/items")
        wire.release()

        assert document.refusal(answer) in (("timeout", []), ("unavailable", []))
        wait_until(lambda: service.client.get("/v1/items").status == 200, "the service has recovered")


def test_a_statement_over_its_time_is_a_time_out(
    launch: Launch, database: Database, postgres: Cluster, holder: Holder, document: Document
) -> None:
    service = launch(**database.environment, DB_STATEMENT_TIMEOUT_MS="200").until_ready()

    late = service.client.get("/v1/items")
    left_behind = postgres.waiting(database)
    holder.rollback()

    assert (late.status, document.refusal(late)) == (504, ("timeout", []))
    assert left_behind == 0
    assert service.client.get("/v1/items").status == 200
    assert [line for line in service.log.lines() if line["message"] == "request failed"] == []


def test_a_request_over_its_time_is_a_time_out(
    launch: Launch, database: Database, holder: Holder, document: Document
) -> None:
    service = launch(**database.environment, REQUEST_TIMEOUT_MS="300").until_ready()

    late = service.client.get("/v1/items")
    holder.rollback()

    assert (late.status, document.refusal(late)) == (504, ("timeout", []))
    assert service.client.get("/v1/items").status == 200


def test_an_exhausted_pool_is_unavailable_and_counted(
    launch: Launch, database: Database, holder: Holder, document: Document
) -> None:
    service = launch(**database.environment, DB_POOL_MAX="1", DB_CONNECT_TIMEOUT_MS="200").until_ready()
    with service.client.wire() as first:
        first.send(request("GET", "/v1/items"))
        scrape.until(service.client, lambda now: now.total(USED, db_client_connection_state="used") == 1, "it waits")

        refused = service.client.get("/v1/items")
        holder.rollback()

        assert (refused.status, document.refusal(refused)) == (503, ("unavailable", []))
        assert first.answer("GET", "/v1/items").status == 200
    assert scrape.scrape(service.client).total("db_client_connection_timeouts_total") >= 1


def test_the_pool_never_grows_beyond_its_limit(launch: Launch, database: Database, postgres: Cluster) -> None:
    service = launch(**database.environment, DB_POOL_MAX="3", DB_CONNECT_TIMEOUT_MS="30000").until_ready()
    seen = set()
    with event_loop() as loop, sending(loop, Load(service.port, clients=50, reconnect=True)) as account:
        while account.complete < 2000:
            seen.add(postgres.connections(database))

    assert max(seen) == 3
    assert set(account.statuses) == {200, 201}


def test_migrations_may_run_twice_and_side_by_side(build: Build, postgres: Cluster, launch: Launch) -> None:
    database = postgres.database()
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda _: instance.migrate(build, database.environment), range(3)))
    before = tables(postgres, database)

    again = instance.migrate(build, database.environment)

    assert [outcome.code for outcome in [*together, again]] == [0, 0, 0, 0]
    assert tables(postgres, database) == before
    launch(**database.environment).until_ready()


def tables(postgres: Cluster, database: Database) -> str:
    sql = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
    return postgres.sql(f"{sql} ORDER BY 1, 2", database.name)


def test_a_migration_that_cannot_run_fails(build: Build) -> None:
    nowhere = {"DB_HOST": "127.0.0.1", "DB_PORT": str(free_port()), "DB_NAME": "x", "DB_USER": "x"}

    outcome = instance.migrate(build, nowhere | {"DB_PASS": MARKER})

    assert outcome.code != 0
    assert MARKER not in outcome.out + outcome.err


def test_items_outlive_the_service(launch: Launch, database: Database) -> None:
    first = launch(**database.environment).until_ready()
    item = create(first.client, "anchor")
    first.stop()

    second = launch(**database.environment).until_ready()

    assert second.client.get(f"/v1/items/{item['id']}").json == item
