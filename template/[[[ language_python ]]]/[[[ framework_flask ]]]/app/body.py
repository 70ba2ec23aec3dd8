"""JSON bodies of requests and answers."""

from collections.abc import Mapping

from flask import Response, current_app, request
from pydantic import BaseModel

from app import wsgi


class Empty(Response):
    """An answer without a body, and so without a media type; Flask would promise HTML."""

    default_mimetype = None


def read_json() -> object:
    """Read the body of the request."""
    longest: int = current_app.config["MAX_BODY_BYTES"]
    return wsgi.read_json(request.environ, longest)


def json_response(
    body: BaseModel | Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Write the body of an answer."""
    return Response(wsgi.json_text(body), status, headers, mimetype="application/json")
