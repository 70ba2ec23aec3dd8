"""Chapter "Operation": the headers of every response.

The client looks at all of them in every answer of the whole suite; here stand the rules that depend on the request.
"""

import re

import pytest

from service.client import Client, Headers
from service.document import TRACEPARENT
from service.instance import COMMIT, Launch, Service

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def trace_of(client: Client, headers: Headers = ()) -> tuple[str, str, str]:
    match = TRACEPARENT.fullmatch(client.get("/v1/items", headers).header("traceparent") or "")
    assert match
    return match[1], match[2], match[3]


@pytest.mark.parametrize("one", ["a", "0", "-", "_", ".", "A.b-c_9", "x" * 128, "3f0c1d8e-5a4b-4c1e-9f7a-1b2c3d4e5f60"])
def test_a_request_id_is_kept(service: Service, one: str) -> None:
    assert service.client.get("/v1/items", (("X-Request-Id", one),)).header("x-request-id") == one


@pytest.mark.parametrize(
    "one", ["", "x" * 129, "a b", "a,b", "a/b", "a\tb", "caf\xe9", 'a"b', "<a>", "a;b", "${jndi:x}", "a\\nb"]
)
def test_another_request_id_is_replaced_by_the_trace_id(service: Service, one: str) -> None:
    answer = service.client.get("/v1/items", (("X-Request-Id", one),))

    assert answer.header("x-request-id") == (answer.header("traceparent") or "")[3:35]


def test_a_request_without_id_gets_its_trace_id(service: Service) -> None:
    answer = service.client.get("/v1/items")

    assert answer.header("x-request-id") == (answer.header("traceparent") or "")[3:35]


def test_a_trace_is_continued_with_a_span_of_its_own(service: Service) -> None:
    trace, span, flags = trace_of(service.client, (("traceparent", f"00-{TRACE}-{SPAN}-01"),))

    assert (trace, flags) == (TRACE, "01")
    assert span != SPAN


def test_the_flags_of_a_trace_are_kept(service: Service) -> None:
    assert trace_of(service.client, (("traceparent", f"00-{TRACE}-{SPAN}-00"),))[2] == "00"


@pytest.mark.parametrize("header", [f"01-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01-later"])
def test_a_trace_of_a_later_version_is_continued(service: Service, header: str) -> None:
    assert trace_of(service.client, (("traceparent", header),))[0] == TRACE


@pytest.mark.parametrize(
    "header",
    [
        "",
        "x",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-0g",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"0-{TRACE}-{SPAN}-01",
        f"00_{TRACE}_{SPAN}_01",
    ],
)
def test_an_invalid_trace_begins_anew(service: Service, header: str) -> None:
    trace, span, flags = trace_of(service.client, (("traceparent", header),))

    assert flags == "01"
    assert trace not in header.lower()
    assert span != SPAN


def test_each_request_begins_a_trace_of_its_own(service: Service) -> None:
    traces = {trace_of(service.client)[:2] for _ in range(20)}

    assert len({trace for trace, _ in traces}) == len({span for _, span in traces}) == 20


def test_a_request_id_does_not_change_the_trace(service: Service) -> None:
    answer = service.client.get("/v1/items", (("X-Request-Id", "a"), ("traceparent", f"00-{TRACE}-{SPAN}-01")))

    assert answer.header("x-request-id") == "a"
    assert re.fullmatch(f"00-{TRACE}-[0-9a-f]{{16}}-01", answer.header("traceparent") or "")


def test_the_running_commit_stands_in_a_header(service: Service) -> None:
    assert service.client.get("/health").header("x-service-version") == COMMIT


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        ("0", "203.0.113.7", "127.0.0.1"),
        ("1", "203.0.113.7", "203.0.113.7"),
        ("1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("2", "192.0.2.9, 198.51.100.1, 203.0.113.7", "198.51.100.1"),
        ("1", "2001:db8::7", "2001:db8::7"),
        ("1", "", "127.0.0.1"),
    ],
)
def test_a_forwarded_address_counts_for_trusted_hops_only(
    launch: Launch, hops: str, forwarded: str, address: str
) -> None:
    service = launch(TRUSTED_PROXY_HOPS=hops)

    service.client.get("/v1/items", (("X-Forwarded-For", forwarded), ("X-Request-Id", "r")))

    assert service.until_logged("request completed", request_id="r")["client_address"] == address
