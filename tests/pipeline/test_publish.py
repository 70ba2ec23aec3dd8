"""``deploy/publish``: once for each commit, exactly the bytes that were built, whatever fails on the way."""

import json
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from kit.cloud import ACCOUNT, REGION, Cloud
from kit.containers import Engine, engine
from kit.process import Outcome, run
from kit.template import git
from kit.tools import node

Light = Callable[..., Path]


@dataclass(frozen=True)
class Release:
    """A repository that is connected and built, and what may publish it."""

    folder: Path
    commit: str
    environment: dict[str, str]

    def publish(self, *arguments: str, **env: str) -> Outcome:
        """Run ``deploy/publish`` for its commit, or with other arguments."""
        command = ["deploy/publish", *(arguments or [self.commit])]
        return run(command, cwd=self.folder, env=self.environment | env)


@pytest.fixture(scope="module")
def cloud(aws: Cloud) -> Cloud:
    """Begin with an empty account; after that each test has a commit of its own."""
    aws.forget()
    return aws


@pytest.fixture(scope="module")
def podman() -> Iterator[Engine]:
    """Share a container engine."""
    with engine() as shared:
        yield shared


@pytest.fixture(scope="module")
def ready_for_bundles(light: Light, cloud: Cloud, identity: dict[str, str]) -> Release:
    """Connect a repository that ships bundles."""
    return connected(light(artifact="zip"), cloud.environment() | identity)


@pytest.fixture(scope="module")
def ready_for_images(light: Light, cloud: Cloud, identity: dict[str, str], podman: Engine) -> Release:
    """Connect a repository that ships images."""
    return connected(light(artifact="image"), cloud.environment(podman.environment) | identity)


@pytest.fixture
def bundle(ready_for_bundles: Release, tmp_path: Path) -> Release:
    """Build the bundle of a new commit."""
    return built(ready_for_bundles, tmp_path)


@pytest.fixture
def image(ready_for_images: Release, tmp_path: Path) -> Release:
    """Build the image of a new commit."""
    return built(ready_for_images, tmp_path)


def connected(folder: Path, environment: dict[str, str]) -> Release:
    """Run ``deploy/setup`` in a repository."""
    environment |= {"PATH": f"{node('24') / 'bin'}:{environment['PATH']}"}
    run(["deploy/setup", "--yes"], cwd=folder, env=environment).succeeded()
    return Release(folder, git(folder, "rev-parse", "HEAD").strip(), environment)


def built(origin: Release, place: Path) -> Release:
    """Copy a repository, give it a commit of its own, and run ``deploy/build``."""
    folder = shutil.copytree(origin.folder, place / "repo", symlinks=True)
    git(folder, "commit", "--quiet", "--allow-empty", "--message", place.name)
    run(["deploy/build"], cwd=folder, env=origin.environment).succeeded()
    return replace(origin, folder=folder, commit=git(folder, "rev-parse", "HEAD").strip())


def versions(cloud: Cloud) -> list[str]:
    """Return the labels of all versions."""
    answer = cloud.aws("elasticbeanstalk", "describe-application-versions", "--application-name", "orders-api")
    return [version["VersionLabel"] for version in answer["ApplicationVersions"]]


def stored(cloud: Cloud, label: str, folder: Path) -> bytes:
    """Return the bundle of a version."""
    target = folder / "stored.zip"
    bucket = f"orders-api-zip-{ACCOUNT}-{REGION}"
    cloud.aws("s3api", "get-object", "--bucket", bucket, "--key", f"{label}.zip", str(target))
    return target.read_bytes()


def images(cloud: Cloud) -> dict[str, str]:
    """Return the digests of all images by their tags."""
    answer = cloud.aws("ecr", "describe-images", "--repository-name", "orders-api")
    return {tag: image["imageDigest"] for image in answer["imageDetails"] for tag in image["imageTags"]}


