"""How long a request may still take. A thread cannot be stopped: whatever waits asks here for how long it may."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from app.problem import Problem

_until: ContextVar[float] = ContextVar("until", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give a block so many seconds, or what is left of a shorter time around it."""
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def remaining(at_most: float) -> float:
    """Return how many seconds something may take; with none left the request is a time-out."""
    left = _until.get() - time.monotonic()
    if left <= 0:
        raise Problem("timeout")
    return min(left, at_most)
