"""AWS on 127.0.0.1, as a program: moto, the calls of Elastic Beanstalk that it lacks, and the registry beside ECR.

usage: python aws_server.py PORT

``/control`` is for the tests alone: which calls arrived, which one is to fail, everything forgotten.
"""

import hashlib
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.cloudformation.models import Stack, cloudformation_backends
from moto.core.responses import ActionResult, EmptyResult
from moto.ecr.models import Repository, ecr_backends
from moto.elasticbeanstalk.exceptions import InvalidParameterValueError
from moto.elasticbeanstalk.responses import EBResponse
from moto.iam.responses import IamResponse
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response

ACCOUNT = "123456789012"
PASSWORD = f"{ACCOUNT}-auth-token"
BEFORE, AFTER = "before", "after"
ROUTES = Map(
    [
        Rule("/v2/", endpoint="ping"),
        Rule("/v2/<name>/blobs/uploads/", endpoint="begin_upload", methods=["POST"]),
        Rule("/v2/<name>/blobs/uploads/<upload>", endpoint="continue_upload", methods=["PATCH", "PUT"]),
        Rule("/v2/<name>/blobs/<digest>", endpoint="get_blob", methods=["GET"]),
        Rule("/v2/<name>/manifests/<reference>", endpoint="put_manifest", methods=["PUT"]),
        Rule("/v2/<name>/manifests/<reference>", endpoint="get_manifest", methods=["GET"]),
    ]
)


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


class Registry:
    """An OCI registry that stores what is pushed and registers each image with ECR, which keeps tags from moving."""

    def __init__(self) -> None:
        """Begin empty."""
        self.blobs: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}

    def answer(self, request: Request) -> Response:
        """Serve ``/v2/``, to clients with the password that ECR hands out."""
        login = request.authorization
        if not login or (login.username, login.password) != ("AWS", PASSWORD):
            return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="ECR"'})
        try:
            endpoint, values = ROUTES.bind_to_environ(request.environ).match()
            answer: Response = getattr(self, endpoint)(request, **values)
        except HTTPException as error:
            return Response("{}", status=error.code)
        return answer

    def ping(self, _request: Request) -> Response:
        """Say that this is a registry."""
        return Response("{}")

    def begin_upload(self, _request: Request, name: str) -> Response:
        """Open an upload."""
        upload = str(len(self.uploads))
        self.uploads[upload] = b""
        return Response(status=202, headers={"Location": f"/v2/{name}/blobs/uploads/{upload}"})

    def continue_upload(self, request: Request, name: str, upload: str) -> Response:
        """Take a piece of a blob; the last one comes with the digest that the whole must have."""
        self.uploads[upload] += request.get_data()
        content = self.uploads[upload]
        place = f"/v2/{name}/blobs/uploads/{upload}"
        if request.method != "PUT":
            return Response(status=202, headers={"Location": place, "Range": f"0-{len(content) - 1}"})
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if digest != request.args["digest"]:
            return Response(status=400)
        self.blobs[digest] = content
        return Response(status=201, headers={"Location": f"/v2/{name}/blobs/{digest}", "Docker-Content-Digest": digest})

    def get_blob(self, _request: Request, name: str, digest: str) -> Response:  # noqa: ARG002 - one store for all
        """Return a blob."""
        if digest not in self.blobs:
            raise NotFound
        return Response(self.blobs[digest], headers={"Docker-Content-Digest": digest})

    def put_manifest(self, request: Request, name: str, reference: str) -> Response:
        """Register an image whose parts are all here."""
        manifest = request.get_data()
        parts = json.loads(manifest)
        if any(part["digest"] not in self.blobs for part in (parts["config"], *parts["layers"])):
            return Response(status=400)
        digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
        _, region = _repository(name)
        backend = ecr_backends[ACCOUNT][region]
        backend.put_image(name, manifest.decode(), reference, request.mimetype, digest)
        return Response(status=201, headers={"Docker-Content-Digest": digest})

    def get_manifest(self, _request: Request, name: str, reference: str) -> Response:
        """Return the manifest with this tag or digest."""
        repository, _ = _repository(name)
        for image in repository.images:
            if reference in (image.image_digest, *image.image_tags):
                headers = {"Docker-Content-Digest": image.image_digest}
                return Response(image.image_manifest, mimetype=image.image_manifest_media_type, headers=headers)
        raise NotFound


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
    """Return a call as ``service Operation``."""
    service = environ.get("HTTP_AUTHORIZATION", "/////").split("/")[3]
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return f"{service} {target.rpartition('.')[2]}"
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return f"{service} {environ['REQUEST_METHOD']}"
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


