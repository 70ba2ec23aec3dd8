"""Every call to AWS of a release and of a rollback goes wrong, in every way: users stay on one version.

Bundles meet every fault at every call. Images meet them at the two calls that bundles do not make, and a sample of
the others. The platform works at once here, so that the calls of a run are the same each time; where its pace
matters, ``PACED`` repeats the faults while a deployment is under way.
"""

from collections.abc import Callable

import pytest

from deploy.scenes import CLIENT, DONE, REFUSED, UNDONE, Scene
from deploy.verdicts import converges, judge
from kit.cloud import Fault, Planted

Stage = Callable[..., Scene]

EB, LOGS = "elasticbeanstalk ", "logs "
LOOK = f"{EB}DescribeEnvironments"
BEGIN = f"{LOGS}PutLogEvents"  # the first one; from there on a failure is undone
DEPLOY = [f"{EB}DescribeApplicationVersions", LOOK, f"{EB}DescribeConfigurationSettings", f"{EB}UpdateEnvironment"]
BY_PLATFORM = ["sts GetCallerIdentity", *[LOOK] * 3, f"{LOGS}GetLogEvents", BEGIN, *DEPLOY, *[LOOK] * 6, BEGIN]
BY_ENGINE = [
    *["sts GetCallerIdentity", *[LOOK] * 5, f"{LOGS}GetLogEvents", BEGIN, *DEPLOY, *[LOOK] * 7],
    *[f"{EB}SwapEnvironmentCNAMEs", *[LOOK] * 3, BEGIN],
]
CALLS = {"canary": BY_PLATFORM, "rolling": BY_PLATFORM, "blue-green": BY_ENGINE}
CHANGES = ("PutLogEvents", "UpdateEnvironment", "SwapEnvironmentCNAMEs", "CreateApplicationVersion", "s3 PUT")
ALWAYS = (Fault.BEFORE, Fault.HANG, Fault.NONSENSE, Fault.NOTHING)
ONLY_CHANGES = (Fault.AFTER, Fault.STALL, Fault.LOST)


def cases() -> list[object]:
    """Return each strategy with each call and each fault that differs from the others there."""
    found = []
    for strategy, calls in CALLS.items():
        for number, call in enumerate(calls, start=1):
            faults = [*ALWAYS, *ONLY_CHANGES] if call.endswith(CHANGES) else ALWAYS
            short = f"{number}-{call.split()[1]}"
            found += [pytest.param(strategy, number, fault, id=f"{strategy}-{short}-{fault}") for fault in faults]
    return found


def designed(calls: list[str], number: int, fault: Fault) -> tuple[int, ...]:
    """Return the exit codes that are right where a call of a release fails once."""
    first, last = calls.index(BEGIN) + 1, len(calls)
    if fault in {Fault.NOTHING, Fault.LOST}:  # the client sees no failure, so it depends on what is missing
        return (DONE, REFUSED) if number <= first else (DONE, UNDONE)
    if number <= first:
        return (REFUSED,)
    return (DONE,) if number == last else (UNDONE,)


@pytest.mark.parametrize(("strategy", "number", "fault"), cases())
def test_a_release_survives_the_failure_of_any_call(strategy: str, number: int, fault: Fault, stage: Stage) -> None:
    scene, calls = stage(strategy).with_settings(DEPLOY_DEADLINE="2"), CALLS[strategy]
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
