"""Chapter "Metrics": names, labels, buckets and counts."""

import math

import psycopg
import pytest

from kit.postgres import Cluster, Database
from kit.process import wait_until
from service import scrape
from service.client import JSON, request
from service.document import Document
from service.instance import COMMIT, Launch, Service
from service.items import create
from service.scrape import Scrape
from service.stacks import Stack

DURATION = "http_server_request_duration_seconds"
ACTIVE = "http_server_active_requests"
DB_DURATION = "db_client_operation_duration_seconds"
POOL = "db_client_connection_pool_name"
HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, math.inf]
DB_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, math.inf]
HTTP_LABELS = {"http_request_method", "http_route", "http_response_status_code"}
DB_LABELS = {"db_operation_name", "db_collection_name", "error_type"}
PROCESS = (
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "process_max_fds",
    "process_start_time_seconds",
)


def buckets(metrics: Scrape, name: str) -> list[float]:
    return sorted({float(labels["le"]) for labels in metrics.labels(f"{name}_bucket")})


def counted(metrics: Scrape, **labels: str) -> float:
    return metrics.total(f"{DURATION}_count", **labels)


def test_the_series_of_status_500_exist_from_the_first_scrape(launch: Launch, document: Document) -> None:
    metrics = scrape.scrape(launch().client)

    series = {
        (labels["http_request_method"], labels["http_route"]): value
        for labels, value in metrics.samples(f"{DURATION}_count")
        if labels["http_response_status_code"] == "500"
    }
    assert series == dict.fromkeys(document.operations("items"), 0.0)


def test_durations_have_the_buckets_and_labels_of_the_contract(service: Service) -> None:
    service.client.get("/v1/items")

    metrics = scrape.scrape(service.client)

    assert metrics.kind(DURATION) == "histogram"
    assert buckets(metrics, DURATION) == HTTP_BUCKETS
    assert {frozenset(labels) for labels in metrics.labels(f"{DURATION}_count")} == {frozenset(HTTP_LABELS)}


@pytest.mark.parametrize(
    ("method", "target", "route", "status"),
    [
        ("GET", "/v1/items", "/v1/items", "200"),
        ("GET", "/v1/items?limit=x", "/v1/items", "422"),
        ("POST", "/v1/items", "/v1/items", "415"),
        ("GET", "/v1/items/00000000-0000-0000-0000-000000000001", "/v1/items/{id}", "404"),
        ("GET", "/v1/items/00000000-0000-0000-0000-00000000000A?x=y", "/v1/items/{id}", "404"),
        ("DELETE", "/v1/items/anchor", "/v1/items/{id}", "422"),
        ("PUT", "/v1/items/anchor", "/v1/items/{id}", "415"),
        ("GET", "/nowhere/anchor", "", "404"),
        ("PROPFIND", "/nowhere", "", "404"),
    ],
)
def test_each_request_is_counted_once(service: Service, method: str, target: str, route: str, status: str) -> None:
    known = method if method in ("GET", "POST", "PUT", "DELETE") else "_OTHER"
    labels = {"http_request_method": known, "http_route": route, "http_response_status_code": status}
    before = counted(scrape.scrape(service.client), **labels)
    everything = counted(scrape.scrape(service.client))

    for _ in range(3):
        service.client.send(method, target)

    scrape.until(service.client, lambda now: counted(now, **labels) == before + 3, f"{labels} count 3 more")
    assert counted(scrape.scrape(service.client)) == everything + 3


@pytest.mark.parametrize("target", ["/health", "/ready", "/metrics", "/version", "/openapi.yaml"])
def test_what_operators_ask_is_not_counted(service: Service, target: str) -> None:
    before = counted(scrape.scrape(service.client))

    service.client.get(target)
    service.client.get("/v1/items")

    scrape.until(service.client, lambda now: counted(now) == before + 1, "the list is counted, and nothing else")


def test_labels_never_come_from_a_request(service: Service, document: Document) -> None:
    item = create(service.client, "anchor")
    for target in (f"/v1/items/{item['id']}", "/v1/items/marker-id", "/marker-path", "/v1/items?marker=query"):
        for method in ("GET", "PROPFIND", "PATCH", "OPTIONS"):
            service.client.send(method, target, headers=(("User-Agent", "marker-agent"),))

    text = service.client.get("/metrics").body.decode()
    metrics = scrape.scrape(service.client)

    assert "marker" not in text
    assert item["id"] not in text
    routes = {path for _, path in document.operations("items")} | {""}
    assert {labels["http_route"] for labels in metrics.labels(f"{DURATION}_count")} <= routes
    methods = {labels["http_request_method"] for labels in metrics.labels(f"{DURATION}_count")}
    assert methods <= {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "_OTHER"}


