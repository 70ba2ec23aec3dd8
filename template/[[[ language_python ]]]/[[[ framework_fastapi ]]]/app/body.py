"""JSON bodies, refused in the order of the contract: media type, size, syntax."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app.json_body import is_json, parsed
from app.problem import Problem

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonRequest(Request):
    """A request whose body is read by our rules; FastAPI would answer all their breaches alike."""

    async def read(self) -> None:
        """Read the body before FastAPI asks for it."""
        if "content-encoding" in self.headers or not is_json(self.headers.get("content-type", "")):
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
        self._json = parsed(self._body)


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
