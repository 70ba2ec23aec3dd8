"""Whole HTTP/1.1 messages on asyncio streams: what the proxy passes on and the load counts."""

import asyncio
from dataclasses import dataclass

END = b"\r\n\r\n"


@dataclass(frozen=True)
class Message:
    """A complete request or response."""

    head: bytes
    body: bytes

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
    fields = head.lower()
    if b"\r\ntransfer-encoding: chunked\r\n" in fields:
        return Message(head, await _read_chunks(reader))
    length = fields.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    return Message(head, await reader.readexactly(int(length or 0)))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        chunk = await reader.readexactly(int(line, 16) + 2)
        body += line + chunk
        if chunk == b"\r\n":
            return body
