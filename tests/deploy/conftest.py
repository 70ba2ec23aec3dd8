"""What the tests of releases share."""

from collections.abc import Iterator

import pytest

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
