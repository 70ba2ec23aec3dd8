"""How a request comes in: gunicorn's parser, with the limits of time and size that it lacks."""

import re
import socket
import time

from gunicorn.config import Config as Settings
from gunicorn.http import body, message
from gunicorn.http.errors import InvalidChunkSize, InvalidHeader, InvalidRequestLine, ParseException
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader, Unreader

from app.bounds import HEADER_BYTES, HEADER_SECONDS
from app.problem import Problem
from app.wsgi import ClientLeft

# What of a body nobody has asked for is read all the same, so that the connection serves the next request.
SKIPPED_BYTES = 64 * 1024

_LARGEST = 2**63 - 1
_PIECE = 64 * 1024
_BEGINNING = re.compile(rb"[\r!-~]")


class BoundedUnreader(SocketUnreader):
    """Takes from a client what comes within a time, and for the head of a request within a size."""

    _until = 0.0
    _room: float = 0

    def allow(self, seconds: float, size: float) -> None:
        """Begin a part of a request."""
        self._until = time.monotonic() + seconds
        self._room = size

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Receive a piece."""
        if self._room <= 0:
            raise Problem("headers_too_large")
        self.sock.settimeout(max(self._until - time.monotonic(), 0.001))
        try:
            data = self.sock.recv(max(self.mxchunk, min(size_hint or 0, _PIECE)))
        except TimeoutError:
            raise Problem("request_timeout") from None
        self._room -= len(data)
        return data


class BoundedChunks(body.ChunkedReader):
    """Chunks of sizes that exist."""

    def parse_chunk_size(self, unreader: Unreader, data: bytes | None = None) -> tuple[int, bytes | None]:
        """Read the size of the next one."""
        size, rest = super().parse_chunk_size(unreader, data)
        if size > _LARGEST:
            raise InvalidChunkSize(b"%x" % size)
        return size, rest


class Body(body.Body):
    """A body whose end is known: what breaks off, or is no HTTP, is told in terms of the app."""

    def __init__(self, reader: body.ChunkedReader | body.LengthReader, request: message.Request) -> None:
        super().__init__(reader)
        self._request = request
        self._left = reader.length if isinstance(reader, body.LengthReader) else None

    @property
    def is_short(self) -> bool:
        """Whether so little of it is left that it can be skipped."""
        if self._left is None:
            return isinstance(self.reader, BoundedChunks) and self.reader.parser is None
        return self._left <= SKIPPED_BYTES

    def read(self, size: int | None = None) -> bytes:
        """Read so much, or what there is."""
        try:
            data = super().read(size)
        except ParseException:
            self._request.force_close()
            raise Problem("bad_request") from None
        except Problem:
            self._request.force_close()
            raise
        except OSError:
            self._request.force_close()
            raise ClientLeft from None
        if self._left is not None:
            self._left -= len(data)
            if self._left and (size is None or len(data) < size):
                self._request.force_close()
                raise ClientLeft
        return data

    def skip(self) -> bool:
        """Read what is left; tell whether the next request can follow."""
        try:
            while self.read(_PIECE):
                pass
        except (Problem, ClientLeft):
            return False
        return True


class Request(message.Request):
    """A request with such a body."""

    body: Body

    def set_body_reader(self) -> None:
        """Choose how the body is read."""
        super().set_body_reader()
        reader = self.body.reader
        if isinstance(reader, body.LengthReader):
            if reader.length > _LARGEST:
                raise InvalidHeader("CONTENT-LENGTH", req=self)
            self.body = Body(reader, self)
        else:
            self.body = Body(BoundedChunks(self, self.unreader), self)

    @property
    def head_bytes(self) -> int:
        """How large target and headers are."""
        return len(self.uri or "") + sum(len(name) + len(value) + 4 for name, value in self.headers)


class BoundedParser(RequestParser):
    """Reads the requests of a connection, each in its time."""

    mesg_class = Request

    def __init__(self, settings: Settings, sock: socket.socket, client: tuple[str, int], body_seconds: float) -> None:
        super().__init__(settings, sock, client)
        self.unreader: BoundedUnreader = BoundedUnreader(sock)
        self._body_seconds = body_seconds

    def __next__(self) -> Request:
        """Read the head of the next one."""
        # The last piece of a head may hold the beginning of its body.
        self.unreader.allow(HEADER_SECONDS, HEADER_BYTES + self.unreader.mxchunk)
        beginning = self.unreader.read()
        if not beginning:
            raise StopIteration
        if not _BEGINNING.match(beginning):
            # A client that speaks TLS, for example, would never come to the end of a line.
            raise InvalidRequestLine(repr(beginning[:1]))
        self.unreader.unread(beginning)
        request = super().__next__()
        assert isinstance(request, Request)  # noqa: S101 - narrows the type
        if request.head_bytes > HEADER_BYTES:
            raise Problem("headers_too_large")
        self.unreader.allow(self._body_seconds, float("inf"))
        return request
