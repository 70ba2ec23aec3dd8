"""The proxy of the shutdown tests: what it counts decides whether a release loses requests."""

import asyncio
import contextlib
from collections.abc import Coroutine

import pytest

from kit.process import wait_until
from service.message import read_message
from service.proxy import Proxy, balancing

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DOWN = b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
CUT_SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"
ITEMS = b"GET /v1/items HTTP/1.1\r\nHost: service\r\n\r\n"


async def backend(ready: bytes, items: bytes) -> asyncio.Server:
    """Answer ``/ready`` and everything else with these bytes; nothing at all ends the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError), contextlib.closing(writer):
            while answer := ready if b"/ready" in (await read_message(reader)).head else items:
                writer.write(answer)
                if answer == CUT_SHORT:
                    return

    return await asyncio.start_server(serve, "127.0.0.1", 0)


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


async def ask(port: int, times: int = 1) -> list[int]:
    """Send requests on one connection and return the statuses."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    statuses = []
    for _ in range(times):
        writer.write(ITEMS)
        statuses.append((await read_message(reader)).status)
    writer.close()
    return statuses


async def known(proxy: Proxy, count: int) -> None:
    """Wait until so many backends are known to be ready."""
    await asyncio.to_thread(wait_until, lambda: len(proxy.ready) == count, f"{count} backends are ready")


def run(scenario: Coroutine[None, None, None]) -> None:
    asyncio.run(scenario)


def test_requests_are_spread_over_the_backends_that_are_ready() -> None:
    async def scenario() -> None:
        one, two, down = await backend(OK, OK), await backend(OK, CHUNKED), await backend(DOWN, OK)
        async with one, two, down, balancing(port_of(one), port_of(two), port_of(down)) as proxy:
            await known(proxy, 2)

            assert await ask(proxy.port, 20) == [200] * 20
            assert proxy.passed == {port_of(one): 10, port_of(two): 10}
            assert proxy.lost == []

    run(scenario())


@pytest.mark.parametrize("broken", [b"", CUT_SHORT], ids=["no response", "half a response"])
def test_a_request_without_a_complete_response_is_lost(broken: bytes) -> None:
    async def scenario() -> None:
        async with await backend(OK, broken) as server, balancing(port_of(server)) as proxy:
            await known(proxy, 1)

            assert await ask(proxy.port) == [502]
            assert len(proxy.lost) == 1

    run(scenario())


def test_a_backend_that_refuses_connections_loses_nothing() -> None:
    async def scenario() -> None:
        gone = await backend(OK, OK)
        async with await backend(OK, OK) as server, balancing(port_of(server), port_of(gone)) as proxy:
            await known(proxy, 2)
            gone.close()

            assert await ask(proxy.port, 20) == [200] * 20
            assert proxy.lost == []

    run(scenario())


def test_without_a_backend_there_is_an_answer_and_no_loss() -> None:
    async def scenario() -> None:
        async with await backend(DOWN, OK) as server, balancing(port_of(server)) as proxy:
            assert await ask(proxy.port) == [503]
            assert proxy.lost == []

    run(scenario())
