"""What the server sees before any app does."""

import asyncio
import json

import pytest

from tests.support.deps import Parts, echo_routes, parts_of
from tests.support.services import serving

pytestmark = pytest.mark.anyio
HEAD = b"POST /v1/echoes/7 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


async def answer_to(parts: Parts, request: bytes) -> tuple[bytes, dict[str, object]]:
    """Send a request and return head and body of the answer, after which the connection ends."""
    async with serving(parts, [echo_routes]) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    return head, json.loads(body)


@pytest.mark.parametrize(
    ("rest", "status"),
    [(b"Content-Length: 9\r\n\r\n{", 408), (b"Transfer-Encoding: chunked\r\n\r\nno size\r\n", 400)],
    ids=["too slow", "not HTTP"],
)
async def test_the_rest_of_a_request_is_refused_in_its_name(rest: bytes, status: int) -> None:
    parts = parts_of(HOST="127.0.0.1", PORT="0", REQUEST_TIMEOUT_MS="100")

    head, problem = await answer_to(parts, HEAD + rest)

    line = parts.lines[-1]
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nconnection: close" in head
    assert (problem["status"], problem["instance"]) == (status, "/v1/echoes/7")
    assert (line["http_response_status_code"], line["request_id"]) == (status, problem["request_id"])


async def test_no_proxy_is_trusted_unasked() -> None:
    parts = parts_of(HOST="127.0.0.1", PORT="0")

    await answer_to(parts, b"GET / HTTP/1.0\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n")

    assert parts.lines[-1]["client_address"] == "127.0.0.1"
