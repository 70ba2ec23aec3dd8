"""What AWS does and moto does not, as far as generated repositories ask for it."""

from datetime import UTC, datetime
from typing import Any

from moto.cloudformation.models import Stack
from moto.core.responses import ActionResult, EmptyResult
from moto.ecr.models import Repository
from moto.elasticbeanstalk.exceptions import InvalidParameterValueError
from moto.elasticbeanstalk.responses import EBResponse
from moto.iam.responses import IamResponse
from moto.s3.models import s3_backends

from kit.cloud import ACCOUNT

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
