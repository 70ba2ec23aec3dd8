"""JSON bodies, refused in the order of the contract: media type, size, syntax."""

import json
import math
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any, NoReturn

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.problem import Problem

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# Python refuses to read longer integers, since it would take too long.
_LONGEST_INTEGER = 4300


class JsonRequest(Request):
    """A request whose body is read by our rules; FastAPI would answer all their breaches alike."""

    async def read(self) -> None:
        """Read the body before FastAPI asks for it."""
        if not _is_plain_json(self):
            raise Problem("unsupported_media_type")
        longest = self.app.state.max_body_bytes
        if int(self.headers.get("content-length", 0)) > longest:
            raise Problem("body_too_large")
        body = bytearray()
        async for chunk in self.stream():
            body += chunk
            if len(body) > longest:
                raise Problem("body_too_large")
        self._body = bytes(body)
        self._json = _parsed(self._body)


class JsonRoute(APIRoute):
    """A route that takes JSON, if it takes a body."""

    def get_route_handler(self) -> Handler:
        """Read the body, then do what FastAPI does."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def read_and_handle(request: Request) -> Response:
            json_request = JsonRequest(request.scope, request.receive)
            await json_request.read()
            return await handle(json_request)

        return read_and_handle


def _is_plain_json(request: Request) -> bool:
    if "content-encoding" in request.headers:
        return False
    media_type = request.headers.get("content-type", "")
    if media_type == "application/json":
        return True
    message = Message()
    message["Content-Type"] = media_type
    charset = str(message.get_param("charset", "utf-8")).lower()
    return message.get_content_type() == "application/json" and charset in ("utf-8", "utf8")


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body.decode(), parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError):
        raise Problem("malformed_json") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else math.inf
