"""Limits: size of body and headers, requests in flight, and clients that take their time."""

import json
from contextlib import ExitStack

import pytest

from kit.process import wait_until
from service import scrape
from service.client import Wire, request
from service.document import Document
from service.instance import Launch, Service
from service.stacks import Stack

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE
HEAD = b"POST /v1/items HTTP/1.1\r\nHost: service\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def item_of(size: int) -> bytes:
    return json.dumps({"name": "anchor"}).encode().ljust(size)


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[first : first + size] for first in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def test_a_body_of_one_mebibyte_is_accepted(service: Service) -> None:
    assert service.client.post("/v1/items", item_of(MEBIBYTE)).status == 201


def test_a_larger_body_is_refused(service: Service, document: Document) -> None:
    answer = service.client.post("/v1/items", item_of(MEBIBYTE + 1))

    assert (answer.status, document.refusal(answer)) == (413, ("body_too_large", []))


@pytest.mark.parametrize(("size", "status"), [(64, 201), (65, 413)])
def test_a_chunked_body_counts_as_well(narrow: Service, size: int, status: int) -> None:
    with narrow.client.wire() as wire:
        wire.send(CHUNKED + chunked(json.dumps({"name": f"n{size}"}).encode().ljust(size), 16))

        assert wire.answer("POST", "/v1/items").status == status


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(service: Service, document: Document) -> None:
    with service.client.wire() as wire:
        wire.send(HEAD + b"Content-Length: 10000000000\r\n\r\n")

        assert document.refusal(wire.answer("POST", "/v1/items")) == ("body_too_large", [])


def test_an_endless_body_is_refused_before_it_ends(service: Service, document: Document) -> None:
    with service.client.wire() as wire:
        wire.send(CHUNKED)
        for _ in range(17):
            wire.send(b"10000\r\n" + b" " * 65536 + b"\r\n")

        assert document.refusal(wire.answer("POST", "/v1/items")) == ("body_too_large", [])


def test_a_client_that_asks_first_may_send_its_body(service: Service) -> None:
    with service.client.wire() as wire:
        wire.send(HEAD + b"Content-Length: 17\r\nExpect: 100-continue\r\n\r\n")
        assert wire.line().split()[:2] == [b"HTTP/1.1", b"100"]
        assert wire.line() == b"\r\n"
        wire.send(b'{"name":"anchor"}')

        assert wire.answer("POST", "/v1/items").status == 201


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("X-Long", "x" * 15 * KIBIBYTE)], id="one long header"),
        pytest.param([(f"X-{number}", "x" * 50) for number in range(90)], id="many headers"),
    ],
)
def test_headers_of_less_than_16_kibibytes_are_accepted(service: Service, headers: list[tuple[str, str]]) -> None:
    assert service.client.get("/health", headers).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("X-Long", "x" * 17 * KIBIBYTE)], id="one long header"),
        pytest.param([(f"X-{number}", "x" * 1000) for number in range(17)], id="many headers"),
        pytest.param([("X" * 17 * KIBIBYTE, "x")], id="a long name"),
    ],
)
def test_larger_headers_are_refused_and_end_the_connection(
    service: Service, stack: Stack, document: Document, headers: list[tuple[str, str]]
) -> None:
    with service.client.wire(tolerant=not stack.problems_below_router) as wire:
        wire.send(request("GET", "/health", headers=headers))

        answer = wire.answer("GET", "/health")

        assert (answer.status, answer.header("connection")) == (431, "close")
        assert not stack.problems_below_router or document.refusal(answer) == ("headers_too_large", [])
        assert wire.is_closed()


def test_requests_over_the_limit_in_flight_are_refused(launch: Launch, document: Document) -> None:
    service = launch(MAX_IN_FLIGHT="2")
    with service.client.wire() as first, service.client.wire() as second:
        for wire in (first, second):
            wire.send(HEAD + b"Content-Length: 12\r\n\r\n{")
        scrape.until(
            service.client, lambda now: now.total("http_server_active_requests") == 2, "two requests are in flight"
        )

        refused = service.client.get("/v1/items")
        first.send(b'"name":"a"}')
        finished = first.answer("POST", "/v1/items")

        assert (refused.status, document.refusal(refused)) == (503, ("unavailable", []))
        assert finished.status == 201
        wait_until(lambda: service.client.get("/v1/items").status == 200, "there is room again")


def test_a_request_that_takes_too_long_to_answer_times_out(launch: Launch, document: Document) -> None:
    service = launch(REQUEST_TIMEOUT_MS="300")
    with service.client.wire() as wire:
        wire.send(HEAD + b"Content-Length: 12\r\n\r\n{")

        answer = wire.answer("POST", "/v1/items")

        assert document.refusal(answer) in (("timeout", []), ("request_timeout", []))
    assert service.is_alive()


def test_slow_clients_are_cut_off_and_idle_ones_are_not(launch: Launch, stack: Stack, document: Document) -> None:
    service = launch(REQUEST_TIMEOUT_MS="600000")
    with ExitStack() as stack_of_wires:
        tolerant = not stack.problems_below_router
        slow_headers, slow_body, idle = (
            stack_of_wires.enter_context(service.client.wire(tolerant=tolerant)) for _ in range(3)
        )
        slow_headers.send(b"GET /health HTTP/1.1\r\nX-Slow: ")
        slow_body.send(HEAD + b"Content-Length: 1000000\r\n\r\n")
        idle.send(request("GET", "/health"))
        assert idle.answer("GET", "/health").status == 200

        for wire in (slow_headers, slow_body):
            dribble_until_answered(wire)
            answer = wire.answer("POST", "/v1/items")
            assert (answer.status, answer.header("connection")) == (408, "close")
            assert tolerant or document.refusal(answer) == ("request_timeout", [])
            assert wire.is_closed()

        idle.send(request("GET", "/health"))
        assert idle.answer("GET", "/health").status == 200


def dribble_until_answered(wire: Wire) -> None:
    def answered() -> bool:
        wire.send(b"x")
        return wire.has_answer(0.2)

    wait_until(answered, "the slow client is cut off", deadline=40)
