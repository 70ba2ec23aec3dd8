"""Databases of tests."""

from collections.abc import Iterator

import pytest

from tests.support.database import TestDatabase, new_database


@pytest.fixture
def database() -> Iterator[TestDatabase]:
    """Lend an empty database."""
    with new_database() as database:
        yield database
