"""What the server sees before any app does."""

import json
import socket

import pytest

from tests.support.process import Process, started

HEAD = b"POST /v1/echoes/7 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def answer_to(process: Process, request: bytes) -> tuple[bytes, dict[str, object]]:
    """Send a request and return head and body of the answer, after which the connection ends."""
    with socket.create_connection(("127.0.0.1", process.port), 10) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    return head, json.loads(body)


@pytest.mark.parametrize(
    ("rest", "status"),
    [(b"Content-Length: 9\r\n\r\n{", 408), (b"Transfer-Encoding: chunked\r\n\r\nno size\r\n", 400)],
    ids=["too slow", "not HTTP"],
)
def test_the_rest_of_a_request_is_refused_in_its_name(rest: bytes, status: int) -> None:
    with started("tests.support.echoes", REQUEST_TIMEOUT_MS="100") as process:
        head, problem = answer_to(process, HEAD + rest)
        line = process.line("request completed")

    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nconnection: close" in head.lower()
    assert (problem["status"], problem["instance"]) == (status, "/v1/echoes/7")
    assert (line["http_response_status_code"], line["request_id"]) == (status, problem["request_id"])


def test_no_proxy_is_trusted_unasked() -> None:
    with started("tests.support.echoes") as process:
        answer_to(process, b"GET / HTTP/1.0\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n")

        assert process.line("request completed")["client_address"] == "127.0.0.1"
