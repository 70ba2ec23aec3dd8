"""What uvicorn leaves open: limits of time and size below the router, and an end that loses nothing."""

import asyncio
import logging
import os
import signal
import socket
import time
from asyncio import AbstractEventLoop, TimerHandle
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app.bounds import (
    FAREWELL_SECONDS,
    HEADER_BYTES,
    HEADER_SECONDS,
    KEEP_ALIVE_SECONDS,
    LINGER_SECONDS,
    REQUEST_SECONDS,
)
from app.config import Config
from app.deps import Deps
from app.middleware.observe import identity_of
from app.problem import KINDS
from app.refusal import refusal

Loop = AbstractEventLoop | None

# How long uvicorn sleeps between two looks at what there is to do.
TICK_SECONDS = 0.1


class Server(uvicorn.Server):
    """Serves an app until a signal: drains, stops to accept, finishes what it has."""

    def __init__(self, app: ASGIApp, deps: Deps) -> None:
        class Protocol(LimitedProtocol):
            settings = deps.config
            request_seconds = min(REQUEST_SECONDS, deps.config.request_timeout_ms / 1000)

        super().__init__(
            uvicorn.Config(
                app,
                http=Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
            )
        )
        # What clients send in error has a line of its own.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        self._deps = deps
        self._lagged = deps.metrics.watch_event_loop()
        self._woken = 0.0
        self._is_ending = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and tell where."""
        await super().startup(sockets)
        for listener in sockets or []:
            address, port = listener.getsockname()[:2]
            self._deps.log.listening(address, port)

    async def on_tick(self, counter: int) -> bool:
        """Look how late this look is."""
        now = time.monotonic()
        if counter:
            self._lagged(max(0.0, now - self._woken - TICK_SECONDS))
        self._woken = now
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a signal handler
        """Begin the end; a second signal does not wait for it."""
        if self._is_ending:
            os._exit(1)
        self._is_ending = True
        # The signal may have come in the middle of a log line, whose lock another line would wait for in vain.
        asyncio.get_running_loop().call_soon_threadsafe(self._drain, signal.Signals(sig).name)

    def _drain(self, name: str) -> None:
        self._deps.log.shutdown_started(name)
        self._deps.lifecycle.draining = True
        asyncio.get_running_loop().call_later(self._deps.config.shutdown_delay_ms / 1000, self._stop)

    def _stop(self) -> None:
        self.should_exit = True
        asyncio.get_running_loop().call_later(self._deps.config.shutdown_timeout_ms / 1000, os._exit, 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop to accept; uvicorn by itself cuts idle connections at once, and loses requests on their way on them."""
        for server in self.servers:
            server.close()
        if self.server_state.connections:
            await asyncio.sleep(FAREWELL_SECONDS)
        await super().shutdown(sockets)


class LimitedProtocol(HttpToolsProtocol):
    """Bounds the head of a request and the time in which it has to arrive; its refusals are problems too."""

    settings: Config
    request_seconds: float

    def __init__(
        self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any], _loop: Loop = None
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._deadline: TimerHandle | None = None
        self._is_refused = False
        self._head_bytes: int | None = None
        self._refusal = "bad_request"

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Bound also a connection on which nothing comes."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(KEEP_ALIVE_SECONDS, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._end_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bound a head that is still arriving, piece by piece."""
        if self._is_refused:
            return
        if self._head_bytes is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if (self._head_bytes or 0) > HEADER_BYTES and not self._is_refused:
            self.refuse("headers_too_large")

    def on_message_begin(self) -> None:
        """Give the request its time."""
        super().on_message_begin()
        self._head_bytes = 0
        self._set_deadline(HEADER_SECONDS)

    def on_headers_complete(self) -> None:
        """Bound the head as a whole, and give the body its time."""
        self._head_bytes = None
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > HEADER_BYTES:
            self._refusal = "headers_too_large"
            raise ValueError(self._refusal)
        self._set_deadline(self.request_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take the time away: the request is here."""
        self._end_deadline()
        self._head_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the signature of uvicorn
        """Refuse what the parser refuses."""
        self.refuse(self._refusal)

    def refuse(self, code: str) -> None:
        """Answer what never became a request, or did not arrive whole; nobody knows where the next one would begin."""
        self._end_deadline()
        if self.transport.is_closing():
            return
        self._is_refused = True
        cycle = self.cycle
        if not cycle or (cycle.response_complete and self._head_bytes is not None):
            self.transport.write(refusal(code, self.settings))
        else:
            self._end_request(cycle, code)
        self.transport.write_eof()
        # Closing at once would reset the connection before the client has read why.
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _end_request(self, cycle: RequestResponseCycle, code: str) -> None:
        """Answer a request under way, unless it has its answer; the app learns that there is nobody left."""
        scope: dict[str, Any] = {**cycle.scope}
        if not cycle.response_started:
            path = scope["raw_path"].decode("ascii")
            self.transport.write(refusal(code, self.settings, path, identity_of(scope)))
            scope["state"]["refused"] = KINDS[code].status
        cycle.disconnected = True
        cycle.message_event.set()

    def _set_deadline(self, seconds: float) -> None:
        self._end_deadline()
        self._deadline = self.loop.call_later(seconds, self.refuse, "request_timeout")

    def _end_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
