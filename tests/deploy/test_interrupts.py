"""A run that is stopped or killed at any call: what it left is found by the next one, and users stay on one version.

A polite signal (what a cancelled job sends) lets the run undo its work; SIGKILL does not, so that is done by
``deploy/rollback --unfinished``, which the pipeline then calls, or by repeating the release.
"""

import os
import signal
from collections.abc import Callable

import pytest

from deploy.calls import BEGIN, CALLS, CHANGES, EB
from deploy.scenes import CLIENT, DONE, REFUSED, UNDONE, Scene
from deploy.verdicts import converges, ended, judge
from kit.cloud import Behaviour, Fault, Planted
from kit.process import Outcome, Running, wait_until

Stage = Callable[..., Scene]


def stop(scene: Scene, running: Running, number: signal.Signals) -> Outcome:
    """Send a signal to a run that hangs in a call, let the cloud answer again, and return what the run left."""
    if number == signal.SIGKILL:
        os.killpg(running.pid, number)  # a pipeline that kills leaves no child behind
    else:
        running.signal(number)
    outcome = running.outcome(30)
    scene.cloud.plant()
    return outcome


def interrupted(scene: Scene, number: int, fault: Fault, stopping: signal.Signals) -> Outcome:
    """Release until the run hangs in the call with a number, and stop it there."""
    scene.cloud.plant(Planted(fault, at=number, client=CLIENT))
    with scene.begun(scene.release_command()) as running:
        wait_until(lambda: len(scene.calls()) >= number or running.code is not None, "the call is made", deadline=20)
        return stop(scene, running, stopping)


def changing(strategy: str) -> list[int]:
    """Return the numbers of the calls that change something."""
    return [number for number, call in enumerate(CALLS[strategy], start=1) if call.endswith(CHANGES)]


def named(strategy: str, number: int, *words: str) -> str:
    """Return the name of a case."""
    return "-".join([strategy, str(number), CALLS[strategy][number - 1].split()[1], *words])


# Canary and rolling make the same calls by the same code: one of them is enough where nothing changes.
EVERYWHERE = {"canary": range(1, len(CALLS["canary"]) + 1), "blue-green": range(1, len(CALLS["blue-green"]) + 1)}
KILLED = [
    pytest.param(strategy, number, fault, id=named(strategy, number, fault))
    for strategy in CALLS
    for fault, numbers in (
        (Fault.HANG, EVERYWHERE.get(strategy, changing(strategy))),
        (Fault.STALL, changing(strategy)),
    )
    for number in numbers
]


@pytest.mark.parametrize(("strategy", "number", "fault"), KILLED)
def test_what_a_killed_release_left_is_ended_or_repeated(
    strategy: str, number: int, fault: Fault, stage: Stage
) -> None:
    scene = stage(strategy).with_settings(AWS_MAX_ATTEMPTS="1")
    what = f"release, killed in {CALLS[strategy][number - 1]} ({number}), {fault}"
    scene.cloud.wish(minute=0)

    interrupted(scene, number, fault, signal.SIGKILL)
    scene.settle()

    assert scene.serves() in {"old", "new"}, what
    if number % 2 and number < len(CALLS[strategy]):  # at the last call, the end is in the journal or about to be
        ended(scene, f"{what}, then --unfinished", scene.rollback("--unfinished"))
    converges(scene, what)


POLITELY = [
    pytest.param(strategy, number, stopping, id=named(strategy, number, stopping.name))
    for strategy, calls in CALLS.items()
    for stopping in (signal.SIGTERM, signal.SIGINT)
    for number in (
        range(1, len(calls) + 1) if (strategy, stopping) == ("rolling", signal.SIGTERM) else changing(strategy)
    )
]


@pytest.mark.parametrize(("strategy", "number", "stopping"), POLITELY)
def test_a_release_that_is_asked_to_stop_undoes_what_it_did(
    strategy: str, number: int, stopping: signal.Signals, stage: Stage
) -> None:
    scene, calls = stage(strategy).with_settings(AWS_MAX_ATTEMPTS="1"), CALLS[strategy]
    what = f"release, {stopping.name} in {calls[number - 1]} ({number})"
    scene.cloud.wish(minute=0)

    outcome = interrupted(scene, number, Fault.HANG, stopping)

    begun = calls.index(BEGIN) + 1
    codes = (REFUSED,) if number <= begun else (DONE,) if number == len(calls) else (UNDONE,)
    judge(scene, what, outcome, *codes)
    converges(scene, what)


@pytest.mark.parametrize("stopping", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("strategy", CALLS)
def test_a_deployment_under_way_is_stopped_with_its_run(strategy: str, stopping: signal.Signals, stage: Stage) -> None:
    scene = stage(strategy)
    scene.cloud.wish(minute=0.3)
    what = f"release, {stopping.name} while the platform deploys"
    with scene.begun(scene.release_command()) as running:
        wait_until(lambda: f"{EB}UpdateEnvironment" in scene.calls(), "the platform deploys", deadline=20)
        outcome = stop(scene, running, stopping)

    if stopping == signal.SIGTERM:
        judge(scene, what, outcome, UNDONE)
    else:
        ended(scene, f"{what}, then --unfinished", scene.rollback("--unfinished"))
    converges(scene, what)


@pytest.mark.parametrize("strategy", CALLS)
def test_a_killed_rollback_can_be_repeated(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    scene.cloud.wish(minute=0)
    judge(scene, "release", scene.release(), DONE)
    change = "SwapEnvironmentCNAMEs" if strategy == "blue-green" else "UpdateEnvironment"
    scene.cloud.plant(Planted(Fault.STALL, call=f"{EB}{change}", client=CLIENT))
    with scene.begun(scene.command("rollback", scene.old)) as running:
        wait_until(lambda: f"{EB}{change}" in scene.calls(), "it goes back", deadline=20)
        stop(scene, running, signal.SIGKILL)

    judge(scene, "a killed rollback, repeated", scene.rollback(scene.old), DONE, wanted="old", before="new")


@pytest.mark.parametrize("strategy", CALLS)
def test_nothing_is_ended_where_nothing_is_unfinished(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    judge(scene, "release", scene.release(), DONE)

    outcome = scene.rollback("--unfinished")

    assert (outcome.code, outcome.out, scene.serves()) == (DONE, "", "new")


@pytest.mark.parametrize("strategy", CALLS)
def test_a_bad_release_after_a_killed_one_leads_back_to_before_both(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    scene.cloud.behaves(scene.commits["newer"], Behaviour.NO_ITEMS)
    scene.cloud.wish(minute=0)
    interrupted(scene, len(CALLS[strategy]) - 1, Fault.HANG, signal.SIGKILL)
    scene.settle()
    assert scene.serves() == "new"

    outcome = scene.release(scene.commits["newer"])

    judge(scene, "release of a bad version after a killed one", outcome, UNDONE, wanted="newer", before="old")
