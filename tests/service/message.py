"""Whole HTTP/1.1 messages on asyncio streams: what the proxy passes on and the load counts."""

import asyncio
from dataclasses import dataclass

END = b"\r\n\r\n"


@dataclass(frozen=True)
class Message:
    """A complete request or response."""

    head: bytes
    body: bytes
    """As it was sent, in chunks if its head says so."""

    @property
    def content(self) -> bytes:
        """The body without the marks of its chunks."""
        if not _is_chunked(self.head):
            return self.body
        content, rest = b"", self.body
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            content, rest = content + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        return content

    @property
    def status(self) -> int:
        """The status of a response."""
        return int(self.head.split(b" ", 2)[1])

    @property
    def closes(self) -> bool:
        """Whether the connection ends with it."""
        return b"\r\nconnection: close\r\n" in self.head.lower()


async def read_message(reader: asyncio.StreamReader) -> Message:
    """Read one message; raises ``asyncio.IncompleteReadError`` or ``ConnectionError`` if it does not come whole."""
    head = await reader.readuntil(END)
    if _is_chunked(head):
        return Message(head, await _read_chunks(reader))
    length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    return Message(head, await reader.readexactly(int(length or 0)))


def _is_chunked(head: bytes) -> bool:
    return b"\r\ntransfer-encoding: chunked\r\n" in head.lower()


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        chunk = await reader.readexactly(int(line, 16) + 2)
        body += line + chunk
        if chunk == b"\r\n":
            return body
