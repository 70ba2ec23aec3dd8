"""The emulated Elastic Beanstalk as a whole. A minute of it lasts ``Platform.minute`` seconds."""

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from kit.beanstalk import Environment, Machine
from kit.beanstalk_front import Front, Version
from kit.cloud import ACCOUNT, BeanstalkWishes, Behaviour

T = TypeVar("T")
DOMAIN = "localhost"  # whatever ends in it leads to this machine


class Platform:
    """All environments, the versions that run on them, events, and what the tests wish."""

    def __init__(self) -> None:
        """Begin empty."""
        self.environments: list[Environment] = []
        self.versions: dict[tuple[str, str | None], Version] = {}
        self.front_port = 0
        self.lock = threading.RLock()  # whoever changes what an environment is doing
        self.reset()

    def reset(self) -> None:
        """Forget everything and end the servers of all versions."""
        environments, versions = self.environments, list(self.versions.values())
        self.environments, self.versions = [], {}
        for environment in environments:
            if environment.operation:
                environment.operation.set()
        for version in versions:
            threading.Thread(target=version.end, daemon=True).start()
        self.events: list[dict[str, Any]] = []
        self.wishes = BeanstalkWishes()
        self._turn = itertools.count()

    def open_front(self, port: int) -> None:
        """Serve all load balancers on a port."""
        self.front_port = port
        threading.Thread(target=Front(port, self.find).serve_forever, daemon=True).start()

    @property
    def minute(self) -> float:
        """Return how many seconds a minute lasts."""
        return self.wishes.minute

    def version(self, service: str, label: str | None, commit: str) -> Version:
        """Return a version; its server runs from the first time on."""
        key = service, label
        if key not in self.versions:

            def behaviour() -> Behaviour:
                return Behaviour(self.wishes.behaviours.get(label or "", Behaviour.HEALTHY))

            self.versions[key] = Version(service, label, commit, behaviour)
        return self.versions[key]

    def has(self, environment: Environment) -> bool:
        """Return whether an environment was not forgotten."""
        return environment in self.environments

    def living(self, region: str, name: str) -> Environment | None:
        """Return an environment that is not terminated."""
        every = (one for one in self.environments if one.region == region and one.status != "Terminated")
        return next((one for one in every if name in {one.environment_name, one.environment_id}), None)

    def at(self, prefix: str) -> Environment | None:
        """Return the environment with an address."""
        living = (one for one in self.environments if one.status != "Terminated")
        return next((one for one in living if one.prefix == prefix), None)

    def find(self, host: str) -> Machine | None:
        """Return the machine that gets a request to a host; a ``LookupError`` where there is no such environment."""
        prefix, _, rest = host.lower().partition(".")
        environment = self.living_at_balancer(prefix) if rest == f"lb.{DOMAIN}" else self.at(prefix)
        if environment is None:
            raise LookupError(host)
        if rest == DOMAIN and environment.moved and next(self._turn) % 2:
            environment = environment.moved  # who remembers the address from before still goes there
        return environment.next_machine()

    def living_at_balancer(self, identifier: str) -> Environment | None:
        """Return the environment whose load balancer has a name."""
        return next((one for one in self.environments if one.environment_id == identifier), None)

    def name_of(self, prefix: str) -> str:
        """Return the address that begins with a prefix."""
        return f"{prefix}.{DOMAIN}:{self.front_port}"

    def balancer_of(self, environment: Environment) -> str:
        """Return the address of a load balancer."""
        return self.name_of(f"{environment.environment_id}.lb")

    def arn(self, region: str, resource: str) -> str:
        """Return the address of a thing of this service."""
        return f"arn:aws:elasticbeanstalk:{region}:{ACCOUNT}:{resource}"

    def say(self, environment: Environment, message: str, severity: str) -> None:
        """Add an event."""
        event = {
            "EventDate": datetime.now(UTC),
            "Message": message,
            "ApplicationName": environment.application_name,
            "EnvironmentName": environment.environment_name,
            "Severity": severity,
        }
        self.events.append(event)


PLATFORM = Platform()


def one_at_a_time(handler: Callable[[T], Any]) -> Callable[[T], Any]:
    """Let no two calls find the same environment at rest."""

    @wraps(handler)
    def handle(call: T) -> Any:  # noqa: ANN401 - what the handler returns
        with PLATFORM.lock:
            return handler(call)

    return handle