def test_a_bundle_is_published_once(bundle: Release, cloud: Cloud, tmp_path: Path) -> None:
    first = bundle.publish().succeeded()
    again = bundle.publish().succeeded()

    event = {"service": "orders-api", "commit": bundle.commit, "artifact": bundle.commit}
    assert json.loads(first.out) == json.loads(again.out) == event
    assert versions(cloud).count(bundle.commit) == 1
    assert stored(cloud, bundle.commit, tmp_path) == (bundle.folder / "dist" / "bundle.zip").read_bytes()
    short = bundle.commit[:7]
    assert without_times(first.err) == [
        f"publish   orders-api {short}",
        f"  reached   AWS account {ACCOUNT} in {REGION}",
        f"  stored    orders-api-zip-{ACCOUNT}-{REGION}/{short}.zip",
        f"  registered version {short}",
        f"published {bundle.commit}",
    ]
    assert without_times(again.err)[2:] == ["  kept      it is there already", f"published {bundle.commit}"]


def test_an_image_is_published_once_and_known_by_its_digest(image: Release, cloud: Cloud) -> None:
    first = image.publish().succeeded()
    again = image.publish().succeeded()

    artifact = f"{cloud.registry}/orders-api@{images(cloud)[image.commit]}"
    event = {"service": "orders-api", "commit": image.commit, "artifact": artifact}
    assert json.loads(first.out) == json.loads(again.out) == event
    assert "  kept      it is there already" in without_times(again.err)


def test_the_storage_is_told_what_the_bytes_must_be(bundle: Release, cloud: Cloud) -> None:
    content = (bundle.folder / "dist" / "bundle.zip").read_bytes()
    cloud.fail_at(0)

    bundle.publish().succeeded()

    assert f"s3 PUT {b64encode(sha256(content).digest()).decode()}" in cloud.calls()


def test_no_login_to_the_registry_stays_behind(image: Release, tmp_path: Path) -> None:
    logins = tmp_path / "auth.json"

    image.publish(REGISTRY_AUTH_FILE=str(logins)).succeeded()

    assert json.loads(logins.read_text()).get("auths", {}) == {}


def test_a_published_commit_needs_no_bytes_to_be_found(bundle: Release) -> None:
    bundle.publish().succeeded()
    (bundle.folder / "dist" / "artifact.json").unlink()

    assert json.loads(bundle.publish().succeeded().out)["artifact"] == bundle.commit


def test_an_image_that_somebody_else_pushed_is_not_taken_for_the_built_one(
    image: Release, podman: Engine, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nLABEL other=1\n")
    podman.podman("build", "--format=docker", "--tag=other", str(tmp_path)).succeeded()
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\n[ "$1" != push ] || podman tag other "$2"\nexec podman "$@"\n')
    docker.chmod(0o755)

    outcome = image.publish(PATH=f"{tmp_path}:{image.environment['PATH']}")

    assert (outcome.code, outcome.out) == (20, "")
    assert "was built, but the registry has sha256:" in outcome.err


def without_times(text: str) -> list[str]:
    """Return the lines of a command without the seconds at their end."""
    return [line.rpartition("  ")[0].rstrip() if line.endswith(" s") else line for line in text.splitlines()]


@pytest.mark.parametrize("argument", ["HEAD", "v1.0.0", "9f3c1d2", "$(reboot)", "../../x", ""])
def test_only_a_full_commit_hash_is_taken(argument: str, ready_for_bundles: Release) -> None:
    outcome = ready_for_bundles.publish(argument)

    assert (outcome.code, outcome.out) == (10, "")
    assert outcome.err.splitlines() == [
        f'refused   "{argument}" is not one full commit hash',
        "next      deploy/publish $(git rev-parse HEAD)",
    ]


def test_the_artifact_of_another_commit_is_refused(bundle: Release) -> None:
    other = "0" * 40

    outcome = bundle.publish(other)

    assert (outcome.code, outcome.out) == (10, "")
    assert outcome.err.endswith(f"refused   dist/ holds {bundle.commit}, not {other}\nnext      deploy/build {other}\n")


def test_bytes_that_changed_after_the_build_are_refused(bundle: Release) -> None:
    with (bundle.folder / "dist" / "bundle.zip").open("ab") as file:
        file.write(b"x")

    outcome = bundle.publish()

    assert (outcome.code, outcome.out) == (10, "")
    assert "refused   dist/bundle.zip is not what deploy/build noted\n" in outcome.err


def test_files_without_a_commit_cannot_be_published(bundle: Release) -> None:
    (bundle.folder / "src" / "more.js").write_text("export {};\n")
    run(["deploy/build", "--dirty"], cwd=bundle.folder, env=bundle.environment).succeeded()

    outcome = bundle.publish()

    assert outcome.code == 10
    assert f"refused   dist/ holds {bundle.commit}-dirty, not {bundle.commit}\n" in outcome.err


def test_nothing_is_published_without_an_artifact(bundle: Release) -> None:
    (bundle.folder / "dist" / "artifact.json").unlink()

    assert bundle.publish().err.endswith(
        f"refused   there is no dist/artifact.json\nnext      deploy/build {bundle.commit}\n"
    )


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("AWS_REGION", "", "AWS_REGION is not set"),
        ("AWS_ACCOUNT_ID", "999999999999", f"logged in to account {ACCOUNT}, but AWS_ACCOUNT_ID says 999999999999"),
    ],
)
def test_another_cloud_than_the_one_set_up_is_refused(
    setting: str, value: str, reason: str, ready_for_bundles: Release
) -> None:
    outcome = ready_for_bundles.publish(**{setting: value})

    assert (outcome.code, outcome.out) == (10, "")
    assert f"refused   {reason}\nnext      " in outcome.err


