"""Limits of requests: what is readable, how many at once, how long each."""

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import problem_response
from app.metrics import OPERATIONAL
from app.problem import Problem

if TYPE_CHECKING:
    from app.app import Deps

_NO_ENCODING = re.compile(b"%(?![0-9A-Fa-f]{2})")
_ENCODED_SLASH = re.compile(b"%2f", re.IGNORECASE)


class Limits:
    """Refuses what the HTTP parser lets through, and bounds how many requests are served and how long each may take."""

    def __init__(self, app: ASGIApp, deps: "Deps") -> None:
        self._app = app
        self._active = deps.lifecycle.active
        self._config = deps.config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if problem := self._refusal(scope):
            await problem_response(problem, Request(scope))(scope, receive, send)
            return
        _keep_slashes(scope)
        try:
            async with asyncio.timeout(self._config.request_timeout_ms / 1000) as deadline:
                await self._app(scope, receive, send)
        except TimeoutError:
            if not deadline.expired():
                raise
            await problem_response(Problem("timeout"), Request(scope))(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        if not _is_readable(scope):
            return Problem("bad_request")
        if self._active.total() > self._config.max_in_flight and scope["path"] not in OPERATIONAL:
            return Problem("unavailable")
        return None


def _is_readable(scope: Scope) -> bool:
    if scope["http_version"] != "1.0" and not any(name == b"host" for name, _ in scope["headers"]):
        return False
    path: bytes = scope["raw_path"]
    if b"%" not in path:
        return True
    try:
        unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return False
    return not _NO_ENCODING.search(path)


def _keep_slashes(scope: Scope) -> None:
    """Let a slash that is encoded part no path: to a router, the decoded one would."""
    if _ENCODED_SLASH.search(scope["raw_path"]):
        scope["path"] = unquote(_ENCODED_SLASH.sub(b"%252F", scope["raw_path"]))
