"""Gives a request its ids and, when it is over, its log line and its place in the metrics."""

import time
from collections.abc import Iterable, MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.deps import Deps
from app.forwarded import client_address
from app.identity import Identity, identify
from app.log import Access, request_context
from app.metrics import OPERATIONAL

_LEFT_EARLY = 499


class Observe:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, deps: Deps) -> None:
        self._app = app
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        started = time.perf_counter()
        metrics, active = self._deps.metrics, self._deps.lifecycle.active
        context, traceparent = identity_of(scope)
        request_context.set(context)
        ids = ((b"x-request-id", context.request_id.encode()), (b"traceparent", traceparent.encode()))
        path: str = scope["raw_path"].decode("ascii")
        counted = path not in OPERATIONAL
        method = metrics.request_started(scope["method"])
        status = 0

        async def send_with_ids(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].extend(ids)
            await send(message)

        active[method] += counted
        try:
            await self._app(scope, receive, send_with_ids)
        except Exception:
            # Starlette raises again what has been logged and answered.
            if status == 0:
                raise
        finally:
            active[method] -= counted
            seconds = time.perf_counter() - started
            status = scope["state"].get("refused", status or _LEFT_EARLY)
            route = getattr(scope.get("route"), "path", "")
            if counted:
                metrics.request_ended(method, route, status, seconds)
            client, software = self._client_of(scope), header(scope["headers"], b"user-agent")
            access = Access(scope["method"], path, route, status, seconds * 1000, client, software)
            self._deps.log.request(context, access)

    def _client_of(self, scope: Scope) -> str:
        peer: str = scope["client"][0] if scope["client"] else ""
        forwarded = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
        return client_address(peer, forwarded, self._deps.config.trusted_proxy_hops)


def identity_of(scope: MutableMapping[str, Any]) -> Identity:
    """Return the ids of a request, whoever asks first: the app, or the server that refuses the rest of it."""
    state = scope.setdefault("state", {})
    if "identity" not in state:
        headers = scope["headers"]
        state["identity"] = identify(header(headers, b"x-request-id"), header(headers, b"traceparent"))
    identity: Identity = state["identity"]
    return identity


def header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> str:
    """Return the value of a header, empty when it is absent or stands there twice."""
    values = [value for name, value in headers if name == wanted]
    return values[0].decode("latin-1") if len(values) == 1 else ""
