"""What WSGI leaves to both of its sides."""

import json
import re
from collections.abc import Mapping
from functools import cache
from wsgiref.types import WSGIEnvironment

from pydantic import BaseModel

from app.json_body import is_json, parsed
from app.log import request_context
from app.problem import Problem

_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_AUTHORITY = re.compile(r"[A-Za-z][^/?]*://[^/?]*")


class ClientLeft(Exception):  # noqa: N818 - it is nobody's error
    """Nobody waits for the answer any more."""


def raw_path(environ: WSGIEnvironment) -> str:
    """Return the path as it was sent; `PATH_INFO` is decoded."""
    target: str = environ["RAW_URI"]
    if not target.startswith("/"):
        target = _AUTHORITY.sub("", target, count=1)
    return target.partition("?")[0]


@cache
def template_of(rule: str) -> str:
    """Spell the rule of a router as api/openapi.yaml does: `/v1/items/{id}`."""
    return _PARAMETER.sub(r"{\1}", rule)


def read_json(environ: WSGIEnvironment, longest: int) -> object:
    """Read a JSON body of so many bytes at most, in the order of the contract: media type, size, syntax."""
    if "HTTP_CONTENT_ENCODING" in environ or not is_json(environ.get("CONTENT_TYPE", "")):
        raise Problem("unsupported_media_type")
    if int(environ.get("CONTENT_LENGTH") or 0) > longest:
        raise Problem("body_too_large")
    # Frameworks would cut it off at the limit, or answer a breach by themselves.
    body: bytes = environ["wsgi.input"].read(longest + 1)
    if len(body) > longest:
        raise Problem("body_too_large")
    return parsed(body)


def json_text(body: BaseModel | Mapping[str, object]) -> str:
    """Write the body of an answer."""
    return body.model_dump_json() if isinstance(body, BaseModel) else json.dumps(body, separators=(",", ":"))


def problem_answer(problem: Problem, environ: WSGIEnvironment) -> tuple[bytes, int, dict[str, str]]:
    """Return body, status and headers of the answer that tells a problem."""
    context = request_context.get()
    body = problem.body(raw_path(environ), context.request_id if context else "")
    return body, problem.kind.status, problem.headers
