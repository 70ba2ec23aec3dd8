"""What the tests of releases share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.scenes import Scene, scene
from kit.cloud import Cloud, emulated_cloud


@pytest.fixture(scope="session")
def aws() -> Iterator[Cloud]:
    """Run an emulated AWS as long as the tests of this worker run."""
    with emulated_cloud() as cloud:
        yield cloud


@pytest.fixture
def cloud(aws: Cloud) -> Cloud:
    """Empty the account of the emulated AWS."""
    aws.forget()
    return aws


@pytest.fixture
def stage(
    aws: Cloud, repo: Callable[..., Path], record_property: Callable[[str, object], None]
) -> Callable[..., Scene]:
    """``stage("canary", "zip")``: an environment that serves the old version and a repository with more; counted."""

    def set_up(strategy: str, artifact: str = "zip", *, live: str | None = "old") -> Scene:
        record_property("scenario", f"{strategy}-{artifact}")
        return scene(aws, repo, strategy, artifact, live=live)

    return set_up
