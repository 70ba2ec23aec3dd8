"""Log lines of requests."""

import pytest

from tests.support.client import client_of
from tests.support.deps import parts_of
from tests.support.routes import failing

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_request_leaves_one_line() -> None:
    parts = parts_of()
    headers = {"X-Request-Id": "order-7", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "User-Agent": "test/1"}

    answer = client_of(parts).get("/v1/echoes/anchor?token=not-a-real-token", headers=headers)

    (line,) = parts.lines
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("duration_ms") >= 0
    assert line == {
        "level": "info",
        "message": "request completed",
        "logger": "http",
        "service_name": "anchor-api",
        "service_version": "1.2.3",
        "deployment_environment": "test",
        "request_id": "order-7",
        "trace_id": TRACE,
        "span_id": answer.headers["traceparent"].split("-")[2],
        "http_request_method": "GET",
        "url_path": "/v1/echoes/anchor",
        "http_route": "/v1/echoes/{id}",
        "http_response_status_code": 200,
        "client_address": "testclient",
        "user_agent": "test/1",
    }


def test_none_of_the_secrets_of_a_request_is_written() -> None:
    parts = parts_of()

    client_of(parts).get("/nowhere", headers={"Authorization": "Bearer not-a-real-token", "Cookie": "not-a-real-token"})

    (line,) = parts.lines
    assert (line["http_route"], line["http_response_status_code"]) == ("", 404)
    assert "not-a-real-token" not in parts.file.getvalue()


def test_a_probe_writes_its_line_for_those_who_debug() -> None:
    quiet, chatty = parts_of(), parts_of(LOG_LEVEL="debug")
    for parts in (quiet, chatty):
        for path in ("/health", "/ready", "/metrics"):
            client_of(parts).get(path)

    assert quiet.lines == []
    assert [line["level"] for line in chatty.lines] == ["debug"] * 3


def test_a_failure_is_logged_once_with_its_stack_and_the_ids_of_its_request() -> None:
    parts = parts_of()

    answer = client_of(parts, failing(RuntimeError("too far"))).get("/v1/failures")

    failed, completed = parts.lines
    assert (failed["message"], failed["error_type"], failed["error_message"]) == (
        "request failed",
        "RuntimeError",
        "too far",
    )
    assert "routes.py" in failed["error_stack"]
    assert failed["request_id"] == completed["request_id"] == answer.headers["x-request-id"]
    assert (completed["level"], completed["http_response_status_code"]) == ("error", 500)


def test_a_refusal_logs_no_stack() -> None:
    parts = parts_of()

    client_of(parts).post("/v1/echoes/x", content="{", headers={"Content-Type": "application/json"})

    assert len(parts.lines) == 1
    assert "stack" not in parts.file.getvalue()


@pytest.mark.parametrize(
    ("hops", "address"), [("0", "testclient"), ("1", "203.0.113.7"), ("2", "198.51.100.1"), ("3", "198.51.100.1")]
)
def test_a_forwarded_address_counts_for_trusted_hops(hops: str, address: str) -> None:
    parts = parts_of(TRUSTED_PROXY_HOPS=hops)

    client_of(parts).get("/v1/echoes/x", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})

    assert parts.lines[0]["client_address"] == address
