"""What WSGI leaves to both of its sides."""

import re
from wsgiref.types import WSGIEnvironment

from app.log import request_context
from app.problem import Problem

_AUTHORITY = re.compile(r"[A-Za-z][^/?]*://[^/?]*")


class ClientLeft(Exception):  # noqa: N818 - it is nobody's error
    """Nobody waits for the answer any more."""


def raw_path(environ: WSGIEnvironment) -> str:
    """Return the path as it was sent; `PATH_INFO` is decoded."""
    target: str = environ["RAW_URI"]
    if not target.startswith("/"):
        target = _AUTHORITY.sub("", target, count=1)
    return target.partition("?")[0]


def problem_answer(problem: Problem, environ: WSGIEnvironment) -> tuple[bytes, int, dict[str, str]]:
    """Return body, status and headers of the answer that tells a problem."""
    context = request_context.get()
    body = problem.body(raw_path(environ), context.request_id if context else "")
    return body, problem.kind.status, problem.headers
