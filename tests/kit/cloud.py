"""An emulated AWS and the real ``aws`` command line, on 127.0.0.1."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx

from kit.folders import run_folder
from kit.process import environment, free_port, run, start, wait_until

REGION = "eu-central-1"
ACCOUNT = "123456789012"
PASSWORD = f"{ACCOUNT}-auth-token"  # of the registry
# What is called `aws`: it hands its call to the program that has the command line loaded.
CLIENT = """\
#!{python} -IS
import json, os, socket, sys
sys.argv[0] = "aws"
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    request = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(server, [len(request).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(request)
    sys.exit(server.recv(1)[0])
"""


@dataclass(frozen=True)
class Cloud:
    """The account of one test, empty at its begin."""

    port: int
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

    def calls(self) -> list[str]:
        """Return the calls since the last wish, as ``service Operation``."""
        calls: list[str] = httpx.get(f"{self.url}/control").json()
        return calls

    def fail_at(self, number: int, when: str = "before") -> None:
        """Let the call with this number, counted from here on, fail ``before`` or ``after`` it has its effect."""
        self._wish(fail_at=number, when=when)

    def forget(self) -> None:
        """Empty the account."""
        self._wish(forget=True)

    def stack_is(self, name: str, status: str) -> None:
        """Let a stack be in another state, such as ``ROLLBACK_COMPLETE``."""
        self._wish(stacks={name: status})

    def _wish(self, **wish: object) -> None:
        httpx.post(f"{self.url}/control", json=wish).raise_for_status()


@contextmanager
def emulated_cloud() -> Iterator[Cloud]:
    """Run a cloud beside the block."""
    cloud = Cloud(free_port(), Path(mkdtemp(prefix="cloud-", dir=run_folder())))
    address = cloud.folder / "socket"
    client = cloud.folder / "aws"
    client.write_text(CLIENT.format(python=sys.executable, address=str(address)))
    client.chmod(0o755)
    modules = environment(PYTHONPATH=Path(__file__).parents[1])
    with (
        start([sys.executable, "-m", "kit.aws_server", str(cloud.port)], env=modules) as aws,
        start([sys.executable, "-m", "kit.aws_command", address], env=modules) as command,
    ):
        wait_until(lambda: _answers(cloud) or aws.code is not None, "the emulated AWS answers", deadline=30)
        wait_until(lambda: address.exists() or command.code is not None, "the aws command is loaded", deadline=30)
        yield cloud


def _answers(cloud: Cloud) -> bool:
    try:
        return cloud.calls() == []
    except httpx.TransportError:
        return False
