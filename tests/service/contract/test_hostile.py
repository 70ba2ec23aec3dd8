"""Requests that no honest client sends: each is answered by the contract, or cut off, and the service lives on.

Whether it lives, and whether it met an error, is what the fixture ``service`` looks at after every test.
"""

import json

import pytest

from service.client import JSON, request
from service.document import Document
from service.instance import Service
from service.items import walk
from service.stacks import Stack

HOST = b"Host: service\r\n"
BODY = b'{"name":"anchor"}'
POST = b"POST /v1/items HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(40), id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP 2"),
        pytest.param(b"GET\r\n\r\n", id="no target"),
        pytest.param(b"GET /health\r\n\r\n", id="HTTP 0.9"),
        pytest.param(b"GET /health HTTP/1.1 x\r\n" + HOST + b"\r\n", id="words after the version"),
        pytest.param(b"GET /health HTTQ/1.1\r\n" + HOST + b"\r\n", id="another protocol"),
        pytest.param(b"GET /health HTTP/9.9\r\n" + HOST + b"\r\n", id="another version"),
        pytest.param(b"GET /hea lth HTTP/1.1\r\n" + HOST + b"\r\n", id="space in the target"),
        pytest.param(b"GET /hea\0lth HTTP/1.1\r\n" + HOST + b"\r\n", id="NUL in the target"),
        pytest.param(b"get /health HTTP/1.1\r\n" + HOST + b"\r\n", id="lower-case method"),
        pytest.param(b"G\xffT /health HTTP/1.1\r\n" + HOST + b"\r\n", id="no token as method"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b"No colon\r\n\r\n", id="no colon"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b"X : a\r\n\r\n", id="space before the colon"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b": a\r\n\r\n", id="empty header name"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b"X\0: a\r\n\r\n", id="NUL in a header name"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", id="NUL in a header value"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n\r\n", id="bare CR in a header"),
        pytest.param(POST + b"Content-Length: -1\r\n\r\n", id="negative length"),
        pytest.param(POST + b"Content-Length: +17\r\n\r\n" + BODY, id="signed length"),
        pytest.param(POST + b"Content-Length: 0x11\r\n\r\n" + BODY, id="hexadecimal length"),
        pytest.param(POST + b"Content-Length: 99999999999999999999999\r\n\r\n", id="length beyond 64 bits"),
        pytest.param(POST + b"Content-Length: 17\r\nContent-Length: 3\r\n\r\n" + BODY, id="two lengths"),
        pytest.param(
            POST + b"Content-Length: 17\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="length and chunked"
        ),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY + b"\r\n", id="no chunk size"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + BODY + b"\r\n", id="negative chunk size"),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + BODY, id="chunk beyond 64 bits"
        ),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n" + BODY + b"\r\n", id="chunk longer than it says"
        ),
        pytest.param(POST + b"Transfer-Encoding: gzip\r\n\r\n" + BODY, id="unknown transfer encoding"),
    ],
)
def test_what_is_no_http_is_a_bad_request_and_ends_the_connection(
    service: Service, stack: Stack, document: Document, data: bytes
) -> None:
    with service.client.wire(tolerant=not stack.problems_below_router) as wire:
        wire.send(data)

        answer = wire.answer()

        assert (answer.status, answer.header("connection")) == (400, "close")
        assert not stack.problems_below_router or document.refusal(answer)[0] in ("bad_request", "malformed_json")
        assert wire.is_closed()
    assert next(walk(service.client, 1)) == []


