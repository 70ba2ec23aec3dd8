"""The ids of a request: kept or continued where its caller gave some, else made."""

import re
import secrets

from app.log import RequestContext

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header: ff is no version, zeros are no id, later ones may add fields.
_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?")

Identity = tuple[RequestContext, str]


def identify(request_id: str = "", traceparent: str = "") -> Identity:
    """Continue the caller's trace, or begin one; return also the `traceparent` of this service's span."""
    fresh = secrets.token_hex(24)
    trace_id, flags = _parent_of(traceparent) or (fresh[:32], "01")
    span_id = fresh[32:]
    context = RequestContext(request_id if _REQUEST_ID.fullmatch(request_id) else trace_id, trace_id, span_id)
    return context, f"00-{trace_id}-{span_id}-{flags}"


def _parent_of(traceparent: str) -> tuple[str, str] | None:
    match = _TRACEPARENT.fullmatch(traceparent)
    if not match or (match[1] == "00" and match[4] is not None):
        return None
    return match[2], match[3]
