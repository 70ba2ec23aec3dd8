"""The end of a service under load. Lost = a request sent on an accepted connection without a complete response."""

import signal
import socket

import psycopg
import pytest

from kit.postgres import Cluster, Database
from kit.process import free_port, wait_until
from service.client import JSON, request
from service.instance import Launch, Service
from service.items import create
from service.load import Load, entered, event_loop, sending
from service.proxy import Proxy, balancing

CLEAN = (0, 143)
REQUESTS = 10_000
Environment = dict[str, str]


@pytest.fixture
def stored(store: str, request: pytest.FixtureRequest) -> Environment:
    """Return the settings of each store in turn."""
    if store == "memory":
        return {}
    database: Database = request.getfixturevalue("database")
    return database.environment


def is_refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def drained(service: Service) -> None:
    wait_until(lambda: not service.ready(), "the service says that it drains")


def test_a_rolling_restart_under_load_loses_nothing(launch: Launch, database: Database, postgres: Cluster) -> None:
    ports = [free_port(), free_port()]
    settings = [database.environment | {"PORT": str(port), "SHUTDOWN_DELAY_MS": "500"} for port in ports]
    services = [launch(**env).until_ready() for env in settings]
    with event_loop() as loop, entered(loop, balancing(*ports)) as proxy:
        wait_until(lambda: proxy.ready == set(ports), "both instances are known to be ready")
        with sending(loop, Load(proxy.port, clients=16, reconnect=True)) as account:
            for number in (0, 1, 0, 1):
                until_passed(proxy, account.complete + REQUESTS // 5)
                assert services[number].stop() in CLEAN
                services[number] = launch(**settings[number])
                wait_until(lambda: proxy.ready == set(ports), "the new instance is known to be ready")
            until_passed(proxy, REQUESTS)

    assert (proxy.lost, account.lost) == ([], [])
    assert set(account.statuses) == {200, 201}
    assert account.complete >= REQUESTS
    assert postgres.sql("SELECT count(*) FROM items", database.name).strip() == str(len(account.created))


def until_passed(proxy: Proxy, count: int) -> None:
    wait_until(lambda: sum(proxy.passed.values()) >= count, f"{count} requests are answered", deadline=60)


def test_each_busy_connection_is_told_to_end_and_loses_nothing(launch: Launch, stored: Environment) -> None:
    service = launch(SHUTDOWN_DELAY_MS="500", **stored).until_ready()
    with event_loop() as loop, sending(loop, Load(service.port, clients=30, reconnect=False)) as account:
        wait_until(lambda: account.complete > 500, "the load runs")

        assert service.stop() in CLEAN

    assert account.lost == []
    assert account.closing == 30
    assert set(account.statuses) == {200, 201}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_request_in_flight_is_finished(launch: Launch, stored: Environment, number: signal.Signals) -> None:
    service = launch(**stored).until_ready()
    data = request("POST", "/v1/items", {"name": "anchor"}, JSON)
    with service.client.wire() as wire:
        wire.send(data[:-5])
        service.client.get("/health")
        service.running.signal(number)
        service.until_logged("shutdown started", signal=number.name)
        wait_until(lambda: is_refused(service.port), "connections are refused")
        wire.send(data[-5:])

        answer = wire.answer("POST", "/v1/items")

        assert (answer.status, answer.header("connection")) == (201, "close")
        assert wire.is_closed()
    assert service.running.wait() in {*CLEAN, 128 + number}
    assert service.log.lines()[-1]["message"] == "shutdown completed"


def test_a_query_in_flight_is_finished(launch: Launch, database: Database, postgres: Cluster) -> None:
    service = launch(**database.environment).until_ready()
    with psycopg.connect(database.url) as holder, service.client.wire() as wire:
        holder.execute("LOCK TABLE items")
        wire.send(request("POST", "/v1/items", {"name": "anchor"}, JSON))
        wait_until(lambda: postgres.waiting(database), "the query waits for the lock")
        service.running.signal(signal.SIGTERM)
        wait_until(lambda: is_refused(service.port), "connections are refused")
        holder.rollback()

        assert wire.answer("POST", "/v1/items").status == 201
    assert service.running.wait() in CLEAN


def test_everything_is_served_during_the_delay(launch: Launch, stored: Environment) -> None:
    service = launch(SHUTDOWN_DELAY_MS="600000", **stored).until_ready()
    component = b'"db":{"status":"UP"}' if stored else b""
    service.running.signal(signal.SIGTERM)
    drained(service)

    ready = service.client.get("/ready")
    answers = [service.client.get("/v1/items"), service.client.get("/health"), service.client.get("/nowhere")]
    create(service.client, "anchor")

    assert ready.body == b'{"status":"OUT_OF_SERVICE","components":{%b}}' % component
    assert [answer.status for answer in answers] == [200, 200, 404]
    assert {answer.header("connection") for answer in [ready, *answers]} == {"close"}
    assert service.stop() == 1


def test_after_the_delay_the_service_ends(launch: Launch, stored: Environment) -> None:
    service = launch(SHUTDOWN_DELAY_MS="300", **stored).until_ready()

    assert service.stop() in CLEAN

    assert [line["message"] for line in service.log.lines()][-1] == "shutdown completed"


def test_idle_connections_do_not_keep_the_service(launch: Launch, stored: Environment) -> None:
    service = launch(**stored).until_ready()
    with service.client.wire() as used, service.client.wire() as unused:
        used.send(request("GET", "/health"))
        used.answer("GET", "/health")

        assert service.stop() in CLEAN

        assert used.is_closed()
        assert unused.is_closed()


def test_a_second_signal_ends_the_service_at_once(launch: Launch) -> None:
    service = launch()
    with service.client.wire() as wire:
        wire.send(request("POST", "/v1/items", {"name": "anchor"}, JSON)[:-1])
        service.client.get("/health")
        service.running.signal(signal.SIGTERM)
        service.until_logged("shutdown started")

        assert service.stop() == 1


def test_a_request_that_outlasts_the_time_out_ends_with_1(launch: Launch) -> None:
    service = launch(SHUTDOWN_TIMEOUT_MS="200")
    with service.client.wire() as wire:
        wire.send(request("POST", "/v1/items", {"name": "anchor"}, JSON)[:-1])
        service.client.get("/health")

        assert service.stop() == 1


def test_a_second_signal_waits_for_no_query(launch: Launch, database: Database, postgres: Cluster) -> None:
    patience = {"DB_STATEMENT_TIMEOUT_MS": "600000", "REQUEST_TIMEOUT_MS": "600000"}
    service = launch(**database.environment, **patience).until_ready()
    with psycopg.connect(database.url) as holder, service.client.wire() as wire:
        holder.execute("LOCK TABLE items")
        wire.send(request("POST", "/v1/items", {"name": "anchor"}, JSON))
        wait_until(lambda: postgres.waiting(database), "the query waits for the lock")
        service.running.signal(signal.SIGTERM)
        service.until_logged("shutdown started")

        assert service.stop() == 1
