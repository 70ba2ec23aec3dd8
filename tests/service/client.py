"""An HTTP/1.1 client that sends what a test writes, byte for byte, and holds every answer against the contract."""

import contextlib
import http.client
import io
import json
import select
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from service.document import Answer, Document

DEADLINE = 20
PIPELINE = 100
Headers = Sequence[tuple[str, str]]
JSON: Headers = (("Content-Type", "application/json"),)


class _Kept(io.BufferedReader):
    """A buffer that outlives one response: the next answer of the connection may stand in it already."""

    def close(self) -> None:
        """Stay open; the connection closes the socket."""


@dataclass
class Wire:
    """One connection, on which a test may send any bytes."""

    port: int
    document: Document
    commit: str
    tolerant: bool = False
    """Whether an answer may break the contract: for libraries that write refusals below the router themselves."""
    _socket: socket.socket = field(init=False)
    _reader: _Kept = field(init=False)

    def __post_init__(self) -> None:
        """Connect."""
        self._socket = socket.create_connection(("127.0.0.1", self.port), DEADLINE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = _Kept(cast("io.RawIOBase", socket.SocketIO(self._socket, "r")))

    def send(self, data: bytes) -> None:
        """Send bytes; a server that has answered and closed before it read them all is no error."""
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(data)

    def end(self) -> None:
        """Tell the server that no more bytes will come."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def answer(self, method: str = "GET", target: str = "/") -> Answer:
        """Read one answer to a request with this method and target, and fail the test if it breaks the contract."""
        response = http.client.HTTPResponse(cast("socket.socket", self), method=method)
        response.begin()
        answer = Answer(method, target, response.status, tuple(response.getheaders()), response.read())
        faults = [] if self.tolerant else self.document.faults(answer, self.commit)
        if faults:
            sent = f"{method} {target[:100]} was answered {answer.status}, which"
            pytest.fail("\n".join([sent, *(f"  {fault}" for fault in faults)]), pytrace=False)
        return answer

    def is_closed(self) -> bool:
        """Wait for the end of the connection; False if bytes come instead."""
        try:
            return self._reader.read(1) == b""
        except ConnectionError:
            return True

    def line(self) -> bytes:
        """Read one line."""
        return self._reader.readline()

    def drain(self) -> None:
        """Read until the server ends the connection."""
        with contextlib.suppress(ConnectionError):
            while self._reader.read(PIPELINE):
                pass

    def has_answer(self, seconds: float) -> bool:
        """Tell whether the server says something, or closes the connection, within this time."""
        return bool(select.select([self._socket], [], [], seconds)[0])

    def is_over(self) -> bool:
        """Tell whether the server has ended the connection while it was idle."""
        try:
            return self.has_answer(0) and self._socket.recv(1, socket.MSG_PEEK) == b""
        except ConnectionError:
            return True

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def makefile(self, *_: object) -> _Kept:
        """Hand the shared buffer to the standard library's parser."""
        return self._reader


@dataclass
class Client:
    """What tests speak to a service with; one connection, kept alive and renewed when the server ends it."""

    port: int
    document: Document
    commit: str = "unknown"
    _wire: Wire | None = None

    def get(self, target: str, headers: Headers = ()) -> Answer:
        """Send GET."""
        return self.send("GET", target, headers=headers)

    def post(self, target: str, value: object, headers: Headers = JSON) -> Answer:
        """Send POST with a value as JSON, or with bytes as they are."""
        return self.send("POST", target, value, headers)

    def put(self, target: str, value: object, headers: Headers = JSON) -> Answer:
        """Send PUT with a value as JSON, or with bytes as they are."""
        return self.send("PUT", target, value, headers)

    def delete(self, target: str) -> Answer:
        """Send DELETE."""
        return self.send("DELETE", target)

    def send(self, method: str, target: str, value: object = b"", headers: Headers = ()) -> Answer:
        """Send a request and return its answer, which keeps the contract."""
        data = request(method, target, value, headers)
        if self._wire is not None and self._wire.is_over():
            self.close()
        if self._wire is None:
            self._wire = self.open()
        self._wire.send(data)
        answer = self._wire.answer(method, target)
        if answer.header("connection") == "close":
            self.close()
        return answer

    def burst(self, requests: Sequence[bytes]) -> list[Answer]:
        """Send POST requests to ``/v1/items`` in pipelines of a hundred, and return their answers in order."""
        answers = []
        with self.wire() as wire:
            for first in range(0, len(requests), PIPELINE):
                batch = requests[first : first + PIPELINE]
                wire.send(b"".join(batch))
                answers += [wire.answer("POST", "/v1/items") for _ in batch]
        return answers

    def open(self, *, tolerant: bool = False) -> Wire:
        """Open another connection."""
        return Wire(self.port, self.document, self.commit, tolerant)

    @contextlib.contextmanager
    def wire(self, *, tolerant: bool = False) -> Iterator[Wire]:
        """Open another connection and close it at the end of the block."""
        wire = self.open(tolerant=tolerant)
        try:
            yield wire
        finally:
            wire.close()

    def clone(self) -> "Client":
        """Return a client with a connection of its own, for another thread."""
        return Client(self.port, self.document, self.commit)

    def close(self) -> None:
        """End the connection; the next request opens another."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None


def request(method: str, target: str, value: object = b"", headers: Headers = ()) -> bytes:
    """Return the bytes of a request; a body that is no bytes becomes JSON."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    lines = [f"{method} {target} HTTP/1.1", "Host: service", *(f"{name}: {text}" for name, text in headers)]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