def test_requests_in_flight_are_counted(launch: Launch) -> None:
    service = launch()
    with service.client.wire() as wire:
        wire.send(request("POST", "/v1/items", {"name": "anchor"}, JSON)[:-1])
        scrape.until(service.client, lambda now: now.total(ACTIVE, http_request_method="POST") == 1, "one is in flight")
        wire.send(b"}")
        assert wire.answer("POST", "/v1/items").status == 201

    metrics = scrape.until(service.client, lambda now: now.total(ACTIVE) == 0, "none is in flight")

    assert metrics.kind(ACTIVE) == "gauge"
    assert {frozenset(labels) for labels in metrics.labels(ACTIVE)} == {frozenset({"http_request_method"})}


def test_the_target_tells_who_is_measured(launch: Launch, stack: Stack) -> None:
    service = launch(SERVICE_NAME="fleet", SERVICE_VERSION="3.2.1", APP_ENV="test")

    assert scrape.scrape(service.client).samples("target_info") == [
        (
            {
                "service_name": "fleet",
                "service_version": "3.2.1",
                "vcs_ref_head_revision": COMMIT,
                "deployment_environment_name": "test",
                "telemetry_sdk_language": stack.telemetry_language,
            },
            1.0,
        )
    ]


@pytest.mark.parametrize("name", PROCESS)
def test_the_process_is_measured(service: Service, name: str) -> None:
    metrics = scrape.scrape(service.client)

    assert metrics.total(name) > 0
    assert metrics.labels(name) == [{}]


def test_there_are_no_database_metrics_in_memory(launch: Launch) -> None:
    assert [name for name in scrape.scrape(launch().client).families if name.startswith("db_")] == []


def test_database_operations_are_measured(launch: Launch, database: Database) -> None:
    service = launch(**database.environment).until_ready()
    before = scrape.scrape(service.client).total(f"{DB_DURATION}_count", db_collection_name="items")

    item = create(service.client, "anchor")
    service.client.post("/v1/items", {"name": "anchor"})
    service.client.get(f"/v1/items/{item['id']}")

    metrics = scrape.scrape(service.client)
    assert metrics.total(f"{DB_DURATION}_count", db_collection_name="items") >= before + 3
    assert metrics.kind(DB_DURATION) == "histogram"
    assert buckets(metrics, DB_DURATION) == DB_BUCKETS
    assert {frozenset(labels) for labels in metrics.labels(f"{DB_DURATION}_count")} == {frozenset(DB_LABELS)}
    assert metrics.total(f"{DB_DURATION}_count", db_collection_name="items", error_type="") >= before + 2


def test_the_pool_is_measured_while_it_is_used(launch: Launch, database: Database, postgres: Cluster) -> None:
    service = launch(**database.environment, DB_POOL_MAX="2", DB_CONNECT_TIMEOUT_MS="20000").until_ready()
    with psycopg.connect(database.url) as holder:
        holder.execute("LOCK TABLE items")
        waiting = [service.client.open() for _ in range(5)]
        for wire in waiting:
            wire.send(request("GET", "/v1/items"))

        busy = scrape.until(
            service.client,
            lambda now: now.total("db_client_connection_pending_requests") == 3,
            "three requests wait for a connection",
        )

    assert [wire.answer("GET", "/v1/items").status for wire in waiting] == [200] * 5
    assert busy.samples("db_client_connection_max") == [({POOL: "main"}, 2.0)]
    assert connections(busy, "used") == 2
    assert connections(busy, "idle") == 0
    assert busy.samples("db_client_connection_timeouts_total") == [({POOL: "main"}, 0.0)]
    assert busy.kind("db_client_connection_timeouts_total") == "counter"
    calm = scrape.until(service.client, lambda now: connections(now, "used") == 0, "the pool is idle")
    assert connections(calm, "idle") == wait_until(lambda: postgres.connections(database), "the service is connected")
    assert calm.total("db_client_connection_pending_requests") == 0
    for wire in waiting:
        wire.close()


def connections(metrics: Scrape, state: str) -> float:
    return metrics.total(
        "db_client_connection_count", db_client_connection_pool_name="main", db_client_connection_state=state
    )
