"""An environment of the emulated Elastic Beanstalk: its updates take time, fail, fall back, hang and are aborted."""

import itertools
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kit.beanstalk_deployments import ABORTED, POLICIES, FailedError, Steps
from kit.beanstalk_front import Version
from kit.beanstalk_options import COMMAND, Options

if TYPE_CHECKING:
    from kit.beanstalk_platform import Platform

READY = "Ready"


@dataclass(eq=False)
class Machine:
    """A machine with one version on it."""

    name: str
    version: Version


@dataclass(eq=False)
class Environment:
    """Machines behind a load balancer; one operation at a time changes them."""

    platform: "Platform"
    application_name: str
    region: str
    environment_name: str
    prefix: str
    version: Version
    options: Options
    stack: str
    tags: dict[str, str]
    status: str = "Launching"
    abortable: bool = False
    operation: threading.Event | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    number: int = field(default_factory=itertools.count(1).__next__)

    def __post_init__(self) -> None:
        """Begin to launch."""
        self.shares: list[tuple[int, list[Machine]]] = [(100, [])]
        self.draft: Options | None = None
        self.updated = self.created
        self.settling = False
        self.moved: Environment | None = None  # which environment had this one's address a moment ago
        self._turn = itertools.count()
        self._share = 0
        self._machine_names = itertools.count(1)

    # What it is

    @property
    def environment_id(self) -> str:
        """Return its id."""
        return f"e-{self.number:010d}"

    @property
    def environment_arn(self) -> str:
        """Return its address among all things of AWS."""
        return self.platform.arn(self.region, f"environment/{self.application_name}/{self.environment_name}")

    @property
    def cname(self) -> str:
        """Return the name that its users know."""
        return self.platform.name_of(self.prefix)

    @property
    def machines(self) -> list[Machine]:
        """Return the machines that get requests."""
        return [machine for _, machines in self.shares for machine in machines]

    @property
    def size(self) -> int:
        """Return how many machines it has at rest."""
        return int(self.option("aws:autoscaling:asg", "MinSize"))

    @property
    def batch(self) -> int:
        """Return how many machines change at the same time."""
        size = int(self.option(COMMAND, "BatchSize"))
        fixed = self.option(COMMAND, "BatchSizeType") == "Fixed"
        return max(1, min(size if fixed else math.ceil(self.size * size / 100), self.size))

    def option(self, namespace: str, name: str) -> str:
        """Return the value of an option."""
        return self.options[namespace, name]

    def health(self) -> tuple[str, str]:
        """Return colour and word of its health."""
        machines = self.machines
        sick = [machine for machine in machines if not machine.version.ready]
        colour = "Red" if self.status == READY else "Grey"
        if self.status in {"Launching", "Terminating", "Terminated"}:
            return "Grey", "Pending" if self.status == "Launching" else "Unknown"
        if not machines or len(sick) == len(machines):
            return colour, "Severe"
        if sick:
            return colour, "Degraded"
        if self.status != READY:
            return "Grey", "Info"
        if any(machine.version is not self.version for machine in machines):
            return "Red", "Degraded"
        return "Green", "Info" if self.settling else "Ok"

    def causes(self) -> list[str]:
        """Return why its health is not better."""
        machines, label = self.machines, self.version.shown_label
        sick = sum(not machine.version.ready for machine in machines)
        wrong = sum(machine.version is not self.version for machine in machines)
        found = f'Incorrect application version found on {wrong} out of {len(machines)} instances. Expected "{label}".'
        return [*[f"ELB health is failing for {sick} instances."] * bool(sick), *[found] * bool(wrong)]

    # What happens to it

    def say(self, message: str, severity: str = "INFO") -> None:
        """Add an event."""
        self.platform.say(self, message, severity)

    def launch(self, version: Version, count: int) -> list[Machine]:
        """Return new machines, which get no requests yet."""
        return [Machine(f"i-{self.number:05x}{next(self._machine_names):012x}", version) for _ in range(count)]

    def show(self, machines: list[Machine] | None = None) -> None:
        """Give all requests to these machines."""
        self.shares = [(100, list(machines or []))]

    def split(self, before: list[Machine], fresh: list[Machine], share: int) -> None:
        """Give a share of the requests to fresh machines."""
        self.shares = [(100 - share, list(before)), (share, list(fresh))]

    def next_machine(self) -> Machine | None:
        """Return who gets the next request: a healthy machine; any, if none is; nobody, if there is no machine."""
        shares = self.shares
        _, machines = shares[0]
        if len(shares) == 2:
            self._share += shares[1][0]
            if self._share >= 100:
                self._share -= 100
                _, machines = shares[1]
        able = [machine for machine in machines if machine.version.ready] or machines
        return able[next(self._turn) % len(able)] if able else None

    def begin(self, status: str, steps: Callable[[], Steps], *, back: Callable[[], Steps] | None = None) -> None:
        """Take steps beside everything else, until they end; aborted, take the steps back."""
        stop = threading.Event()
        self.status, self.operation, self.abortable = status, stop, back is not None
        self.updated = datetime.now(UTC)
        threading.Thread(target=self._take, args=(steps(), stop, back), daemon=True).start()

    def _take(self, steps: Steps, stop: threading.Event, back: Callable[[], Steps] | None) -> None:
        for minutes in steps:
            if stop.wait(None if minutes == math.inf else minutes * self.platform.minute):
                break
        else:
            self._settle()
            return
        if back and self.operation is stop and self.platform.has(self):
            self.begin("Aborting", back)

    def _settle(self) -> None:
        with self.platform.lock:
            if self.status in {"Terminating", "Terminated"}:
                return
            self.status, self.abortable, self.settling = READY, False, True
            timer = threading.Timer(self.platform.minute, setattr, (self, "settling", False))
            timer.daemon = True
            timer.start()

    # What it can be asked to do

    def open(self) -> Steps:
        """Launch its first machines."""
        self.say("createEnvironment is starting.")
        yield 2
        self.show(self.launch(self.version, self.size))
        self.say(f"Successfully launched environment: {self.environment_name}")

    def deploy(self, version: Version) -> None:
        """Bring a version to its machines, as its policy says."""
        before, machines = self.version, self.machines
        policy = POLICIES[self.option(COMMAND, "DeploymentPolicy")]
        self.version = version
        self.say("Environment update is starting.")

        def steps() -> Steps:
            try:
                yield from policy(self, version)
            except FailedError as failure:
                self.say(str(failure), "ERROR")
                self.say("Failed to deploy application.", "ERROR")
                if failure.fell_back or self.platform.wishes.label_after_failure == "old":
                    self.version = before
                if not failure.fell_back:
                    self.say(ABORTED, "ERROR")
                yield 1
                return
            self.say("New application version was deployed to running EC2 instances.")
            self.say("Environment update completed successfully.")

        def back() -> Steps:
            self.say("Aborting the environment update.", "WARN")
            yield 1
            self.show(machines)
            self.version = before
            self.say("Environment update was aborted; the previous version was restored.")

        self.begin("Updating", steps, back=back)

    def abort(self) -> None:
        """Stop the operation; what it did is taken back."""
        self.status, self.abortable = "Aborting", False
        if self.operation:
            self.operation.set()

    def configure(self, options: Options) -> None:
        """Change settings; until that is done they are a draft."""
        self.draft = options
        self.say(f"Updating environment {self.environment_name}'s configuration settings.")

        def steps() -> Steps:
            yield 1
            self.options, self.draft = options, None
            self.say("Successfully deployed new configuration to environment.")
            self.say("Environment update completed successfully.")

        self.begin("Updating", steps)

    def swap(self, other: "Environment") -> None:
        """Swap addresses; for a minute some still find the environment that had it."""
        self.prefix, other.prefix = other.prefix, self.prefix

        def steps(one: Environment, former: Environment) -> Steps:
            one.moved = former
            yield 1
            one.moved = None
            names = f"'{self.environment_name}' and '{other.environment_name}'"
            one.say(f"Completed swapping CNAMEs for environments {names}.")

        self.begin("Updating", lambda: steps(self, other))
        other.begin("Updating", lambda: steps(other, self))

    def terminate(self) -> None:
        """Give up the machines, then the name."""
        former = self.operation

        def steps() -> Steps:
            self.say("terminateEnvironment is starting.")
            yield 2
            self.show()
            self.status = "Terminated"
            self.say("terminateEnvironment completed successfully.")

        self.begin("Terminating", steps)
        if former:
            former.set()
