"""The one place where an error becomes an answer."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.headers import allow
from app.log import request_context
from app.problem import Problem, framework_problem, validation_problem


def problem_response(problem: Problem, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    """Write a problem as the answer to a request."""
    context = request_context.get()
    path = request.scope["raw_path"].decode("ascii")
    return Response(
        problem.body(path, context.request_id if context else ""),
        status_code=problem.kind.status,
        headers={**problem.headers, **(headers or {})},
    )


async def on_problem(request: Request, error: Problem) -> Response:
    """Answer what our own code refuses."""
    return problem_response(error, request)


async def on_invalid(request: Request, error: RequestValidationError) -> Response:
    """Answer what the schema refuses; parameters come first and are never mixed with fields."""
    wrong = [{**one, "loc": one["loc"][1:]} for one in error.errors() if one["loc"][0] != "body"]
    if wrong:
        return problem_response(validation_problem("parameter", wrong), request)
    fields = [{**one, "loc": one["loc"][1:]} for one in error.errors()]
    # For FastAPI the body `null` is a body that is missing.
    whole = [{**one, "type": "model_type"} if one["type"] == "missing" and not one["loc"] else one for one in fields]
    return problem_response(validation_problem("pointer", whole), request)


async def on_http(request: Request, error: HTTPException) -> Response:
    """Answer what the framework refuses."""
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return problem_response(Problem("method_not_allowed"), request, {"Allow": _allowed(request)})
    return problem_response(framework_problem(error.status_code), request)


def _allowed(request: Request) -> str:
    """Return the methods of a path; the framework knows only those of its first route."""
    methods: list[str] = request.app.state.allowed[request.scope["route"].path]
    return allow(methods)


async def on_leave(_request: Request, _error: ClientDisconnect) -> Response:
    """Answer nobody: the client has left."""
    return Response(status_code=499)


async def on_failure(request: Request, error: Exception) -> Response:
    """Log what nobody expected, once, and tell nothing of it."""
    request.app.state.log.failure(error)
    return problem_response(Problem("internal"), request)


HANDLERS: dict[int | type[Exception], Any] = {
    Problem: on_problem,
    RequestValidationError: on_invalid,
    HTTPException: on_http,
    ClientDisconnect: on_leave,
    Exception: on_failure,
}
