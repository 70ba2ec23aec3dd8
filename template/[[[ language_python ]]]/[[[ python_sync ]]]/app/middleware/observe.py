"""Gives a request its ids and every answer its headers; when it is over, its log line and its place in the metrics."""

import time
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from types import TracebackType
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.deadline import within
from app.deps import Deps
from app.forwarded import client_address
from app.headers import static_headers
from app.identity import identify
from app.log import Access, request_context
from app.metrics import OPERATIONAL
from app.middleware.limits import Places, keep_slashes, refusal_of
from app.problem import Problem
from app.wsgi import problem_answer, raw_path

Error = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None


class Observe:
    """The one layer around the app; `route_of` tells which route the app has found for a request."""

    def __init__(self, app: WSGIApplication, deps: Deps, route_of: Callable[[WSGIEnvironment], str]) -> None:
        self._app = app
        self._deps = deps
        self._route_of = route_of
        self._places = Places(deps)
        self._seconds = deps.config.request_timeout_ms / 1000
        self._always = static_headers(deps.config)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request."""
        started = time.perf_counter()
        context, traceparent = identify(environ.get("HTTP_X_REQUEST_ID", ""), environ.get("HTTP_TRACEPARENT", ""))
        token = request_context.set(context)
        path = raw_path(environ)
        is_counted = path not in OPERATIONAL
        method = self._deps.metrics.request_started(environ["REQUEST_METHOD"])
        status, route = 0, ""

        def start(line: str, headers: list[tuple[str, str]], error: Error = None) -> Callable[[bytes], object]:
            nonlocal status, route
            status, route = int(line[:3]), self._route_of(environ)
            headers += [("x-request-id", context.request_id), ("traceparent", traceparent), *self._always]
            if self._deps.lifecycle.draining:
                headers.append(("connection", "close"))
            return start_response(line, headers, error)

        def over() -> None:
            seconds = time.perf_counter() - started
            if is_counted:
                self._places.leave(method)
                self._deps.metrics.request_ended(method, route, status, seconds)
            client, software = self._client_of(environ), environ.get("HTTP_USER_AGENT", "")
            access = Access(environ["REQUEST_METHOD"], path, route, status, seconds * 1000, client, software)
            self._deps.log.request(context, access)
            request_context.reset(token)

        has_place = not is_counted or self._places.take(method)
        if problem := refusal_of(environ, path, has_place=has_place):
            return Answer(_refused(problem, environ, start), over)
        keep_slashes(environ, path)
        with within(self._seconds):
            return Answer(self._app(environ, start), over)

    def _client_of(self, environ: WSGIEnvironment) -> str:
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
        return client_address(environ["REMOTE_ADDR"], forwarded, self._deps.config.trusted_proxy_hops)


class Answer:
    """An answer of the app, and what is to be done when it has left."""

    def __init__(self, body: Iterable[bytes], over: Callable[[], None]) -> None:
        self._body = body
        self._over = over

    def __iter__(self) -> Iterator[bytes]:
        """Return the pieces."""
        return iter(self._body)

    def close(self) -> None:
        """End it; servers call this after the last piece, or when the client has left."""
        try:
            if close := getattr(self._body, "close", None):
                close()
        finally:
            self._over()


def _refused(problem: Problem, environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
    body, status, headers = problem_answer(problem, environ)
    start(f"{status} {HTTPStatus(status).phrase}", [*headers.items(), ("Content-Length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
