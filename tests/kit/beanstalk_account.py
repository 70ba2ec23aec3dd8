"""An account in which everything around a service stands already, made directly instead of by ``deploy/setup``."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3  # type: ignore[import-untyped]

from kit.cloud import ACCOUNT, REGION, Cloud
from kit.hammer import ask
from kit.process import wait_until

SERVICE = "orders-api"
PLACES = {"production": f"{SERVICE}-prod", "staging": f"{SERVICE}-stg"}
POLICIES = {"canary": "TrafficSplitting", "blue-green": "AllAtOnce", "rolling": "RollingWithAdditionalBatch"}
BUCKET = f"{SERVICE}-zip-{ACCOUNT}-{REGION}"
STACK = "64bit Amazon Linux 2023 v6.7.0 running Node.js 24"
MACHINES = 2


def image_of(commit: str) -> str:
    """Return the image that a commit was made into."""
    return f"127.0.0.1:5000/{SERVICE}@sha256:{commit}{commit[:24]}"


def bundle(commit: str, artifact: str) -> bytes:
    """Return the bundle of a version, as small as can be."""
    files = {"release.env": f"APP_ENV=production\nSERVICE_COMMIT={commit}\n"}
    if artifact == "image":
        files = {"Dockerrun.aws.json": json.dumps({"AWSEBDockerrunVersion": "1", "Image": {"Name": image_of(commit)}})}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


@dataclass(frozen=True)
class Account:
    """One environment of one service, with one strategy and one kind of artifact."""

    cloud: Cloud
    strategy: str
    artifact: str = "zip"
    environment: str = "production"

    @property
    def place(self) -> str:
        """Return how the names of the environment begin."""
        return PLACES[self.environment]

    @property
    def beanstalk(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client that no fault concerns."""
        return _client(self.cloud.url, "elasticbeanstalk")

    @property
    def storage(self) -> Any:  # noqa: ANN401 - as above
        """Return a client that no fault concerns."""
        return _client(self.cloud.url, "s3")

    @property
    def logs(self) -> Any:  # noqa: ANN401 - as above
        """Return a client that no fault concerns."""
        return _client(self.cloud.url, "logs")

    def make(self, commits: Sequence[str], live: str | None, idle: str | None = None) -> None:
        """Make the versions of commits and the environments; ``live`` and ``idle`` run one of them, or the sample."""
        self.beanstalk.create_application(ApplicationName=SERVICE)
        self.storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.logs.create_log_group(logGroupName=f"/{SERVICE}/releases")
        self.logs.create_log_stream(logGroupName=f"/{SERVICE}/releases", logStreamName=self.environment)
        for commit in commits:
            self.store(commit)
        if self.strategy == "blue-green":
            self.launch(f"{self.place}-blue", self.place, live)
            self.launch(f"{self.place}-green", f"{self.place}-idle", idle)
        else:
            self.launch(self.place, self.place, live)
        wait_until(lambda: all(one["HealthStatus"] == "Ok" for one in self.environments()), "all environments are up")

    def store(self, commit: str) -> None:
        """Store the bundle of a commit and register it as a version."""
        key = {"Bucket": BUCKET, "Key": f"{commit}.zip"}
        self.storage.put_object(**key, Body=bundle(commit, self.artifact))
        source = {"S3Bucket": BUCKET, "S3Key": f"{commit}.zip"}
        self.beanstalk.create_application_version(ApplicationName=SERVICE, VersionLabel=commit, SourceBundle=source)

    def launch(self, name: str, prefix: str, commit: str | None) -> None:
        """Create an environment."""
        settings = {
            "aws:autoscaling:asg": {"MinSize": str(MACHINES)},
            "aws:elasticbeanstalk:command": {"DeploymentPolicy": POLICIES[self.strategy], "BatchSize": "50"},
            "aws:elasticbeanstalk:environment": {"LoadBalancerType": "application"},
            "aws:elasticbeanstalk:healthreporting:system": {"SystemType": "enhanced"},
        }
        options = [
            {"Namespace": namespace, "OptionName": option, "Value": value}
            for namespace, values in settings.items()
            for option, value in values.items()
        ]
        version = {"VersionLabel": commit} if commit else {}
        words = {"ApplicationName": SERVICE, "EnvironmentName": name, "CNAMEPrefix": prefix, "SolutionStackName": STACK}
        self.beanstalk.create_environment(**words, OptionSettings=options, **version)

    def environments(self) -> list[dict[str, Any]]:
        """Return all environments that are not terminated."""
        found = self.beanstalk.describe_environments(ApplicationName=SERVICE, IncludeDeleted=False)
        environments: list[dict[str, Any]] = found["Environments"]
        return environments

    def labels(self) -> list[str]:
        """Return the labels of all versions."""
        found = self.beanstalk.describe_application_versions(ApplicationName=SERVICE)["ApplicationVersions"]
        return sorted(version["VersionLabel"] for version in found)

    def policies(self) -> list[str]:
        """Return how each environment would deploy."""
        return [self._policy(one["EnvironmentName"]) for one in self.environments()]

    def _policy(self, name: str) -> str:
        words = {"ApplicationName": SERVICE, "EnvironmentName": name}
        options = self.beanstalk.describe_configuration_settings(**words)["ConfigurationSettings"][0]["OptionSettings"]
        return next(str(one["Value"]) for one in options if one["OptionName"] == "DeploymentPolicy")

    def at(self, prefix: str) -> dict[str, Any]:
        """Return the environment with an address."""
        return next(one for one in self.environments() if one["CNAME"].startswith(f"{prefix}."))

    def answers(self, times: int = 12) -> list[str]:
        """Return who answers at the live address, so often that a tenth of the traffic is seen: status and commit."""
        return ["{} {}".format(*ask(self.cloud, f"{self.place}.localhost")) for _ in range(times)]

    def journal(self) -> list[dict[str, Any]]:
        """Return the events of the environment, the oldest first."""
        group = {"logGroupName": f"/{SERVICE}/releases", "logStreamName": self.environment, "startFromHead": True}
        return [json.loads(event["message"]) for event in self.logs.get_log_events(**group)["events"]]


@cache
def _client(url: str, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    keys = {"aws_access_key_id": "AKIAOFTHETEST0000000", "aws_secret_access_key": "none"}
    return boto3.client(service, region_name=REGION, endpoint_url=url, **keys)
