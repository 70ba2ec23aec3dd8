"""JSON bodies: read in the order of the contract, which is media type, size, syntax; and written."""

import json
from collections.abc import Mapping

from flask import Response, current_app, request
from pydantic import BaseModel

from app.json_body import is_json, parsed
from app.problem import Problem


class Empty(Response):
    """An answer without a body, and so without a media type; Flask would promise HTML."""

    default_mimetype = None


def read_json() -> object:
    """Read the body of the request."""
    if "Content-Encoding" in request.headers or not is_json(request.headers.get("Content-Type", "")):
        raise Problem("unsupported_media_type")
    longest: int = current_app.config["MAX_BODY_BYTES"]
    if int(request.headers.get("Content-Length", 0)) > longest:
        raise Problem("body_too_large")
    # Flask would cut it off at the limit, or answer a breach by itself.
    body: bytes = request.environ["wsgi.input"].read(longest + 1)
    if len(body) > longest:
        raise Problem("body_too_large")
    return parsed(body)


def json_response(
    body: BaseModel | Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Write the body of an answer."""
    text = body.model_dump_json() if isinstance(body, BaseModel) else json.dumps(body, separators=(",", ":"))
    return Response(text, status, headers, mimetype="application/json")
