"""How the emulated Elastic Beanstalk brings a version to the machines of an environment, policy by policy.

Each deployment is a generator that yields how many minutes pass before its next step.
"""

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from kit.beanstalk_front import Version
from kit.cloud import Behaviour

if TYPE_CHECKING:
    from kit.beanstalk import Environment, Machine

Steps = Iterator[float]
FOREVER = math.inf
SLOWNESS = 10
ABORTED = (
    "During an aborted deployment, some instances may have deployed the new application version. "
    "To ensure all instances are running the same version, re-deploy the appropriate application version."
)


class FailedError(Exception):
    """A deployment has failed; ``fell_back`` says whether the machines are as before, or as they happen to be."""

    def __init__(self, reason: str) -> None:
        """Begin with machines that are as they happen to be."""
        super().__init__(reason)
        self.fell_back = False


def all_at_once(environment: "Environment", version: Version) -> Steps:
    """Replace the version on every machine at the same time; meanwhile nothing answers."""
    environment.say("Deploying new version to instance(s).")
    machines = environment.launch(version, environment.size)
    before = environment.machines
    environment.show()
    try:
        yield from _install(environment, machines, 1)
    except FailedError:
        environment.show(before)
        raise
    environment.show(machines)
    yield 1
    _check(machines)


def rolling(environment: "Environment", version: Version, *, additional: bool) -> Steps:
    """Replace the version batch by batch; what fails leaves the machines mixed."""
    kept, size, batch = environment.machines, environment.size, environment.batch
    if additional:
        environment.say(
            "Rolling with additional batch deployment policy enabled. "
            f"Launching a new batch of {batch} additional instance(s)."
        )
    chunks = [kept[start : start + batch] for start in range(0, len(kept), batch)]
    for number, chunk in enumerate([[], *chunks] if additional else chunks, start=1):
        kept = [machine for machine in environment.machines if machine not in chunk]
        fresh = environment.launch(version, len(chunk) or batch)
        environment.say(f"Batch {number}: Starting application deployment on instance(s) {_names(fresh)}.")
        environment.show(kept)  # one that is being changed is out of service
        try:
            yield from _install(environment, fresh, number)
        except FailedError:
            environment.show(kept + chunk)
            raise
        environment.say(f"Batch {number}: Registering instance(s) with the load balancer and waiting for them.")
        environment.show(kept + fresh)
        yield 1
        _check(fresh)
        environment.say(f"Batch {number}: Completed application deployment.")
    environment.abortable = False
    yield 1
    if additional:
        environment.say(f"Terminating excess instance(s): {_names(environment.machines[:-size])}.")
        environment.show(environment.machines[-size:])


def immutable(environment: "Environment", version: Version, *, splitting: bool) -> Steps:
    """Launch a second set of machines, give them a share of the requests, then all; what fails falls back."""
    before, fresh = environment.machines, environment.launch(version, environment.size)
    policy = "Traffic splitting" if splitting else "Immutable"
    environment.say(f"{policy} deployment policy enabled. Launching {len(fresh)} instance(s) with the new settings.")
    try:
        for number, machine in enumerate(fresh, start=1):
            yield from _install(environment, [machine], number)
        environment.say(f"Waiting for instance(s) {_names(fresh)} to pass health checks.")
        yield 1
        _check(fresh)
        yield from _evaluate(environment, before, fresh) if splitting else _join(environment, before, fresh)
    except FailedError as failure:
        environment.show(before)
        failure.fell_back = True
        raise
    environment.show(fresh)
    environment.say(f"Terminating instance(s) {_names(before)}.")
    environment.abortable = False
    yield 1


def _evaluate(environment: "Environment", before: list["Machine"], fresh: list["Machine"]) -> Steps:
    share = int(environment.option("aws:elasticbeanstalk:trafficsplitting", "NewVersionPercent"))
    minutes = int(environment.option("aws:elasticbeanstalk:trafficsplitting", "EvaluationTime"))
    environment.say(f"Diverting {share}% of traffic to the new version for {minutes} minutes.")
    environment.split(before, fresh, share)
    for _ in range(minutes):
        yield 1
        _check(fresh)
    environment.say("Traffic splitting evaluation completed. Diverting all traffic to the new version.")


def _join(environment: "Environment", before: list["Machine"], fresh: list["Machine"]) -> Steps:
    environment.show(before + fresh)
    yield 1
    _check(fresh)


def _install(environment: "Environment", machines: list["Machine"], number: int) -> Steps:
    version = machines[0].version
    behaviour = version.behaviour()
    yield SLOWNESS if behaviour is Behaviour.SLOW else 1
    if version.behaviour() is Behaviour.NEVER_READY:
        yield FOREVER
    if behaviour is Behaviour.NOT_MIGRATED or (behaviour is Behaviour.HALF and number == 2):
        name = machines[0].name
        environment.say(
            f"[Instance: {name}] Command failed on instance. Return code: 1 Output: Engine execution has encountered "
            "an error. container_command 01_migrate in .ebextensions/migrate.config failed.",
            "ERROR",
        )
        message = f"Unsuccessful command execution on instance id(s) '{name}'. Aborting the operation."
        raise FailedError(message)


def _check(machines: list["Machine"]) -> None:
    sick = [machine for machine in machines if not machine.version.ready]
    if sick:
        message = (
            f"Following instances have not passed health checks in the allowed time: {_names(sick)}. "
            "You can find more information in Health."
        )
        raise FailedError(message)


def _names(machines: list["Machine"]) -> str:
    return f"[{', '.join(machine.name for machine in machines)}]"


POLICIES: dict[str, Callable[["Environment", Version], Steps]] = {
    "AllAtOnce": all_at_once,
    "Rolling": lambda environment, version: rolling(environment, version, additional=False),
    "RollingWithAdditionalBatch": lambda environment, version: rolling(environment, version, additional=True),
    "Immutable": lambda environment, version: immutable(environment, version, splitting=False),
    "TrafficSplitting": lambda environment, version: immutable(environment, version, splitting=True),
}
