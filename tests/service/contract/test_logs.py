"""Chapter "Logs": what is logged when; every line of every test is held against the golden fields as well."""

import pytest

from kit.postgres import Cluster, Database
from kit.process import free_port, wait_until
from service import logs
from service.document import TRACEPARENT, Document
from service.instance import Launch, MigrateIn, Service
from service.items import create

MARKER = "marker-of-a-secret"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
MEMORY = "no database is configured; items are kept in memory and lost at exit"


def faults_of(service: Service) -> list[tuple[logs.Line, list[str]]]:
    return [(line, said) for line in service.log.lines() if (said := logs.faults(line))]


def test_the_first_lines_in_memory_warn_and_name_the_port(launch: Launch) -> None:
    service = launch(SERVICE_NAME="fleet", SERVICE_VERSION="3.2.1", APP_ENV="test")

    warning, listening = service.log.lines()

    assert (warning["level"], warning["message"]) == ("warn", MEMORY)
    assert (listening["server_address"], listening["server_port"]) == ("127.0.0.1", service.port)
    assert {line["service_name"] for line in (warning, listening)} == {"fleet"}
    assert {line["service_version"] for line in (warning, listening)} == {"3.2.1"}
    assert {line["deployment_environment"] for line in (warning, listening)} == {"test"}
    assert faults_of(service) == []


def test_a_service_with_a_database_does_not_warn(launch: Launch, database: Database) -> None:
    service = launch(**database.environment).until_ready()

    assert [line for line in service.log.lines() if line["message"] == MEMORY or line["level"] == "warn"] == []


@pytest.mark.parametrize(
    ("method", "target", "path", "route", "status", "level"),
    [
        ("GET", "/v1/items?limit=1", "/v1/items", "/v1/items", 200, "info"),
        ("GET", "/v1/items/anchor", "/v1/items/anchor", "/v1/items/{id}", 422, "info"),
        ("POST", "/v1/items", "/v1/items", "/v1/items", 415, "info"),
        ("GET", "/nowhere?x=y", "/nowhere", "", 404, "info"),
        ("GET", "/version", "/version", "/version", 200, "info"),
        ("GET", "/openapi.yaml", "/openapi.yaml", "/openapi.yaml", 200, "info"),
        ("GET", "/health?x=y", "/health", "/health", 200, "debug"),
        ("GET", "/ready", "/ready", "/ready", 200, "debug"),
        ("GET", "/metrics", "/metrics", "/metrics", 200, "debug"),
    ],
)
def test_each_request_leaves_one_line(  # noqa: PLR0913, PLR0917 - a row of the table
    service: Service, method: str, target: str, path: str, route: str, status: int, level: str
) -> None:
    since = service.log.end()

    answer = service.client.send(method, target, headers=(("X-Request-Id", "r-1"), ("User-Agent", "tests/1")))

    line = service.until_logged("request completed", since, request_id="r-1")
    span = TRACEPARENT.fullmatch(answer.header("traceparent") or "")
    assert span
    assert (
        line.items()
        >= {
            "level": level,
            "http_request_method": method,
            "url_path": path,
            "http_route": route,
            "http_response_status_code": status,
            "client_address": "127.0.0.1",
            "user_agent": "tests/1",
            "trace_id": span[1],
            "span_id": span[2],
        }.items()
    )
    assert line["duration_ms"] >= 0
    of_request = [one["message"] for one in service.log.lines(since) if one["request_id"] == "r-1"]
    assert of_request == ["request completed"]


def test_an_absent_user_agent_is_empty(service: Service) -> None:
    service.client.get("/v1/items", (("X-Request-Id", "absent-agent"),))

    assert service.until_logged("request completed", request_id="absent-agent")["user_agent"] == ""


def test_the_log_continues_the_trace_of_the_caller(service: Service) -> None:
    since = service.log.end()

    service.client.get("/v1/items", (("traceparent", f"00-{TRACE}-{SPAN}-01"),))

    line = service.until_logged("request completed", since, trace_id=TRACE)
    assert (line["request_id"], line["span_id"] == SPAN) == (TRACE, False)


@pytest.mark.parametrize(("level", "seen"), [("debug", 2), ("info", 1), ("warn", 0), ("error", 0)])
def test_the_level_decides_which_lines_are_written(launch: Launch, level: str, seen: int) -> None:
    service = launch(LOG_LEVEL=level, PORT=str(free_port()))
    service.client.get("/health")
    service.client.get("/v1/items")

    service.stop()

    assert len([line for line in service.log.lines() if line["message"] == "request completed"]) == seen