def _repository(name: str) -> tuple[Repository, str]:
    for region, backend in ecr_backends[ACCOUNT].items():
        if name in backend.repositories:
            return backend.repositories[name], region
    raise NotFound


# Elastic Beanstalk: what moto lacks. Versions and lifecycles hang on the application, so that a reset forgets them.


def _application(response: EBResponse) -> Any:  # noqa: ANN401 - moto's class, with what is added here
    name = response._get_param("ApplicationName")  # noqa: SLF001 - how handlers of moto read parameters
    applications = response.elasticbeanstalk_backend.applications
    if name not in applications:
        message = f"No Application named '{name}' found."
        raise InvalidParameterValueError(message)
    return applications[name]


def create_application(self: EBResponse) -> ActionResult:
    """Create an application that knows its lifecycle."""
    application: Any = self.elasticbeanstalk_backend.create_application(self._get_param("ApplicationName"))
    application.resource_lifecycle_config = self._get_param("ResourceLifecycleConfig")
    application.versions = {}
    return ActionResult({"Application": application})


def describe_applications(self: EBResponse) -> ActionResult:
    """List applications, all or those named."""
    names = self._get_param("ApplicationNames") or []
    every = self.elasticbeanstalk_backend.applications.items()
    return ActionResult({"Applications": [found for name, found in every if not names or name in names]})


def create_application_version(self: EBResponse) -> ActionResult:
    """Register a version; its bundle must be there and its label must be new."""
    application, label = _application(self), self._get_param("VersionLabel")
    source = self._get_param("SourceBundle")
    bucket, key = source["S3Bucket"], source["S3Key"]
    buckets = s3_backends[ACCOUNT]["aws"].buckets
    if bucket not in buckets or key not in buckets[bucket].keys:
        message = f"Unable to download from S3 location (Bucket: {bucket} Key: {key})."
        raise InvalidParameterValueError(message)
    if label in application.versions:
        message = f"Application Version {label} already exists."
        raise InvalidParameterValueError(message)
    application.versions[label] = {
        "ApplicationName": application.application_name,
        "VersionLabel": label,
        "SourceBundle": source,
        "Status": "UNPROCESSED",
        "DateCreated": datetime.now(UTC),
    }
    return ActionResult({"ApplicationVersion": application.versions[label]})


def describe_application_versions(self: EBResponse) -> ActionResult:
    """List versions, all or those named."""
    labels = self._get_param("VersionLabels") or []
    versions = _application(self).versions.items()
    return ActionResult({"ApplicationVersions": [one for label, one in versions if not labels or label in labels]})


def add_client_id_to_open_id_connect_provider(self: IamResponse) -> EmptyResult:
    """Let tokens address one more audience."""
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    provider.client_id_list.append(self._get_param("ClientID"))
    return EmptyResult()


HANDLERS = (create_application, describe_applications, create_application_version, describe_application_versions)


def complete_moto(port: int) -> None:
    """Teach moto what AWS does and it does not."""
    for handler in HANDLERS:
        setattr(EBResponse, handler.__name__, handler)
    IamResponse.add_client_id_to_open_id_connect_provider = add_client_id_to_open_id_connect_provider  # type: ignore[attr-defined]

    def parameters(self: Stack) -> list[dict[str, str]]:
        values = self.resource_map.resolved_parameters.items()
        shown = {key: ",".join(value) if isinstance(value, list) else value for key, value in values}
        return [{"ParameterKey": key, "ParameterValue": value} for key, value in shown.items()]

    # A list as a parameter is shown as it was given; the registry of an image is this server.
    Stack.parameter_list = property(parameters)  # type: ignore[assignment,method-assign]
    Repository.uri = property(  # type: ignore[assignment]
        lambda repository: f"127.0.0.1:{port}/{repository.name}", lambda _repository, _value: None
    )


def main(port: int) -> None:
    """Serve until the process is ended."""
    complete_moto(port)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", port, Application(), threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main(int(sys.argv[1]))
