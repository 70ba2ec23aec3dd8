"""Limits of requests: what is readable, how many at once, how long each."""

import asyncio

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.deps import Deps
from app.errors import problem_response
from app.metrics import OPERATIONAL
from app.paths import decoded, has_encoded_slash, is_readable
from app.problem import Problem


class Limits:
    """Refuses what the HTTP parser lets through, and bounds how many requests are served and how long each may take."""

    def __init__(self, app: ASGIApp, deps: Deps) -> None:
        self._app = app
        self._active = deps.lifecycle.active
        self._config = deps.config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if problem := self._refusal(scope):
            await problem_response(problem, Request(scope))(scope, receive, send)
            return
        path: str = scope["raw_path"].decode("ascii")
        if has_encoded_slash(path):
            scope["path"] = decoded(path)
        try:
            async with asyncio.timeout(self._config.request_timeout_ms / 1000) as deadline:
                await self._app(scope, receive, send)
        except TimeoutError:
            if not deadline.expired():
                raise
            await problem_response(Problem("timeout"), Request(scope))(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        has_host = scope["http_version"] == "1.0" or any(name == b"host" for name, _ in scope["headers"])
        if not has_host or not is_readable(scope["raw_path"].decode("ascii")):
            return Problem("bad_request")
        if self._active.total() > self._config.max_in_flight and scope["path"] not in OPERATIONAL:
            return Problem("unavailable")
        return None