def test_secrets_of_a_request_reach_no_line(launch: Launch) -> None:
    service = launch(LOG_LEVEL="debug")
    headers = (
        ("Authorization", f"Bearer {MARKER}"),
        ("Proxy-Authorization", f"Basic {MARKER}"),
        ("Cookie", f"session={MARKER}"),
        ("User-Agent", f"crawler (+https://user:{MARKER}@example.com/)"),
        ("Referer", f"https://user:{MARKER}@example.com/"),
        ("Content-Type", "application/json"),
    )
    targets = ("/v1/items", f"/v1/items?password={MARKER}", f"/nowhere?token={MARKER}", "/health", "/metrics")

    for target in targets:
        service.client.get(target, headers)
        service.client.post(target, {"name": "anchor", "password": MARKER}, headers)
    service.client.post("/v1/items", b'{"password": "' + MARKER.encode(), headers)
    service.stop()

    completed = [line for line in service.log.lines() if line["message"] == "request completed"]
    assert len(completed) == 2 * len(targets) + 1
    assert MARKER not in service.running.out() + service.running.err()


def test_an_unexpected_error_is_logged_once_and_hidden_from_the_client(
    launch: Launch, database: Database, postgres: Cluster, document: Document
) -> None:
    service = launch(**database.environment).until_ready()
    postgres.sql("ALTER TABLE items RENAME TO marker_table", database.name)

    answer = service.client.get("/v1/items?limit=1", (("X-Request-Id", "r-1"),))

    assert (answer.status, document.refusal(answer)) == (500, ("internal", []))
    failed = service.until_logged("request failed", request_id="r-1")
    completed = service.until_logged("request completed", request_id="r-1")
    assert (failed["level"], completed["level"]) == ("error", "error")
    assert failed["error_type"]
    assert "items" in failed["error_message"]
    assert failed["error_message"].splitlines()[0] in failed["error_stack"]
    assert completed["http_response_status_code"] == 500
    assert [line["message"] for line in service.log.lines() if line["level"] == "error"].count("request failed") == 1
    assert faults_of(service) == []


def test_a_refusal_leaves_no_stack(service: Service) -> None:
    create(service.client, "anchor")
    since = service.log.end()

    statuses = [
        service.client.get("/nowhere").status,
        service.client.send("PATCH", "/v1/items").status,
        service.client.post("/v1/items", {"name": "anchor"}).status,
        service.client.post("/v1/items", b"{").status,
        service.client.post("/v1/items", {}).status,
    ]

    assert statuses == [404, 405, 409, 400, 422]
    service.until_logged("request completed", since, http_response_status_code=422)
    assert "stack" not in service.log.text(since)


def test_readiness_is_logged_when_it_changes(launch: Launch, own_postgres: Cluster, migrate_in: MigrateIn) -> None:
    database = migrate_in(own_postgres)
    service = launch(**database.environment, DB_CONNECT_TIMEOUT_MS="500").until_ready()
    since = service.log.end()

    own_postgres.stop()
    wait_until(lambda: not service.ready(), "the outage is noticed")
    own_postgres.start()
    service.until_ready()
    service.until_logged("readiness changed", since, status="UP")

    changes = [line for line in service.log.lines(since) if line["message"] == "readiness changed"]
    assert [(line["status"], line["level"]) for line in changes] == [("DOWN", "warn"), ("UP", "info")]
    assert changes[0]["error_message"]
    assert faults_of(service) == []


def test_the_password_of_the_database_reaches_no_line(launch: Launch, database: Database) -> None:
    wrong = f"postgresql://{database.user}:{MARKER}@{database.host}:{database.port}/{database.name}"
    service = launch(LOG_LEVEL="debug", DATABASE_URL=wrong, DB_PASS=MARKER)

    assert service.client.get("/ready").status == 503
    assert service.client.get("/v1/items").status == 503
    service.until_logged("readiness changed", status="DOWN")
    service.stop()

    assert MARKER not in service.running.out() + service.running.err()


def test_the_end_is_logged(launch: Launch) -> None:
    service = launch()

    service.stop()

    started, completed = service.log.lines()[-2:]
    assert (started["message"], started["signal"]) == ("shutdown started", "SIGTERM")
    assert completed["message"] == "shutdown completed"
    assert faults_of(service) == []
