"""The life of the process."""

import re
import signal
import socket
from collections.abc import Iterator

import httpx2
import pytest

from tests.support.process import Process, started

REQUEST = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Process]:
    """Share a server that no test ends."""
    with started() as process:
        yield process


def connect(process: Process) -> socket.socket:
    return socket.create_connection(("127.0.0.1", process.port), 10)


def received(connection: socket.socket) -> bytes:
    data = b""
    while piece := connection.recv(65_536):
        data += piece
    return data


def test_a_server_without_a_database_warns_listens_and_says_where() -> None:
    with started() as process:
        assert httpx2.get(f"{process.url}/health").status_code == 200
        assert [line["level"] for line in process.lines] == ["warn", "info"]
        assert process.line("server listening")["server_address"] == "127.0.0.1"


def test_a_wrong_configuration_is_told_on_stderr_and_nothing_is_opened() -> None:
    with started(PORT="http", APP_ENV="production") as process:
        code, messages, err = process.ended()

    assert (code, messages) == (1, [])
    assert err.splitlines() == [
        "configuration is invalid:",
        "  PORT: must be an integer from 0 to 65535",
        "  DATABASE_URL: is required in staging and production (or DB_HOST, DB_NAME and DB_USER)",
    ]


def test_a_port_in_use_is_told_in_a_sentence() -> None:
    with started() as first, started(PORT=str(first.port)) as second:
        code, messages, err = second.ended()

    assert (code, messages) == (1, [])
    assert re.fullmatch(r"cannot listen: .*in use.*\n", err)


def test_a_migration_without_a_database_is_told_in_a_sentence() -> None:
    with started("app.migrate") as process:
        code, _, err = process.ended()

    assert (code, err[:34]) == (1, "there is no database to migrate: s")


def test_the_health_check_of_the_image_tells_whether_the_service_lives() -> None:
    with started() as process:
        port = str(process.port)
        with started("app.healthcheck", PORT=port) as check:
            assert check.ended()[0] == 0
    with started("app.healthcheck", PORT=port) as check:
        assert check.ended()[0] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_an_idle_server(number: signal.Signals) -> None:
    with started() as process, connect(process):
        httpx2.get(f"{process.url}/health")
        process.child.send_signal(number)

        code, messages, err = process.ended()

    assert (code, messages[-2:], err) == (0, ["shutdown started", "shutdown completed"], "")


def test_a_request_on_an_idle_connection_just_after_the_signal_is_answered() -> None:
    with started() as process, connect(process) as connection:
        connection.sendall(REQUEST)
        while not connection.recv(65_536).endswith(b"}"):
            pass
        process.child.send_signal(signal.SIGTERM)
        process.line("shutdown started")

        connection.sendall(REQUEST)
        answer = received(connection)

        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\nconnection: close\r\n" in answer.lower()
        assert process.ended()[0] == 0


def test_a_request_that_has_begun_is_answered_before_the_end() -> None:
    body = b'{"name":"anchor"}'
    head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    with started() as process, connect(process) as connection:
        connection.sendall(head[:-2])
        httpx2.get(f"{process.url}/health")
        process.child.send_signal(signal.SIGTERM)
        process.line("shutdown started")
        connection.sendall(head[-2:] + body)

        assert received(connection).startswith(b"HTTP/1.1 404 ")


def test_for_the_delay_everything_is_served_and_readiness_tells_the_end() -> None:
    with started(SHUTDOWN_DELAY_MS="600000") as process:
        url = process.url
        process.child.send_signal(signal.SIGTERM)
        process.line("shutdown started")

        ready, health = httpx2.get(f"{url}/ready"), httpx2.get(f"{url}/health")

        assert (ready.status_code, ready.json()) == (503, {"status": "OUT_OF_SERVICE", "components": {}})
        assert (health.status_code, health.headers["connection"]) == (200, "close")
        process.child.send_signal(signal.SIGTERM)
        assert process.ended()[0] == 1


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"anchor\r\n\r\n", 400),
        (b"get / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 16_384 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 200_000, 431),
    ],
    ids=["no HTTP", "a method in small letters", "two lengths", "large headers", "endless headers"],
)
def test_what_never_becomes_a_request_is_refused_with_a_problem(
    server: Process, request_text: bytes, status: int
) -> None:
    with connect(server) as connection:
        connection.sendall(request_text)
        head, _, body = received(connection).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\ncontent-type: application/problem+json\r\n" in head.lower()
    assert b'"status":%d,' % status in body
