"""Every call to AWS of a release goes wrong, in every way: users stay on one version and the next run goes on.

Which fault meets which call: one that changes something meets all seven, with every strategy. A look meets, with
blue-green, a refusal, an empty answer and by turns silence or nonsense. Canary and rolling make the same calls by the
same code, so each look of theirs meets all four between them, two with either. This is with bundles; images meet all
faults at the two calls that bundles do not make. The platform works at once, so that the calls are the same each
time; ``test_a_fault_while_a_deployment_is_under_way`` has the others.
"""

from collections.abc import Callable

import pytest

from deploy.calls import BEGIN, CALLS, CHANGES, EB, LOGS, LOOK
from deploy.scenes import CLIENT, DONE, REFUSED, STUCK, UNDONE, Scene
from deploy.verdicts import converges, ended, judge
from kit.cloud import Behaviour, Fault, Planted

Stage = Callable[..., Scene]

SEEN_AS_AN_ANSWER = {Fault.NOTHING, Fault.LOST}  # by the client, which goes on


def faults_at(strategy: str, number: int, call: str) -> list[Fault]:
    """Return the faults that a call meets."""
    if call.endswith(CHANGES):
        return list(Fault)
    quiet, loud = (Fault.HANG, Fault.NONSENSE) if number % 2 else (Fault.NONSENSE, Fault.HANG)
    looks = {
        "canary": [Fault.BEFORE, quiet],
        "rolling": [Fault.NOTHING, loud],
        "blue-green": [Fault.BEFORE, Fault.NOTHING, quiet],
    }
    return looks[strategy]


CASES = [
    pytest.param(strategy, number, fault, id=f"{strategy}-{number}-{call.split()[1]}-{fault}")
    for strategy, calls in CALLS.items()
    for number, call in enumerate(calls, start=1)
    for fault in faults_at(strategy, number, call)
]


def patience(fault: Fault) -> dict[str, str]:
    """Return a setting with which a call that gets no answer is not repeated by the client: that only takes time."""
    return {"AWS_MAX_ATTEMPTS": "1"} if fault in {Fault.HANG, Fault.STALL} else {}


def designed(calls: list[str], number: int, fault: Fault) -> tuple[int, ...]:
    """Return the exit codes that are right where a call of a release fails once."""
    first, last, call = calls.index(BEGIN) + 1, len(calls), calls[number - 1]
    seen = fault in SEEN_AS_AN_ANSWER or (fault is Fault.NONSENSE and call.startswith(LOGS))
    overlooked = call == LOOK or seen  # a look is repeated, a missing answer may not matter
    if number <= first:
        return (DONE, REFUSED) if overlooked else (REFUSED,)
    if number == last:
        return (DONE,)
    return (DONE, UNDONE) if overlooked else (UNDONE,)


@pytest.mark.parametrize(("strategy", "number", "fault"), CASES)
def test_a_release_survives_the_failure_of_any_call(strategy: str, number: int, fault: Fault, stage: Stage) -> None:
    scene, calls = stage(strategy).with_settings(DEPLOY_DEADLINE="2", **patience(fault)), CALLS[strategy]
    what = f"release, {fault} at {calls[number - 1]} ({number} of {len(calls)})"
    scene.cloud.wish(minute=0)
    scene.cloud.plant(Planted(fault, at=number, client=CLIENT))

    outcome = scene.release()

    assert len(scene.calls()) >= number, "the fault was not met"
    judge(scene, what, outcome, *designed(calls, number, fault))
    converges(scene, what)


