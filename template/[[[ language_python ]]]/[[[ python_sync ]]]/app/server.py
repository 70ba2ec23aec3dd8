"""What gunicorn's threaded worker leaves open: refusals by the contract, and an end that loses nothing.

The worker serves without gunicorn's arbiter: store, limits and metrics are those of one process, which the platform
starts again by itself, and the arbiter knows no signal that lets a worker serve on before it stops to accept.
"""

import contextlib
import os
import resource
import selectors
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.config import Config as Settings
from gunicorn.glogging import Logger
from gunicorn.http import message, wsgi
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.bounds import FAREWELL_SECONDS, HEADER_BYTES, KEEP_ALIVE_SECONDS, LINGER_SECONDS, REQUEST_SECONDS
from app.config import Config
from app.connection import Connection, Response, say_farewell
from app.deps import Deps
from app.problem import Problem
from app.refusal import refusal
from app.request import Request

TICK_SECONDS = 0.1
# Threads that answer probes, and refuse, while each request that may be in flight has one.
SPARE_THREADS = 16
# Files that are no connection of a client: log, listener, pool and what Python has open.
SPARE_FILES = 64


class Application(BaseApplication):
    """An app with the settings under which gunicorn serves it."""

    def __init__(self, app: WSGIApplication, config: Config) -> None:
        self._app = app
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        """Derive gunicorn's settings from those of the service."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        settings = {
            "threads": self._config.max_in_flight + SPARE_THREADS,
            "worker_connections": max(1, files - self._config.db_pool_max - SPARE_FILES),
            "keepalive": KEEP_ALIVE_SECONDS,
            # The worker ends itself before.
            "graceful_timeout": self._config.shutdown_timeout_ms // 1000 + 60,
            # The head as a whole is bounded, not its lines.
            "limit_request_line": 0,
            "limit_request_fields": 0,
            "limit_request_field_size": HEADER_BYTES,
            # No proxy may name a scheme or a prefix of paths.
            "forwarded_allow_ips": "",
            "http_parser": "python",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - for gunicorn an app has another type
        """Return the app."""
        return self._app


class Threads(ThreadPoolExecutor):
    """A thread for each request; where the system grants no more of them, a request waits for one."""

    def _adjust_thread_count(self) -> None:
        with contextlib.suppress(RuntimeError):
            super()._adjust_thread_count()


class LibraryLog(Logger):
    """Lets gunicorn's own messages leave as those of other libraries do."""

    def setup(self, cfg: Settings) -> None:  # noqa: ARG002 - the signature of gunicorn
        """Hand them to the log of the process."""
        self.error_log.propagate = True


