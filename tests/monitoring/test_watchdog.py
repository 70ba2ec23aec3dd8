"""The dead man's switch: when Prometheus dies, the heartbeat ends, and that is how somebody learns of it.

It is the last test of its group: nothing of the world is left after it.
"""

import time
from collections.abc import Iterator

import pytest

from kit.process import wait_until
from monitoring.world import World, with_first_stack

pytestmark = [pytest.mark.xdist_group("alert path"), with_first_stack]

QUIET = 6  # seconds; the heart beats every one


@pytest.fixture
def dying(world: World) -> Iterator[World]:
    """Give the world its last test."""
    yield world
    world.end()


def test_the_heart_stops_with_prometheus(dying: World) -> None:
    before = dying.inbox.count("heartbeat")
    wait_until(lambda: dying.inbox.count("heartbeat") > before + 2, "the heart beats", deadline=30)
    dying.prometheus.running.process.kill()
    last = [dying.inbox.count("heartbeat"), time.monotonic()]

    def quiet() -> bool:
        count = dying.inbox.count("heartbeat")
        if count != last[0]:
            last[:] = [count, time.monotonic()]
        return time.monotonic() - last[1] > QUIET

    wait_until(quiet, f"the heart has not beaten for {QUIET} s", deadline=60)
