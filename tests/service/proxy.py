"""A load balancer of few words: it asks ``/ready``, spreads requests over whoever is, and never sends one twice.

It counts as lost each request that it sent on an accepted connection without getting a complete response.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from service.message import Message, read_message

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
INTERVAL = 0.05
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
NOBODY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
FAILURES = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


@dataclass
class Proxy:
    """The proxy and its account."""

    backends: tuple[int, ...]
    port: int = 0
    passed: dict[int, int] = field(default_factory=dict)
    """How many requests each backend has answered."""
    lost: list[str] = field(default_factory=list)
    ready: set[int] = field(default_factory=set)
    _idle: dict[int, list[Stream]] = field(default_factory=dict)
    _turn: int = 0

    async def watch(self, backend: int) -> None:
        """Ask a backend for its readiness, again and again."""
        while True:
            if await self._is_ready(backend):
                self.ready.add(backend)
            else:
                self._retire(backend)
            await asyncio.sleep(INTERVAL)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on the requests of one client."""
        with contextlib.suppress(*FAILURES), contextlib.closing(writer):
            while True:
                request = await read_message(reader)
                writer.write(await self._answer(request))
                await writer.drain()

    def close(self) -> None:
        """End the connections to all backends."""
        for backend in self.backends:
            self._retire(backend)

    async def _answer(self, request: Message) -> bytes:
        while self.ready:
            backend = self._next()
            try:
                reader, writer = await self._connection(backend)
            except OSError:
                self._retire(backend)
                continue
            try:
                writer.write(request.head + request.body)
                response = await read_message(reader)
            except FAILURES as failure:
                self.lost.append(f"{request.head.partition(b' HTTP')[0].decode()} at {backend}: {failure!r}")
                writer.close()
                return BAD_GATEWAY
            self.passed[backend] = self.passed.get(backend, 0) + 1
            self._keep(backend, (reader, writer), response)
            return _without_connection_header(response)
        return NOBODY

    def _next(self) -> int:
        self._turn += 1
        ready = sorted(self.ready)
        return ready[self._turn % len(ready)]

    async def _connection(self, backend: int) -> Stream:
        idle = self._idle.setdefault(backend, [])
        while idle:
            reader, writer = idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", backend)

    def _keep(self, backend: int, stream: Stream, response: Message) -> None:
        if response.closes or backend not in self.ready:
            stream[1].close()
        else:
            self._idle[backend].append(stream)

    def _retire(self, backend: int) -> None:
        self.ready.discard(backend)
        for _, writer in self._idle.pop(backend, []):
            writer.close()

    async def _is_ready(self, backend: int) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", backend)
        except OSError:
            return False
        try:
            writer.write(b"GET /ready HTTP/1.1\r\nHost: service\r\nConnection: close\r\n\r\n")
            return (await read_message(reader)).status == 200
        except FAILURES:
            return False
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def balancing(*backends: int) -> AsyncIterator[Proxy]:
    """Run a proxy before backends, which are ports of 127.0.0.1, for the length of the block."""
    proxy = Proxy(backends)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    watchers = [asyncio.create_task(proxy.watch(backend)) for backend in backends]
    try:
        yield proxy
    finally:
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
        server.close()
        proxy.close()


def _without_connection_header(response: Message) -> bytes:
    lines = response.head.split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith((b"connection:", b"keep-alive:"))]
    return b"\r\n".join(kept) + response.body
