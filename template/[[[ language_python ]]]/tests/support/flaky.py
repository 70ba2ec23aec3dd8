"""Tests that fail now and then for a reason not yet found."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., Any])


def flaky(*, reason: str, owner: str, until: date) -> Callable[[Test], Test]:
    """Mark a test: in CI, and up to the day `until`, it is run at most twice more and the summary names it.

    Everywhere else it runs once, so that it can be caught.
    """
    again = os.environ.get("CI") == "true" and datetime.now(UTC).date() < until
    return pytest.mark.flaky(reruns=2 if again else 0, reason=f"{reason} ({owner})")
