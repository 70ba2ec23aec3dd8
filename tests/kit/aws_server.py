"""AWS on 127.0.0.1, as a program: moto with what it lacks, the registry beside ECR, and the front of Elastic Beanstalk.

usage: python -m kit.aws_server PORT FRONT_PORT

``/control`` is for the tests alone: which calls arrived, which fail, how versions behave, everything forgotten.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.cloudformation.models import Stack, cloudformation_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response

from kit.aws_faults import Faults, denied, hang_up, nonsense, nothing, wait_for_the_end
from kit.aws_missing import complete_moto
from kit.aws_registry import REGISTRY
from kit.beanstalk_platform import PLATFORM
from kit.cloud import ACCOUNT, Behaviour, Fault


class Application:
    """The three servers behind one port."""

    def __init__(self) -> None:
        """Begin with empty clouds."""
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.faults = Faults()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if path == "/control":
            return self.control(Request(environ))(environ, start)
        if path.startswith("/v2/"):
            return REGISTRY.answer(Request(environ))(environ, start)
        call, client = _call(environ), environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2]
        fault = self.faults.arrived(call, client.partition("/")[0], environ.get("HTTP_AMZ_SDK_INVOCATION_ID", ""))
        if fault is None:
            answer: Iterable[bytes] = self.moto(environ, start)
            return answer
        if fault.takes_effect:
            b"".join(self.moto(environ, _unheard))
        return self.spoil(fault, call, environ)(environ, start)

    def spoil(self, fault: Fault, call: str, environ: WSGIEnvironment) -> Response:
        """Return what a client gets where a fault was planted."""
        match fault:
            case Fault.NONSENSE:
                return nonsense()
            case Fault.NOTHING:
                return nothing(call, environ)
            case Fault.HANG | Fault.STALL:
                wait_for_the_end(environ)
            case Fault.LOST:
                hang_up(environ)
        return denied(environ)

    def control(self, request: Request) -> Response:
        """Serve ``/control``."""
        if request.method == "GET":
            calls = self.faults.calls(request.args.get("client", ""))
            return Response(json.dumps(calls), mimetype="application/json")
        wish = request.get_json()
        if wish.get("forget"):
            moto_api_backend.reset()
            PLATFORM.reset()
        if "faults" in wish:
            self.faults.plant(wish["faults"])
        for name, status in wish.get("stacks", {}).items():
            _stack(name).status = status
        for label, behaviour in wish.get("behaviours", {}).items():
            PLATFORM.wishes.behaviours[label] = Behaviour(behaviour)
        for name in {"minute", "label_after_failure"} & set(wish):
            setattr(PLATFORM.wishes, name, wish[name])
        return Response(status=204)


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


def main(port: int, front_port: int) -> None:
    """Serve until the process is ended."""
    complete_moto(port)
    PLATFORM.open_front(front_port)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", port, Application(), threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
