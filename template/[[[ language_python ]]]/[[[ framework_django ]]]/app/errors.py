"""The one place where an error becomes an answer."""

from wsgiref.types import WSGIEnvironment

from django.http import Http404, HttpResponse

from app.body import Empty
from app.log import Log
from app.methods import MethodNotAllowed
from app.problem import Problem
from app.wsgi import ClientLeft, problem_answer


def answer_to(error: Exception, environ: WSGIEnvironment, log: Log) -> HttpResponse:
    """Answer an error by the contract."""
    match error:
        case Problem():
            return _told(error, environ)
        case Http404():
            return _told(Problem("not_found"), environ)
        case MethodNotAllowed():
            return _told(Problem("method_not_allowed"), environ, Allow=error.allowed)
        case ClientLeft():
            return Empty(499)
        case _:
            log.failure(error)
            return _told(Problem("internal"), environ)


def _told(problem: Problem, environ: WSGIEnvironment, **more: str) -> HttpResponse:
    body, status, headers = problem_answer(problem, environ)
    return HttpResponse(body, status=status, headers={**headers, **more})
