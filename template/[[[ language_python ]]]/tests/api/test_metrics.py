"""Metrics of requests."""

from prometheus_client.parser import text_string_to_metric_families

from tests.support.client import client_of
from tests.support.deps import Parts, parts_of
from tests.support.routes import echo_routes, failing, scraping_routes

DURATION = "http_server_request_duration_seconds"
Samples = dict[tuple[str, ...], float]


def scrape(parts: Parts, name: str, *labels: str) -> Samples:
    """Return the samples of a name by the values of some labels."""
    families = text_string_to_metric_families(client_of(parts).get("/metrics").text)
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return {tuple(sample.labels[label] for label in labels): sample.value for sample in samples}


def counts(parts: Parts) -> Samples:
    return scrape(parts, f"{DURATION}_count", "http_request_method", "http_route", "http_response_status_code")


def test_failures_of_every_operation_can_be_seen_to_begin() -> None:
    assert counts(parts_of()) == {("GET", "/v1/echoes/{id}", "500"): 0, ("POST", "/v1/echoes/{id}", "500"): 0}


def test_requests_are_counted_by_method_route_and_status() -> None:
    parts = parts_of()
    client = client_of(parts, [echo_routes, *failing(RuntimeError())])
    for method, path in (
        ("GET", "/v1/echoes/a"),
        ("GET", "/v1/echoes/b"),
        ("PUT", "/v1/echoes/b"),
        ("PROPFIND", "/v1/echoes/b"),
        ("GET", "/v1/failures"),
        ("GET", "/v1/nowhere/secret"),
    ):
        client.request(method, path)

    assert {key: count for key, count in counts(parts).items() if count} == {
        ("GET", "/v1/echoes/{id}", "200"): 2,
        ("PUT", "/v1/echoes/{id}", "405"): 1,
        ("_OTHER", "/v1/echoes/{id}", "405"): 1,
        ("GET", "/v1/failures", "500"): 1,
        ("GET", "", "404"): 1,
    }


def test_the_time_of_a_request_has_the_buckets_of_the_contract() -> None:
    bounds = [float(bound) for (bound,) in scrape(parts_of(), f"{DURATION}_bucket", "le")]

    assert bounds == [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, float("inf")]


def test_what_platforms_ask_is_not_counted() -> None:
    parts = parts_of()
    for path in ("/health", "/ready", "/version", "/metrics", "/openapi.yaml"):
        client_of(parts).get(path)

    assert not any(counts(parts).values())


def test_requests_under_way_are_counted_until_they_are_over() -> None:
    parts = parts_of()

    during = client_of(parts, [scraping_routes]).get("/v1/scrapes").text

    assert 'http_server_active_requests{http_request_method="GET"} 1.0' in during
    assert scrape(parts, "http_server_active_requests", "http_request_method")["GET",] == 0


def test_the_target_tells_what_it_is() -> None:
    labels = (
        "service_name",
        "service_version",
        "vcs_ref_head_revision",
        "deployment_environment_name",
        "telemetry_sdk_language",
    )

    assert scrape(parts_of(), "target_info", *labels) == {("anchor-api", "1.2.3", "0123abc", "test", "python"): 1}


def test_the_process_is_measured() -> None:
    for name in ("cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds", "start_time_seconds"):
        assert len(scrape(parts_of(), f"process_{name}")) == 1


def test_without_a_database_there_are_no_metrics_of_one() -> None:
    assert "db_client" not in client_of(parts_of()).get("/metrics").text
