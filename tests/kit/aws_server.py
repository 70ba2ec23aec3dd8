"""AWS on 127.0.0.1, as a program: moto with what it lacks, and the registry beside ECR.

usage: python -m kit.aws_server PORT

``/control`` is for the tests alone: which calls arrived, which one is to fail, everything forgotten.
"""

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.cloudformation.models import Stack, cloudformation_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response

from kit.aws_missing import complete_moto
from kit.aws_registry import Registry
from kit.cloud import ACCOUNT

BEFORE = "before"


@dataclass
class Control:
    """What the tests asked for and what they may ask about."""

    calls: list[str] = field(default_factory=list)
    fail_at: int = 0
    when: str = BEFORE
    lock: threading.Lock = field(default_factory=threading.Lock)

    def arrived(self, call: str) -> str:
        """Note a call and return when it is to fail: before it takes effect, after, or never (empty)."""
        with self.lock:
            self.calls.append(call)
            return self.when if len(self.calls) == self.fail_at else ""

    def answer(self, request: Request) -> Response:
        """Serve ``/control``."""
        with self.lock:
            if request.method == "GET":
                return Response(json.dumps(self.calls), mimetype="application/json")
            wish = request.get_json()
            self.calls.clear()
            self.fail_at, self.when = wish.get("fail_at", 0), wish.get("when", BEFORE)
            if wish.get("forget"):
                moto_api_backend.reset()
            for name, status in wish.get("stacks", {}).items():
                _stack(name).status = status
            return Response(status=204)


class Application:
    """The three servers behind one port."""

    def __init__(self) -> None:
        """Begin with empty clouds."""
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.control = Control()
        self.registry = Registry()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if path == "/control":
            return self.control.answer(Request(environ))(environ, start)
        if path.startswith("/v2/"):
            return self.registry.answer(Request(environ))(environ, start)
        fails = self.control.arrived(_call(environ))
        if fails != BEFORE:
            answer: Iterable[bytes] = self.moto(environ, _unheard if fails else start)
            if not fails:
                return answer
            b"".join(answer)
        return _denied(environ)(environ, start)


def _stack(name: str) -> Stack:
    stacks = (stack for backend in cloudformation_backends[ACCOUNT].values() for stack in backend.stacks.values())
    return next(stack for stack in stacks if stack.name == name)


def _unheard(*_: object) -> Callable[[bytes], object]:
    """Take an answer that nobody gets."""
    return lambda _: None


def _call(environ: WSGIEnvironment) -> str:
    """Return a call as ``service Operation``; one to S3 also says which checksum its bytes must have."""
    service = environ.get("HTTP_AUTHORIZATION", "/////").split("/")[3]
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return f"{service} {target.rpartition('.')[2]}"
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return f"{service} {environ['REQUEST_METHOD']} {environ.get('HTTP_X_AMZ_CHECKSUM_SHA256', '')}".rstrip()
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    return f"{service} {parse_qs(body.decode())['Action'][0]}"


def _denied(environ: WSGIEnvironment) -> Response:
    """Refuse as AWS does, in the way that no client tries again."""
    if "HTTP_X_AMZ_TARGET" in environ:
        problem = {"__type": "AccessDeniedException", "message": "planted by the test"}
        return Response(json.dumps(problem), status=400, mimetype="application/x-amz-json-1.1")
    error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>planted by the test</Message></Error>"
    wrapped = error if "/s3/" in environ.get("HTTP_AUTHORIZATION", "") else f"<ErrorResponse>{error}</ErrorResponse>"
    return Response(wrapped, status=403, mimetype="text/xml")


def main(port: int) -> None:
    """Serve until the process is ended."""
    complete_moto(port)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", port, Application(), threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main(int(sys.argv[1]))
