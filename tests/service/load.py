"""Bounded load on the loopback, and an exact account of what became of each request."""

import asyncio
import contextlib
import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from service.client import JSON, request
from service.message import Message, read_message

FAILURES = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
DEADLINE = 30
T = TypeVar("T")


@dataclass
class Account:
    """What became of the requests of a load."""

    statuses: Counter[int] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    """Requests sent on a connection that ended without a complete response."""
    created: list[str] = field(default_factory=list)
    """Names of the items whose creation was confirmed."""
    unaccepted: int = 0
    """Connections that were refused."""
    closing: int = 0
    """Responses that announced the end of their connection."""

    @property
    def complete(self) -> int:
        """The number of complete responses."""
        return self.statuses.total()


@dataclass
class Load:
    """Clients that send one request after another, each on a connection of its own that it keeps alive."""

    port: int
    clients: int
    reconnect: bool
    """Whether a client opens another connection when the server has ended its own."""
    account: Account = field(default_factory=Account)
    _ending: bool = False

    async def run(self) -> None:
        """Send until told to end."""
        async with asyncio.TaskGroup() as group:
            for number in range(self.clients):
                group.create_task(self._client(number))

    def end(self) -> None:
        """Let each client finish the request it has sent."""
        self._ending = True

    async def _client(self, number: int) -> None:
        requests = _requests(number)
        while not self._ending:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                self.account.unaccepted += 1
                await asyncio.sleep(0.02)
                continue
            await self._connection(reader, writer, requests)
            writer.close()
            if not self.reconnect:
                return

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: Iterator[bytes]
    ) -> None:
        while not self._ending:
            data = next(requests)
            try:
                writer.write(data)
                response = await read_message(reader)
            except FAILURES as failure:
                self.account.lost.append(f"{data.partition(b' HTTP')[0].decode()}: {failure!r}")
                return
            self._count(response)
            if response.closes:
                return

    def _count(self, response: Message) -> None:
        self.account.statuses[response.status] += 1
        self.account.closing += response.closes
        if response.status == 201:
            self.account.created.append(json.loads(response.content)["name"])


@contextlib.contextmanager
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop beside the test; what still runs in it at the end of the block is cancelled."""
    started: Future[asyncio.AbstractEventLoop] = Future()
    ended = asyncio.Event()

    async def until_ended() -> None:
        started.set_result(asyncio.get_running_loop())
        await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(until_ended(),))
    thread.start()
    loop = started.result(DEADLINE)
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(DEADLINE)


@contextlib.contextmanager
def sending(loop: asyncio.AbstractEventLoop, load: Load) -> Iterator[Account]:
    """Let a load run for the length of the block, and wait for the answers to what it has sent."""
    running = asyncio.run_coroutine_threadsafe(load.run(), loop)
    try:
        yield load.account
    finally:
        load.end()
        running.result(DEADLINE)


@contextlib.contextmanager
def entered(loop: asyncio.AbstractEventLoop, context: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Hold an asynchronous context open in the loop for the length of the block."""
    yield asyncio.run_coroutine_threadsafe(_enter(context), loop).result(DEADLINE)
    asyncio.run_coroutine_threadsafe(_leave(context), loop).result(DEADLINE)


async def _enter(context: AbstractAsyncContextManager[T]) -> T:
    return await context.__aenter__()


async def _leave(context: AbstractAsyncContextManager[T]) -> None:
    await context.__aexit__(None, None, None)


def _requests(client: int) -> Iterator[bytes]:
    for number in itertools.count():
        yield request("POST", "/v1/items", {"name": f"client {client} item {number}"}, JSON)
        yield from [request("GET", "/v1/items?limit=2")] * 4
