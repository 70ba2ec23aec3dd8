"""Fixtures of all suites."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests as the service runs."""
    return "asyncio"
