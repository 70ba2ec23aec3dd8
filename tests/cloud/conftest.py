"""What the tests of ``deploy/setup`` and ``deploy/teardown`` share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from cloud.people import Person, repository
from kit import cloud as clouds, process
from kit.cloud import Cloud

Start = Callable[..., AbstractContextManager[process.Running]]


@pytest.fixture(scope="session")
def aws() -> Iterator[Cloud]:
    """Run an emulated AWS whose stacks know more than moto's, as long as the tests of this worker run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clouds, "start", _with_more_stacks(process.start))
        with clouds.emulated_cloud() as cloud:
            yield cloud


def _with_more_stacks(start: Start) -> Start:
    def other(argv: list[Any], **words: Any) -> AbstractContextManager[process.Running]:  # noqa: ANN401 - as given
        return start(["cloud.server" if word == "kit.aws_server" else word for word in argv], **words)

    return other


@pytest.fixture
def cloud(aws: Cloud) -> Cloud:
    """Empty the account of the emulated AWS."""
    aws.forget()
    return aws


@pytest.fixture
def person(cloud: Cloud, tmp_path: Path) -> Callable[..., Person]:
    """``person(artifact="zip")``: somebody with a repository of these answers and an empty account."""
    return lambda **answers: Person(repository(answers, tmp_path), cloud)


@pytest.fixture
def setup(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., process.Outcome]:
    """``setup("--yes", artifact="zip", env={...})``: ``deploy/setup`` of a repository with these answers."""
    made: dict[str, Person] = {}

    def call(*arguments: str, env: dict[str, str] | None = None, **answers: object) -> process.Outcome:
        key = repr(answers)
        if key not in made:
            made[key] = Person(repository(answers, tmp_path_factory.mktemp("setup")), cloud)
        return made[key].setup(*arguments, **(env or {}))

    return call
