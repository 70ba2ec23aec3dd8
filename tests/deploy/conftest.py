"""What the tests of releases share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.scenes import Scene, scene
from kit.cloud import Cloud


@pytest.fixture
def stage(
    aws: Cloud, repo: Callable[..., Path], record_property: Callable[[str, object], None]
) -> Callable[..., Scene]:
    """``stage("canary", "zip")``: an environment that serves the old version and a repository with more; counted."""

    def set_up(strategy: str, artifact: str = "zip", *, live: str | None = "old") -> Scene:
        record_property("scenario", f"{strategy}-{artifact}")
        return scene(aws, repo, strategy, artifact, live=live)

    return set_up
