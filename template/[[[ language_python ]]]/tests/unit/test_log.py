"""Golden log lines."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.config import load_config
from app.log import Access, Log, RequestContext, adopt_libraries, request_context

CONTEXT = RequestContext("r-1", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
FRAME = {"service_name": "anchor-api", "service_version": "1.2.3", "deployment_environment": "test"}
ACCESS = Access("GET", "/v1/items", "/v1/items", 200, 1.5, "192.0.2.1", "curl/8")
Write = Callable[[Log], object]


def written(write: Write, level: str = "debug") -> list[dict[str, Any]]:
    file = io.StringIO()
    names = {"SERVICE_NAME": "anchor-api", "SERVICE_VERSION": "1.2.3"}
    write(Log(load_config({"APP_ENV": "test", "LOG_LEVEL": level, **names}), file))
    return [json.loads(line) for line in file.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("message", "write", "fields"),
    [
        (
            "server listening",
            lambda log: log.listening("127.0.0.1", 8080),
            {"level": "info", "logger": "server", "server_address": "127.0.0.1", "server_port": 8080},
        ),
        (
            "no database is configured; items are kept in memory and lost at exit",
            Log.memory_store,
            {"level": "warn", "logger": "service"},
        ),
        (
            "request completed",
            lambda log: log.request(CONTEXT, ACCESS),
            {
                "level": "info",
                "logger": "http",
                **CONTEXT._asdict(),
                "http_request_method": "GET",
                "url_path": "/v1/items",
                "http_route": "/v1/items",
                "http_response_status_code": 200,
                "duration_ms": 1.5,
                "client_address": "192.0.2.1",
                "user_agent": "curl/8",
            },
        ),
        (
            "readiness changed",
            lambda log: log.readiness("it does not answer"),
            {"level": "warn", "logger": "health", "status": "DOWN", "error_message": "it does not answer"},
        ),
        ("readiness changed", lambda log: log.readiness(None), {"level": "info", "logger": "health", "status": "UP"}),
        (
            "shutdown started",
            lambda log: log.shutdown_started("SIGTERM"),
            {"level": "info", "logger": "server", "signal": "SIGTERM"},
        ),
        ("shutdown completed", Log.shutdown_completed, {"level": "info", "logger": "server"}),
        ("0001 is applied", lambda log: log.migration("0001 is applied"), {"level": "info", "logger": "migrate"}),
    ],
)
def test_a_line_has_the_fields_of_the_contract(message: str, write: Write, fields: dict[str, object]) -> None:
    (line,) = written(write)

    assert line.pop("timestamp")[10:11] == "T"
    assert line == {**FRAME, **fields, "message": message}


def test_a_failure_is_told_with_its_stack_and_the_ids_of_its_request() -> None:
    token = request_context.set(CONTEXT)
    try:
        (line,) = written(lambda log: log.failure(ValueError("too far")))
    finally:
        request_context.reset(token)

    assert (line["level"], line["error_type"], line["error_message"]) == ("error", "ValueError", "too far")
    assert line["error_stack"] == "ValueError: too far\n"
    assert {name: line[name] for name in CONTEXT._fields} == CONTEXT._asdict()


@pytest.mark.parametrize(
    ("path", "status", "level"),
    [
        ("/v1/items", 200, "info"),
        ("/v1/items", 499, "info"),
        ("/v1/items", 500, "error"),
        ("/version", 200, "info"),
        ("/health", 200, "debug"),
        ("/ready", 200, "debug"),
        ("/metrics", 200, "debug"),
        ("/ready", 503, "error"),
    ],
)
def test_status_and_path_decide_the_level_of_a_request(path: str, status: int, level: str) -> None:
    (line,) = written(lambda log: log.request(CONTEXT, replace(ACCESS, path=path, status=status)))

    assert line["level"] == level


def test_the_level_decides_whether_a_line_is_written() -> None:
    def write(log: Log) -> None:
        log.request(CONTEXT, ACCESS)
        log.request(CONTEXT, replace(ACCESS, path="/health"))

    assert (len(written(write, "info")), len(written(write, "error"))) == (1, 0)


@pytest.mark.parametrize("name", ["authorization", "Cookie", "password", "DB_PASS"])
def test_a_secret_is_redacted_at_any_depth(name: str) -> None:
    (line,) = written(lambda log: log.logger.info("hello", a={name: 'top "secret"', "b": 1}, c=[{name: 7}]))

    assert (line["a"], line["c"]) == ({name: "[redacted]", "b": 1}, [{name: "[redacted]"}])


def test_credentials_of_a_url_are_redacted_wherever_it_stands() -> None:
    url = "postgres://app:s3cret@db/orders"

    def write(log: Log) -> None:
        log.logger.info("connecting", url=url)
        log.failure(OSError(f"no answer from {url}"))
        log.request(CONTEXT, replace(ACCESS, path=f"/{url}", user_agent=url, client=url))

    lines = written(write)

    assert len(lines) == 3
    assert "s3cret" not in json.dumps(lines)
    assert lines[0]["url"] == "postgres://[redacted]@db/orders"


def test_text_from_outside_cannot_break_a_line() -> None:
    (line,) = written(lambda log: log.request(CONTEXT, replace(ACCESS, user_agent='"}\n{', client='"')))

    assert (line["user_agent"], line["client_address"]) == ('"}\n{', '"')


@pytest.fixture
def root_logger() -> Iterator[None]:
    """Give the process its own handlers back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("root_logger")
def test_what_libraries_log_has_the_same_form() -> None:
    def write(log: Log) -> None:
        adopt_libraries(log)
        logging.getLogger("library").warning("odd: %s", 1)
        logging.getLogger("library").info("even")
        logging.getLogger("psycopg.pool").warning("out of reach")

    assert [(line["logger"], line["level"], line["message"]) for line in written(write)] == [
        ("library", "warn", "odd: 1")
    ]
