"""Calls to the emulated AWS that go wrong where a test wants it."""

import json
import select
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import WSGIEnvironment

from werkzeug.wrappers import Response

from kit.cloud import Fault, Planted

PATIENCE = 120  # seconds after which even a client that waits for ever hears something


@dataclass
class Faults:
    """Which calls arrived, and what was planted."""

    arrivals: list[tuple[str, str]] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    decided: dict[str, Fault | None] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def calls(self, client: str) -> list[str]:
        """Return the calls since the last plan, of all clients or of one."""
        with self.lock:
            return [call for call, by in self.arrivals if client in {"", by}]

    def plant(self, faults: list[dict[str, Any]]) -> None:
        """Let calls fail from here on; what arrived before is forgotten."""
        with self.lock:
            self.arrivals.clear()
            self.decided.clear()
            self.planted = [Planted(**(fault | {"fault": Fault(fault["fault"])})) for fault in faults]
            self.counts = [0] * len(faults)

    def arrived(self, call: str, client: str, invocation: str) -> Fault | None:
        """Note a call and return how it fails; the attempts of one invocation are one call."""
        with self.lock:
            if invocation in self.decided:
                return _again(self.decided[invocation])
            self.arrivals.append((call, client))
            chosen = None
            for index, plan in enumerate(self.planted):
                if plan.client in {"", client} and call.startswith(plan.call):
                    self.counts[index] += 1
                    if plan.at <= self.counts[index] and (not plan.times or self.counts[index] < plan.at + plan.times):
                        chosen = plan.fault
            if invocation:
                self.decided[invocation] = chosen
            return chosen


def _again(fault: Fault | None) -> Fault | None:
    """Return how the next attempt of a call fails: a lost answer comes, what hangs goes on hanging."""
    return {Fault.LOST: None, Fault.STALL: Fault.HANG}.get(fault, fault) if fault else None


def denied(environ: WSGIEnvironment) -> Response:
    """Refuse as AWS does, in the way that no client tries again."""
    if "HTTP_X_AMZ_TARGET" in environ:
        problem = {"__type": "AccessDeniedException", "message": "planted by the test"}
        return Response(json.dumps(problem), status=400, mimetype="application/x-amz-json-1.1")
    error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>planted by the test</Message></Error>"
    wrapped = error if "/s3/" in environ.get("HTTP_AUTHORIZATION", "") else f"<ErrorResponse>{error}</ErrorResponse>"
    return Response(wrapped, status=403, mimetype="text/xml")


def nonsense() -> Response:
    """Answer 200 with what no client can read."""
    return Response("<<< the proxy is being updated >>>", mimetype="text/html")


def nothing(call: str, environ: WSGIEnvironment) -> Response:
    """Answer 200 and well-formed, with nothing in it."""
    if "HTTP_X_AMZ_TARGET" in environ:
        return Response("{}", mimetype="application/x-amz-json-1.1")
    if "/s3/" in environ.get("HTTP_AUTHORIZATION", ""):
        return Response("", mimetype="text/xml")
    operation = call.partition(" ")[2]
    return Response(f"<{operation}Response><{operation}Result/></{operation}Response>", mimetype="text/xml")


def wait_for_the_end(environ: WSGIEnvironment) -> None:
    """Say nothing until the client has had enough."""
    connection: socket.socket = environ["werkzeug.socket"]
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        readable, _, _ = select.select([connection], [], [], 1)
        try:
            if readable and not connection.recv(65536):  # the rest of what it asked, or its end
                return
        except OSError:
            return


def hang_up(environ: WSGIEnvironment) -> None:
    """Cut the connection."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
