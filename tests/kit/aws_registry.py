"""The registry of images that stands beside ECR: what is pushed to it is what ECR then knows."""

import hashlib
import json

from moto.ecr.models import Repository, ecr_backends
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from kit.cloud import ACCOUNT, PASSWORD

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


def _repository(name: str) -> tuple[Repository, str]:
    for region, backend in ecr_backends[ACCOUNT].items():
        if name in backend.repositories:
            return backend.repositories[name], region
    raise NotFound


REGISTRY = Registry()
