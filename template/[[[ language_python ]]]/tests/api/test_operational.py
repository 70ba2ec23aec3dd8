"""What platforms and operators ask."""

from pathlib import Path

import pytest

from tests.support.client import client_of
from tests.support.deps import parts_of, problem_of

PATHS = ["/health", "/ready", "/version", "/metrics", "/openapi.yaml"]


def test_the_service_lives() -> None:
    answer = client_of(parts_of()).get("/health")

    assert (answer.status_code, answer.text) == (200, '{"status":"UP"}')


def test_on_the_in_memory_store_it_is_ready() -> None:
    answer = client_of(parts_of()).get("/ready")

    assert (answer.status_code, answer.text) == (200, '{"status":"UP","components":{}}')


def test_while_it_drains_it_is_alive_but_out_of_service() -> None:
    parts = parts_of()
    parts.deps.lifecycle.draining = True
    client = client_of(parts)

    ready, health = client.get("/ready"), client.get("/health")

    assert (ready.status_code, ready.text) == (503, '{"status":"OUT_OF_SERVICE","components":{}}')
    assert (ready.headers["retry-after"], health.status_code) == ("1", 200)


def test_it_tells_what_runs() -> None:
    answer = client_of(parts_of()).get("/version")

    assert answer.text == '{"service":"anchor-api","version":"1.2.3","commit":"0123abc"}'


def test_it_hands_out_its_contract() -> None:
    answer = client_of(parts_of()).get("/openapi.yaml")

    assert answer.headers["content-type"] == "application/yaml"
    assert answer.content == Path("api/openapi.yaml").read_bytes()


def test_it_hands_out_its_metrics_as_text() -> None:
    answer = client_of(parts_of()).get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE http_server_request_duration_seconds histogram" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_an_operational_path_is_there_to_be_got_alone(path: str) -> None:
    client = client_of(parts_of())

    for method in ("HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert problem_of(client.get(f"{path}/")) == (404, "about:blank", [])
