"""The dead man's switch: when Prometheus dies, the heartbeat ends, and that is how somebody learns of it.

It is the last test of its world: Prometheus is dead after it.
"""

import time

import pytest

from kit.process import wait_until
from monitoring.world import World
from service.stacks import with_first_stack

pytestmark = [pytest.mark.xdist_group("alert path"), with_first_stack]

QUIET = 6  # seconds; the heart beats every one


def test_the_heart_stops_with_prometheus(world: World) -> None:
    before = world.inbox.count("heartbeat")
    wait_until(lambda: world.inbox.count("heartbeat") > before + 2, "the heart beats", deadline=30)
    world.prometheus.running.process.kill()
    last = [world.inbox.count("heartbeat"), time.monotonic()]

    def quiet() -> bool:
        count = world.inbox.count("heartbeat")
        if count != last[0]:
            last[:] = [count, time.monotonic()]
        return time.monotonic() - last[1] > QUIET

    wait_until(quiet, f"the heart has not beaten for {QUIET} s", deadline=60)
