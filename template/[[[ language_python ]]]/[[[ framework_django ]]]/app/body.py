"""JSON bodies of requests and answers."""

from collections.abc import Mapping
from wsgiref.types import WSGIEnvironment

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from pydantic import BaseModel

from app.wsgi import json_text, read_json


class Request(WSGIRequest):
    """A request whose body is read by the contract."""

    def __init__(self, environ: WSGIEnvironment, longest_body: int) -> None:
        # Django would fail at some media types, and read the query in the charset of others.
        super().__init__({**environ, "CONTENT_TYPE": ""})
        self._environ = environ
        self._longest_body = longest_body

    def json(self) -> object:
        """Read the body."""
        return read_json(self._environ, self._longest_body)


class Empty(HttpResponse):
    """An answer without a body, and so without a media type; Django would promise HTML."""

    def __init__(self, status: int) -> None:
        super().__init__(status=status)
        del self.headers["Content-Type"]


def json_response(
    body: BaseModel | Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Write the body of an answer."""
    return HttpResponse(json_text(body), "application/json", status, headers=headers)