class Worker(ThreadWorker):
    """Serves an app until a signal: drains, stops to accept, finishes what it has."""

    def __init__(self, app: Application, deps: Deps, listener: socket.socket) -> None:
        super().__init__(1, os.getppid(), [listener], app, 0, app.cfg, LibraryLog(app.cfg))
        self._deps = deps
        self._body_seconds = min(REQUEST_SECONDS, deps.config.request_timeout_ms / 1000)
        self._lagged = deps.metrics.watch_event_loop()
        self._next_tick = 0.0
        self._is_ending = False

    def get_thread_pool(self) -> Threads:
        """Serve in such threads."""
        return Threads(self.cfg.threads)

    def init_signals(self) -> None:
        """Let both signals mean the same."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)

    def run(self) -> None:
        """Tell where it listens, and serve."""
        address, port = self.sockets[0].getsockname()[:2]
        self._deps.log.listening(address, port)
        self._next_tick = time.monotonic() + TICK_SECONDS
        try:
            super().run()
        except BaseException:
            self.log.exception("the server has failed")
            # Its threads would keep a process that serves nobody.
            os._exit(1)

    def is_parent_alive(self) -> bool:
        """Tell that nobody has to watch over it."""
        return True

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """Look for what there is to do, and how late this look is."""
        until_tick = max(self._next_tick - time.monotonic(), 0)
        super().wait_for_and_dispatch_events(until_tick if timeout is None else min(timeout, until_tick))
        now = time.monotonic()
        if now >= self._next_tick:
            self._lagged(now - self._next_tick)
            self._next_tick = now + TICK_SECONDS

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a signal handler
        """Begin the end; a second signal does not wait for it."""
        if self._is_ending:
            os._exit(1)
        self._is_ending = True
        # The signal may have come in the middle of a log line, whose lock another line would wait for in vain.
        self.method_queue.defer(self._drain, signal.Signals(sig).name)

    def _drain(self, name: str) -> None:
        self._deps.log.shutdown_started(name)
        self._deps.lifecycle.draining = True
        _after(self._deps.config.shutdown_delay_ms, partial(self.method_queue.defer, self._stop))

    def _stop(self) -> None:
        _after(self._deps.config.shutdown_timeout_ms, partial(os._exit, 1))
        self.set_accept_enabled(enabled=False)
        for listener in self.sockets:
            while self._take(listener):
                pass
            listener.close()
        self.alive = False

    def _cap_keepalive(self, _deadline: float) -> None:
        """Give requests that are on their way on idle connections a moment to arrive."""
        for connection in self.keepalived_conns:
            connection.timeout = time.monotonic() + FAREWELL_SECONDS

    def accept(self, listener: socket.socket) -> None:
        """Take a connection."""
        # It may have come together with the news that the end has begun, which has taken it.
        if self.alive:
            self._take(listener)

    def _take(self, listener: socket.socket) -> bool:
        """Take a connection, if one waits, and wait in the loop for its request; gunicorn would do so in a thread."""
        try:
            accepted = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        connection = Connection(self.cfg, accepted, listener.getsockname(), self._body_seconds)
        self.nr_conns += 1
        connection.set_timeout()
        self.keepalived_conns.append(connection)
        self.poller.register(connection.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, connection))
        return True

    def handle(self, conn: TConn) -> bool:
        """Serve a request; after the last one of a connection, wait here until the client has read the answer."""
        is_kept = super().handle(conn)
        if not is_kept:
            say_farewell(conn.sock)
        return is_kept

    def handle_request(self, req: message.Request, conn: TConn) -> bool:
        """Let the app answer; tell whether the connection is kept."""
        assert isinstance(req, Request)  # noqa: S101 - narrows the type
        response, environ = wsgi.create(req, conn.sock, conn.client, conn.server, self.cfg, Response)
        environ["wsgi.multithread"] = True
        # Frameworks would look for a route of web sockets, but here the request stays what it is.
        environ.pop("HTTP_UPGRADE", None)
        start: Any = response.start_response
        answer = self.wsgi(environ, start)
        conn.sock.settimeout(REQUEST_SECONDS)
        try:
            for piece in answer:
                response.write(piece)
            response.close()
        except TimeoutError:
            return False
        finally:
            if close := getattr(answer, "close", None):
                close()
        return not response.should_close() and req.body.skip()

    def handle_error(
        self,
        req: message.Request | None,  # noqa: ARG002 - the signature of gunicorn
        client: socket.socket,
        addr: object,  # noqa: ARG002
        exc: BaseException,
    ) -> None:
        """Refuse what is no request."""
        code = _code_of(exc)
        if code == "internal":
            self._deps.log.failure(exc)
        with contextlib.suppress(OSError):
            client.settimeout(LINGER_SECONDS)
            client.sendall(refusal(code, self._deps.config))


def _code_of(error: BaseException) -> str:
    match error:
        case Problem():
            return error.code
        case LimitRequestHeaders() | LimitRequestLine():
            return "headers_too_large"
        case ParseException():
            return "bad_request"
        case _:
            return "internal"


def _after(milliseconds: int, do: Callable[[], object]) -> None:
    """Do something later, in place of what was to be done later before; a timer of Python's would need a thread."""
    signal.signal(signal.SIGALRM, lambda _number, _frame: do())
    # No time at all would mean never.
    signal.setitimer(signal.ITIMER_REAL, max(milliseconds / 1000, 1e-6))
