"""The one place where an error becomes an answer."""

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.body import Empty
from app.headers import allow
from app.log import Log
from app.problem import Problem, framework_problem
from app.wsgi import ClientLeft, problem_answer


def handle_errors(api: Flask, log: Log) -> None:
    """Let an app answer errors by the contract."""

    @api.errorhandler(Problem)
    def on_problem(problem: Problem) -> Response:
        return Response(*problem_answer(problem, request.environ))

    @api.errorhandler(MethodNotAllowed)
    def on_method(error: MethodNotAllowed) -> Response:
        methods = list(error.valid_methods or ())
        _find_route(methods[0])
        answer = on_problem(Problem("method_not_allowed"))
        answer.headers["Allow"] = allow(methods)
        return answer

    @api.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        return on_problem(framework_problem(error.code or 0))

    @api.errorhandler(ClientLeft)
    def on_leave(_error: ClientLeft) -> Response:
        return Empty(status=499)

    @api.errorhandler(Exception)
    def on_failure(error: Exception) -> Response:
        log.failure(error)
        return on_problem(Problem("internal"))


def _find_route(method: str) -> None:
    """Find the route of a path, for the log and the metrics; Flask names none when it has another method."""
    adapter = current_app.create_url_adapter(request)
    if adapter:
        request.url_rule, _ = adapter.match(method=method, return_rule=True)
