"""What the tests of monitoring share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitoring import world as worlds
from monitoring.world import World
from service import instance
from service.document import Document
from service.stacks import STACKS, Build, Stack, in_turn


@pytest.fixture(scope="session", params=in_turn(STACKS))
def stack(request: pytest.FixtureRequest) -> Stack:
    """Each language and framework in turn."""
    chosen: Stack = request.param
    return chosen


@pytest.fixture(scope="session")
def build(stack: Stack, repo: Callable[..., Path]) -> Build:
    """Install the repository, as the tests of the service do."""
    return instance.installed(stack, stack.versions[0], repo)


@pytest.fixture(scope="session")
def world(build: Build) -> Iterator[World]:
    """Run the service with its callers, Prometheus, Alertmanager and where their messages go."""
    with worlds.world(build, Document.of(build.folder)) as running:
        yield running


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Function, nextitem: pytest.Function | None) -> None:
    """End a world after the last test that lives in it, though its worker goes on with tests of other things."""
    lived_in = item.funcargs.get("world")
    if isinstance(lived_in, World) and "world" not in getattr(nextitem, "fixturenames", ()):
        lived_in.end()