@pytest.mark.parametrize("strategy", CALLS)
def test_every_call_of_a_release_was_made_to_fail(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    scene.cloud.wish(minute=0)

    scene.release().succeeded()

    assert scene.calls() == CALLS[strategy]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize(
    "call", ["s3 PUT", f"{EB}CreateApplicationVersion"], ids=["PutObject", "CreateApplicationVersion"]
)
def test_the_version_of_an_image_is_made_whatever_fails(call: str, fault: Fault, stage: Stage) -> None:
    scene = stage("canary", "image").with_settings(DEPLOY_DEADLINE="2", **patience(fault))
    what = f"release, {fault} at {call}"
    scene.cloud.wish(minute=0)
    scene.cloud.plant(Planted(fault, call=call, client=CLIENT))

    outcome = scene.release()

    judge(scene, what, outcome, *([DONE, UNDONE] if fault in SEEN_AS_AN_ANSWER else [UNDONE]))
    converges(scene, what)


@pytest.mark.parametrize("fault", [Fault.BEFORE, Fault.HANG, Fault.NOTHING, Fault.LOST])
@pytest.mark.parametrize("strategy", CALLS)
def test_a_fault_while_a_deployment_is_under_way(strategy: str, fault: Fault, stage: Stage) -> None:
    scene = stage(strategy).with_settings(**patience(fault))
    call = LOOK if fault is not Fault.LOST else f"{EB}UpdateEnvironment"
    number = CALLS[strategy].index(f"{EB}UpdateEnvironment") + 1
    looks = CALLS[strategy][:number].count(LOOK) + 1 if call == LOOK else 1
    what = f"release, {fault} at {call} while the platform deploys"
    scene.cloud.wish(minute=0.1)
    scene.cloud.plant(Planted(fault, at=looks, call=call, client=CLIENT))

    outcome = scene.release()

    judge(scene, what, outcome, DONE, UNDONE)
    converges(scene, what)


@pytest.mark.parametrize("fault", [Fault.BEFORE, Fault.AFTER, Fault.STALL, Fault.LOST])
def test_an_abort_that_fails_is_no_dead_end(fault: Fault, stage: Stage) -> None:
    scene = stage("rolling").with_settings(DEPLOY_DEADLINE="2")
    scene.cloud.behaves(scene.new, Behaviour.NEVER_READY)
    what = f"release of a version that hangs, {fault} at its abort"
    scene.cloud.plant(Planted(fault, call=f"{EB}AbortEnvironmentUpdate", client=CLIENT))

    outcome = scene.release()

    if outcome.code != STUCK:
        judge(scene, what, outcome, UNDONE)
    scene.cloud.plant()
    ended(scene, f"{what}, then --unfinished", scene.rollback("--unfinished"))
    scene.cloud.behaves(scene.new, Behaviour.HEALTHY)
    converges(scene, what)


def test_what_is_stuck_is_ended_by_the_command_that_its_last_line_names(stage: Stage) -> None:
    scene = stage("rolling").with_settings(DEPLOY_DEADLINE="2")
    scene.cloud.behaves(scene.new, Behaviour.NEVER_READY)
    scene.cloud.plant(Planted(Fault.BEFORE, call=f"{EB}AbortEnvironmentUpdate", client=CLIENT, times=0))
    stuck = scene.release()
    scene.cloud.plant()

    back = scene.rollback()

    assert (stuck.code, stuck.err.splitlines()[-1].count("deploy/rollback production")) == (STUCK, 1), stuck
    judge(scene, "rollback after a release that was stuck", back, DONE, wanted="old")


@pytest.mark.parametrize("strategy", CALLS)
def test_a_cloud_that_never_answers_again_is_reported(strategy: str, stage: Stage) -> None:
    scene = stage(strategy).with_settings(DEPLOY_DEADLINE="2")
    deployed = CALLS[strategy].index(f"{EB}UpdateEnvironment") + 2
    scene.cloud.wish(minute=0)
    scene.cloud.plant(Planted(Fault.BEFORE, at=deployed, client=CLIENT, times=0))

    outcome = scene.release()
    scene.cloud.plant()
    back = scene.rollback("--unfinished")

    assert outcome.code == STUCK, outcome
    ended(scene, "--unfinished after a release that was stuck", back)
    converges(scene, "a release that was stuck")
