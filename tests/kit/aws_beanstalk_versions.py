"""Applications of Elastic Beanstalk and their versions, which hang on moto's: so a reset forgets them."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ecr.models import ecr_backends
from moto.elasticbeanstalk.exceptions import InvalidParameterValueError
from moto.elasticbeanstalk.responses import EBResponse
from moto.s3.models import s3_backends

from kit.aws_registry import REGISTRY
from kit.beanstalk_front import Version
from kit.beanstalk_platform import PLATFORM
from kit.cloud import ACCOUNT

MOMENT = 0.2  # minutes until a version is processed


def _asked(response: EBResponse, name: str) -> Any:  # noqa: ANN401 - a word, a list or a structure
    return response._get_param(name)  # noqa: SLF001 - how handlers of moto read parameters


def application_of(response: EBResponse, name: str = "") -> Any:  # noqa: ANN401 - moto's class, with what is added here
    """Return the application that a call names."""
    name = name or _asked(response, "ApplicationName")
    applications = response.elasticbeanstalk_backend.applications
    if name not in applications:
        message = f"No Application named '{name}' found."
        raise InvalidParameterValueError(message)
    return applications[name]


def version_of(response: EBResponse, application: Any, label: str | None) -> Version:  # noqa: ANN401 - see above
    """Return a version that can be deployed, or the sample application for none."""
    if label is None:
        return PLATFORM.version(application.application_name, None, "")
    if label not in application.versions:
        message = f"No Application Version named '{label}' found."
        raise InvalidParameterValueError(message)
    described = _described(application.versions[label])
    if described["Status"] in {"FAILED", "PROCESSING"}:
        message = f"Application version {label} is unusable and cannot be used with an environment."
        raise InvalidParameterValueError(message)
    source = application.versions[label]["SourceBundle"]
    content = _stored(source["S3Bucket"], source["S3Key"]) or b""
    return PLATFORM.version(application.application_name, label, _commit(content, response.region) or label)


def _stored(bucket: str, key: str) -> bytes | None:
    buckets = s3_backends[ACCOUNT]["aws"].buckets
    if bucket not in buckets or key not in buckets[bucket].keys:
        return None
    content: bytes = buckets[bucket].keys[key].value
    return content


def _commit(content: bytes, region: str) -> str | None:
    """Return the commit that a bundle will say it is, where it or its image tells."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        if "release.env" in bundle.namelist():
            lines = (line.partition("=") for line in bundle.read("release.env").decode().splitlines())
            return {name: value for name, _, value in lines}.get("SERVICE_COMMIT")
        if "Dockerrun.aws.json" in bundle.namelist():
            image = json.loads(bundle.read("Dockerrun.aws.json"))["Image"]["Name"]
            return _commit_of_image(image.rpartition("@")[2], region)
    return None


def _commit_of_image(digest: str, region: str) -> str | None:
    for repository in ecr_backends[ACCOUNT][region].repositories.values():
        for image in repository.images:
            if image.image_digest == digest:
                configuration = json.loads(image.image_manifest)["config"]["digest"]
                labels = json.loads(REGISTRY.blobs.get(configuration, b"{}")).get("config", {}).get("Labels") or {}
                commit: str | None = labels.get("org.opencontainers.image.revision")
                return commit
    return None


def _described(version: dict[str, Any]) -> dict[str, Any]:
    """Return a version as it is now: one that is to be processed becomes so after a moment."""
    status = "UNPROCESSED"
    if version["Process"]:
        age = (datetime.now(UTC) - version["DateCreated"]).total_seconds()
        done = "PROCESSED" if version["Valid"] else "FAILED"
        status = "PROCESSING" if age < MOMENT * PLATFORM.minute else done
    return version | {"Status": status}


def create_application(self: EBResponse) -> ActionResult:
    """Create an application that knows its lifecycle."""
    application: Any = self.elasticbeanstalk_backend.create_application(_asked(self, "ApplicationName"))
    application.resource_lifecycle_config = _asked(self, "ResourceLifecycleConfig")
    application.description = _asked(self, "Description")
    application.versions = {}
    return ActionResult({"Application": application})


def describe_applications(self: EBResponse) -> ActionResult:
    """List applications, all or those named."""
    names = _asked(self, "ApplicationNames") or []
    every = self.elasticbeanstalk_backend.applications.items()
    return ActionResult({"Applications": [found for name, found in every if not names or name in names]})


def update_application_resource_lifecycle(self: EBResponse) -> ActionResult:
    """Change which versions an application keeps."""
    application = application_of(self)
    application.resource_lifecycle_config = _asked(self, "ResourceLifecycleConfig")
    return ActionResult(
        {
            "ApplicationName": application.application_name,
            "ResourceLifecycleConfig": application.resource_lifecycle_config,
        }
    )


def delete_application(self: EBResponse) -> EmptyResult:
    """Delete an application; its environments go with it only by force."""
    name = _asked(self, "ApplicationName")
    living = [one for one in PLATFORM.environments if one.application_name == name and one.status != "Terminated"]
    if living and not _asked(self, "TerminateEnvByForce"):
        message = f"Unable to delete application {name} because it has running environments."
        raise InvalidParameterValueError(message)
    for environment in living:
        environment.terminate()
    self.elasticbeanstalk_backend.delete_application(name)
    return EmptyResult()


def create_application_version(self: EBResponse) -> ActionResult:
    """Register a version; its bundle must be there and its label must be new."""
    application, label = application_of(self), _asked(self, "VersionLabel")
    source = _asked(self, "SourceBundle")
    bucket, key = source["S3Bucket"], source["S3Key"]
    content = _stored(bucket, key)
    if content is None:
        message = f"Unable to download from S3 location (Bucket: {bucket} Key: {key})."
        raise InvalidParameterValueError(message)
    if label in application.versions:
        message = f"Application Version {label} already exists."
        raise InvalidParameterValueError(message)
    application.versions[label] = {
        "ApplicationName": application.application_name,
        "ApplicationVersionArn": PLATFORM.arn(
            self.region, f"applicationversion/{application.application_name}/{label}"
        ),
        "Description": _asked(self, "Description"),
        "VersionLabel": label,
        "SourceBundle": source,
        "Process": bool(_asked(self, "Process")),
        "Valid": zipfile.is_zipfile(io.BytesIO(content)),
        "DateCreated": datetime.now(UTC),
        "DateUpdated": datetime.now(UTC),
    }
    return ActionResult({"ApplicationVersion": _described(application.versions[label])})


def describe_application_versions(self: EBResponse) -> ActionResult:
    """List versions, all or those named."""
    name, labels = _asked(self, "ApplicationName"), _asked(self, "VersionLabels") or []
    every: list[Any] = list(self.elasticbeanstalk_backend.applications.values())
    applications = [application_of(self)] if name else every
    versions = [version for application in applications for version in application.versions.values()]
    found = [_described(version) for version in versions if not labels or version["VersionLabel"] in labels]
    return ActionResult({"ApplicationVersions": found})


def delete_application_version(self: EBResponse) -> EmptyResult:
    """Delete a version that no environment runs."""
    application, label = application_of(self), _asked(self, "VersionLabel")
    name = application.application_name
    if any(one.version.label == label and one.application_name == name for one in PLATFORM.environments):
        message = f"Application Version {label} is currently deployed and cannot be deleted."
        raise InvalidParameterValueError(message)
    application.versions.pop(label, None)
    return EmptyResult()


VERSION_HANDLERS = (
    create_application,
    create_application_version,
    delete_application,
    delete_application_version,
    describe_application_versions,
    describe_applications,
    update_application_resource_lifecycle,
)