def test_where_nothing_was_set_up_that_is_said(ready_for_bundles: Release) -> None:
    outcome = ready_for_bundles.publish(AWS_REGION="eu-west-1")

    assert (outcome.code, outcome.out) == (20, "")
    assert "failed    looking for an artifact of this commit, which deploy/setup must have made room for" in outcome.err


# Every call to AWS of a whole publication, by its number: a failure before it takes effect, or after.
BUNDLE_FAULTS = [*((number, "before") for number in range(1, 6)), (3, "after"), (4, "after")]
IMAGE_FAULTS = [(number, "before") for number in range(1, 7)]


@pytest.mark.parametrize(("number", "when"), BUNDLE_FAULTS)
def test_a_bundle_survives_the_failure_of_any_call(
    number: int, when: str, bundle: Release, cloud: Cloud, tmp_path: Path
) -> None:
    cloud.fail_at(number, when)
    failed = bundle.publish()
    cloud.fail_at(0)
    repeated = bundle.publish().succeeded()

    assert (failed.code, failed.out) == (20, "")
    assert "planted by the test" in failed.err
    assert failed.err.splitlines()[-2].startswith("failed    ")
    assert json.loads(repeated.out)["artifact"] == bundle.commit
    assert versions(cloud).count(bundle.commit) == 1
    assert stored(cloud, bundle.commit, tmp_path) == (bundle.folder / "dist" / "bundle.zip").read_bytes()


@pytest.mark.parametrize(("number", "when"), IMAGE_FAULTS)
def test_an_image_survives_the_failure_of_any_call(number: int, when: str, image: Release, cloud: Cloud) -> None:
    cloud.fail_at(number, when)
    failed = image.publish()
    cloud.fail_at(0)
    repeated = image.publish().succeeded()

    assert (failed.code, failed.out) == (20, "")
    assert failed.err.splitlines()[-2].startswith("failed    ")
    assert json.loads(repeated.out)["artifact"].endswith(images(cloud)[image.commit])


def test_every_call_of_a_publication_was_made_to_fail(bundle: Release, cloud: Cloud) -> None:
    cloud.fail_at(0)
    bundle.publish().succeeded()

    assert len(cloud.calls()) == max(number for number, _ in BUNDLE_FAULTS)


def test_every_call_for_an_image_was_made_to_fail(image: Release, cloud: Cloud) -> None:
    cloud.fail_at(0)
    image.publish().succeeded()

    assert len(cloud.calls()) == max(number for number, _ in IMAGE_FAULTS)