@pytest.mark.parametrize(
    ("data", "statuses"),
    [
        pytest.param(b"GET /health HTTP/1.1\r\n\r\n", {400}, id="no Host"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", {400, 404, 405}, id="OPTIONS *"),
        pytest.param(b"GET http://other/health HTTP/1.1\r\n" + HOST + b"\r\n", {200, 400, 404}, id="absolute target"),
        pytest.param(b"QUERY /health HTTP/1.1\r\n" + HOST + b"\r\n", {400, 405}, id="unusual method"),
        pytest.param(b"FROB /health HTTP/1.1\r\n" + HOST + b"\r\n", {400, 405}, id="unknown method"),
        pytest.param(b"GET /health HTTP/1.0\r\n\r\n", {200}, id="HTTP 1.0"),
        pytest.param(b"\r\nGET /health HTTP/1.1\r\n" + HOST + b"\r\n", {200}, id="empty line before"),
        pytest.param(b"GET /health HTTP/1.1\nHost: service\n\n", {200, 400}, id="bare line feeds"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n", {200, 400}, id="folded header"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b"Host: other\r\n\r\n", {200, 400}, id="two hosts"),
        pytest.param(
            b"GET /health HTTP/1.1\r\n" + HOST + b"X: \xff\xfe\r\n\r\n", {200, 400}, id="no UTF-8 in a header"
        ),
        pytest.param(b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", {400, 404}, id="no UTF-8 in the target"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b"Expect: magic\r\n\r\n", {200, 400}, id="expectation"),
        pytest.param(
            b"GET /health HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            {200},
            id="upgrade",
        ),
        pytest.param(b"GET /health HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 150 + b"\r\n", {200, 431}, id="150 headers"),
        pytest.param(
            POST + b"Content-Length: 17\r\nContent-Length: 17\r\n\r\n" + BODY, {201, 400}, id="the same length twice"
        ),
        pytest.param(
            POST + b"Content-Type: text/plain\r\nContent-Length: 17\r\n\r\n" + BODY,
            {201, 400, 415},
            id="two content types",
        ),
        pytest.param(POST + b"Content-Length: 20\r\n\r\n\xef\xbb\xbf" + BODY, {201, 400}, id="byte order mark"),
        pytest.param(
            POST + b"Content-Length: 27\r\n\r\n" + b'{"name":"a","name":"bcdefg"}'[:27], {400}, id="cut short"
        ),
        pytest.param(
            POST + b"Content-Length: 23\r\n\r\n" + b'{"name":"a","name":"b"}', {201, 400, 422}, id="same key twice"
        ),
    ],
)
def test_what_is_odd_is_answered_by_the_contract(service: Service, data: bytes, statuses: set[int]) -> None:
    method, target = data.lstrip().split(b" ")[:2]
    with service.client.wire() as wire:
        wire.send(data)

        answer = wire.answer(method.decode(), target.decode("latin-1").removeprefix("http://other"))

        assert answer.status in statuses


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /v1/ite", id="half a request line"),
        pytest.param(b"GET /v1/items HTTP/1.1\r\nHost: se", id="half a header"),
        pytest.param(POST + b"Content-Length: 17\r\n\r\n" + BODY[:9], id="half a body"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n11\r\n" + BODY[:9], id="half a chunk"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n11\r\n" + BODY + b"\r\n", id="no last chunk"),
        pytest.param(b"CONNECT service:443 HTTP/1.1\r\n" + HOST + b"\r\n", id="a tunnel"),
    ],
)
@pytest.mark.parametrize("farewell", ["half-close", "close"])
def test_a_client_that_leaves_early_makes_no_item(service: Service, data: bytes, farewell: str) -> None:
    with service.client.wire(tolerant=True) as wire:
        wire.send(data)
        if farewell == "half-close":
            wire.end()
            wire.drain()

    assert next(walk(service.client, 1)) == []


@pytest.mark.parametrize(("open_", "close"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"])
def test_json_a_hundred_thousand_levels_deep_is_refused(
    service: Service, document: Document, open_: bytes, close: bytes
) -> None:
    deep = b'{"name":"a","x":' + open_ * 100_000 + b"1" + close * 100_000 + b"}"

    answer = service.client.post("/v1/items", deep)

    assert document.refusal(answer) in (
        ("malformed_json", []),
        ("validation_error", [("#/x", "unknown_field")]),
    )


def test_ten_thousand_unknown_fields_are_refused(service: Service) -> None:
    answer = service.client.post("/v1/items", {f"field {number:05}": number for number in range(10_000)})

    assert answer.status == 422


def test_a_number_of_a_hundred_thousand_digits_is_a_wrong_type(service: Service, document: Document) -> None:
    answer = service.client.post("/v1/items", b'{"name":' + b"9" * 100_000 + b"}")

    assert document.refusal(answer) == ("validation_error", [("#/name", "wrong_type")])


def test_a_body_of_get_is_no_second_request(service: Service) -> None:
    smuggled = request("DELETE", "/v1/items/x")
    with service.client.wire() as wire:
        wire.send(b"GET /health HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(smuggled) + smuggled)
        wire.send(request("GET", "/version"))

        first, second = wire.answer("GET", "/health"), wire.answer("GET", "/version")

        assert (first.status, list(second.json)) == (200, ["service", "version", "commit"])


def test_requests_in_a_pipeline_are_answered_in_order(service: Service) -> None:
    with service.client.wire() as wire:
        wire.send(b"".join(request("POST", "/v1/items", {"name": str(number)}, JSON) for number in range(20)))

        names = [wire.answer("POST", "/v1/items").json["name"] for _ in range(20)]

        assert names == [str(number) for number in range(20)]


def test_a_refused_body_spoils_no_later_request(service: Service) -> None:
    for _ in range(3):
        assert service.client.post("/nowhere", b"x" * 200_000).status == 404
        assert service.client.post("/v1/items", b"x" * 200_000, ()).status == 415
        assert service.client.send("PATCH", "/v1/items", b"x" * 200_000).status == 405
    assert service.client.get("/health").status == 200


def test_text_of_a_request_forges_no_log_line(service: Service) -> None:
    since = service.log.end()
    forged = json.dumps({"level": "error", "message": "forged"})

    service.client.get("/nowhere", (("User-Agent", f"x\\n{forged}"), ("X-Request-Id", "r-1")))

    line = service.until_logged("request completed", since, request_id="r-1")
    assert line["user_agent"] == f"x\\n{forged}"
