"""A run that is stopped or killed at any call: what it left is found by the next one, and users stay on one version.

A polite signal (what a cancelled job sends) lets the run undo its work; SIGKILL does not, so that is done by
``deploy/rollback --unfinished``, which the pipeline then calls, or by repeating the release.
"""

import os
import signal
from collections.abc import Callable

from deploy.scenes import CLIENT, Scene
from kit.cloud import Fault, Planted
from kit.process import Outcome, Running, wait_until

Stage = Callable[..., Scene]
POLITE = (signal.SIGTERM, signal.SIGINT)


def stop(scene: Scene, running: Running, number: signal.Signals) -> Outcome:
    """Send a signal to a run that hangs in a call, let the cloud answer again, and return what the run left."""
    if number == signal.SIGKILL:
        os.killpg(running.pid, number)  # a pipeline that kills leaves no child behind
    else:
        running.signal(number)
    running.wait(30)
    scene.cloud.plant()
    return Outcome(running.argv, running.process.returncode, running.out(), running.err())


def hang(scene: Scene, number: int, fault: Fault, command: list[str], stopping: signal.Signals) -> Outcome:
    """Run a command until it hangs in the call with a number, and stop it there."""
    scene.cloud.plant(Planted(fault, at=number, client=CLIENT))
    with scene.begun(command) as running:
        wait_until(lambda: len(scene.calls()) >= number or running.code is not None, "the call is made", deadline=20)
        return stop(scene, running, stopping)
