"""A connection of a client, and how an answer leaves on it."""

import contextlib
import socket
import time
from collections.abc import Iterable

from gunicorn.config import Config as Settings
from gunicorn.http import wsgi
from gunicorn.workers.gthread import TConn

from app.bounds import LINGER_SECONDS
from app.request import BoundedParser, Request

Address = tuple[str, int]


class Connection(TConn):
    """A connection that is closed in the loop without waiting for its client, since a thread has waited before."""

    def __init__(
        self, settings: Settings, accepted: tuple[socket.socket, Address], own: Address, seconds: float
    ) -> None:
        sock, client = accepted
        super().__init__(settings, sock, client, own)
        self.parser = BoundedParser(settings, sock, client, seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # It gets a thread only when there is something to read.
        self.data_ready = True

    def close(self, graceful: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the signature of gunicorn
        """End it."""
        self.sock.close()


class Response(wsgi.Response):
    """An answer that says nothing of the server, and ends the connection when the app or the request wants that."""

    req: Request

    def process_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Take the headers of the app."""
        given = list(headers)
        super().process_headers(given)
        if ("connection", "close") in given:
            self.force_close()

    def should_close(self) -> bool:
        """Tell whether the connection ends."""
        return super().should_close() or not self.req.body.is_short

    def default_headers(self) -> list[str]:
        """Return the headers of the server."""
        return [line for line in super().default_headers() if not line.startswith("Server:")]


def say_farewell(sock: socket.socket) -> None:
    """Wait for the end of the client: closing at once would reset the connection before it has read the answer."""
    until = time.monotonic() + LINGER_SECONDS
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while (left := until - time.monotonic()) > 0:
            sock.settimeout(left)
            if not sock.recv(65_536):
                return
