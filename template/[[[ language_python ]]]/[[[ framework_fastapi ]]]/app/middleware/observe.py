"""Gives a request its ids and, when it is over, its log line and its place in the metrics."""

import re
import secrets
import time
from collections.abc import Iterable, MutableMapping
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.log import Access, RequestContext, request_context
from app.metrics import OPERATIONAL

if TYPE_CHECKING:
    from app.app import Deps

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header: ff is no version, zeros are no id, later ones may add fields.
_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?")
_LEFT_EARLY = 499

Identity = tuple[RequestContext, str]


class Observe:
    """The outermost layer."""

    def __init__(self, app: ASGIApp, deps: "Deps") -> None:
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
        hops = self._deps.config.trusted_proxy_hops
        if not hops:
            return peer
        forwarded = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
        addresses = [*(part.strip() for part in forwarded.split(",") if part.strip()), peer]
        return addresses[-min(hops + 1, len(addresses))]


def identity_of(scope: MutableMapping[str, Any]) -> Identity:
    """Return the ids of a request, whoever asks first: the app, or the server that refuses the rest of it."""
    state = scope.setdefault("state", {})
    if "identity" not in state:
        state["identity"] = identify(scope["headers"])
    identity: Identity = state["identity"]
    return identity


def identify(headers: Iterable[tuple[bytes, bytes]]) -> Identity:
    """Continue the caller's trace, or begin one; return also the `traceparent` of this service's span."""
    fresh = secrets.token_hex(24)
    trace_id, flags = _parent_of(header(headers, b"traceparent")) or (fresh[:32], "01")
    span_id = fresh[32:]
    wanted = header(headers, b"x-request-id")
    request_id = wanted if _REQUEST_ID.fullmatch(wanted) else trace_id
    return RequestContext(request_id, trace_id, span_id), f"00-{trace_id}-{span_id}-{flags}"


def header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> str:
    """Return the value of a header, empty when it is absent or stands there twice."""
    values = [value for name, value in headers if name == wanted]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _parent_of(traceparent: str) -> tuple[str, str] | None:
    match = _TRACEPARENT.fullmatch(traceparent)
    if not match or (match[1] == "00" and match[4] is not None):
        return None
    return match[2], match[3]
