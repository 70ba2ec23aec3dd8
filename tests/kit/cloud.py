"""An emulated AWS and the real ``aws`` command line, on 127.0.0.1."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx

from kit.folders import run_folder
from kit.process import Running, environment, free_port, run, start, wait_until
from kit.tools import tool

REGION = "eu-central-1"
ACCOUNT = "123456789012"
PASSWORD = f"{ACCOUNT}-auth-token"  # of the registry
MINUTE = 0.02  # how many seconds a minute of Elastic Beanstalk lasts


class Behaviour(StrEnum):
    """How a version behaves that Elastic Beanstalk deploys."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"  # it starts, and passes no health check
    WRONG_COMMIT = "reports a wrong commit"
    NO_ITEMS = "500 on items"
    NEVER_READY = "never becomes ready"  # its deployment hangs until it is aborted
    SLOW = "slow"  # to deploy
    NOT_MIGRATED = "cannot migrate"  # its deployment fails on the first machine
    HALF = "fails on the second batch"


class Fault(StrEnum):
    """How a call to AWS goes wrong."""

    BEFORE = "before"  # refused, without any effect
    AFTER = "after"  # it takes effect, and the client sees a refusal
    HANG = "hang"  # no effect and no answer, however often the client asks
    STALL = "stall"  # it takes effect, and there is no answer, however often the client asks
    LOST = "lost"  # it takes effect, the connection breaks, and the client asks again by itself
    NONSENSE = "nonsense"  # no effect; 200 with what cannot be read
    NOTHING = "nothing"  # no effect; 200 with an empty answer

    @property
    def takes_effect(self) -> bool:
        """Return whether the cloud does what the call asks."""
        return self in {Fault.AFTER, Fault.STALL, Fault.LOST}


@dataclass(frozen=True)
class Planted:
    """A fault at the call with a number, counted among those whose name begins so and that come from this client."""

    fault: Fault
    at: int = 1
    call: str = ""
    client: str = ""  # its access key
    times: int = 1  # how many calls from there on; 0: all


@dataclass
class BeanstalkWishes:
    """How the emulated Elastic Beanstalk is to be."""

    minute: float = MINUTE
    label_after_failure: str = "new"  # or "old": what the environment claims to run after a deployment stopped half-way
    behaviours: dict[str, Behaviour] = field(default_factory=dict)


@dataclass(frozen=True)
class Cloud:
    """The account of one test, empty at its begin."""

    port: int
    front_port: int
    folder: Path

    @property
    def url(self) -> str:
        """Where AWS answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def registry(self) -> str:
        """Where images go: the host part of every repository's address."""
        return f"127.0.0.1:{self.port}"

    def environment(self, base: Mapping[str, str] | None = None, **values: str) -> dict[str, str]:
        """Return an environment in which ``aws`` reaches this cloud and no other; ``base`` is what to add that to."""
        clean = environment(without=("AWS_", "GITHUB_", "CI")) if base is None else dict(base)
        registries = self.folder / "registries.conf"
        registries.write_text(f'[[registry]]\nlocation = "{self.registry}"\ninsecure = true\n')
        own = {
            "PATH": f"{self.folder}:{clean['PATH']}",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CONTAINERS_REGISTRIES_CONF": str(registries),
        }
        return clean | own | values

    def aws(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever JSON says
        """Run ``aws`` and return its answer."""
        answer = run([self.folder / "aws", *arguments], env=self.environment(AWS_DEFAULT_REGION=REGION)).succeeded().out
        return json.loads(answer) if answer.strip() else None

    def calls(self, client: str = "") -> list[str]:
        """Return the calls since faults were planted, of all clients or of one, as ``service Operation``."""
        calls: list[str] = self._control.get("/control", params={"client": client}).json()
        return calls

    def plant(self, *faults: Planted) -> None:
        """Let calls fail, counted from here on; without a fault, let none."""
        self._wish(faults=[asdict(fault) for fault in faults])

    def fail_at(self, number: int, when: str = "before") -> None:
        """Let the call with this number fail; none has the number 0."""
        self.plant(*[Planted(Fault(when), number)] * bool(number))

    def behaves(self, label: str, behaviour: Behaviour) -> None:
        """Let a version behave so from now on, wherever it runs."""
        self._wish(behaviours={label: behaviour})

    def wish(self, *, minute: float | None = None, label_after_failure: str | None = None) -> None:
        """Change the pace of Elastic Beanstalk, or what it claims after a failure: see ``BeanstalkWishes``."""
        wishes = {"minute": minute, "label_after_failure": label_after_failure}
        self._wish(**{name: value for name, value in wishes.items() if value is not None})

    def forget(self) -> None:
        """Empty the account, and let nothing fail."""
        self._wish(forget=True, faults=[])

    def stack_is(self, name: str, status: str) -> None:
        """Let a stack be in another state, such as ``ROLLBACK_COMPLETE``."""
        self._wish(stacks={name: status}, faults=[])

    @cached_property
    def _control(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, verify=False, timeout=30)  # noqa: S501 - no TLS to load

    def _wish(self, **wish: object) -> None:
        self._control.post("/control", json=wish).raise_for_status()


@contextmanager
def emulated_cloud() -> Iterator[Cloud]:
    """Run a cloud beside the block."""
    cloud = Cloud(free_port(), free_port(), Path(mkdtemp(prefix="cloud-", dir=run_folder())))
    server = [sys.executable, "-m", "kit.aws_server", str(cloud.port), str(cloud.front_port)]
    with start(server, env=_modules()) as aws, loaded_client(cloud.folder):
        wait_until(lambda: _answers(cloud) or aws.code is not None, "the emulated AWS answers", deadline=30)
        yield cloud


@contextmanager
def loaded_client(folder: Path) -> Iterator[Running]:
    """Put ``aws`` into a folder and run the program that has it loaded beside the block."""
    address, source = folder / "socket", Path(__file__).with_name("aws_client.go")
    linked = f"-ldflags=-X main.address={address}"
    build = [str(tool("go")), "build", "-trimpath", linked, "-o", str(folder / "aws"), str(source)]
    run(build, env=environment(GO111MODULE="off")).succeeded()
    with start([sys.executable, "-m", "kit.aws_command", address], env=_modules()) as command:
        wait_until(lambda: address.exists() or command.code is not None, "the aws command is loaded", deadline=30)
        yield command


def _modules() -> dict[str, str]:
    return environment(PYTHONPATH=Path(__file__).parents[1])


def _answers(cloud: Cloud) -> bool:
    try:
        return cloud.calls() == []
    except httpx.TransportError:
        return False
