"""Answers to what never became a request, or did not arrive whole."""

from email.utils import formatdate
from http import HTTPStatus

from app.config import Config
from app.headers import static_headers
from app.identity import Identity, identify
from app.problem import Problem


def refusal(code: str, config: Config, path: str = "", identity: Identity | None = None) -> bytes:
    """Write a whole HTTP response; the connection ends with it, for nobody knows where a next request would begin."""
    problem = Problem(code)
    context, traceparent = identity or identify()
    body = problem.body(path, context.request_id)
    status = HTTPStatus(problem.kind.status)
    headers = [
        ("date", formatdate(usegmt=True)),
        ("x-request-id", context.request_id),
        ("traceparent", traceparent),
        *static_headers(config),
        ("content-type", "application/problem+json"),
        ("content-length", str(len(body))),
        ("connection", "close"),
    ]
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
