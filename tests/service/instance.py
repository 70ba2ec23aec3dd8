"""A running service: started with an environment, watched by its log, stopped at the end of the block."""

import shutil
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kit.folders import made_once, run_folder
from kit.postgres import Cluster, Database
from kit.process import Outcome, Running, run, start, wait_until
from service.client import Client
from service.document import Document
from service.logs import Line, Log
from service.stacks import Build, Stack

COMMIT = "0123456789abcdef0123456789abcdef01234567"
QUIET = {"HOST": "127.0.0.1", "PORT": "0", "SERVICE_COMMIT": COMMIT}


Install = Callable[[str], Build]
Repository = Callable[..., Path]
NewDatabase = Callable[[], Database]
MigrateIn = Callable[[Cluster], Database]


def installed(stack: Stack, version: str, repo: Repository) -> Build:
    """Return the generated repository for a version of a language, with its dependencies from the lock; once a run."""
    name = f"installed/{stack.name}-{version}"
    done = Build(stack, version, run_folder() / name)
    with made_once(name) as folder:
        if folder:
            shutil.copytree(repo({**stack.answers, "runtime_version": version}), folder, symlinks=True)
            # Hundreds of processes start from it, and none of them writes byte code.
            env = done.environment | {"UV_COMPILE_BYTECODE": "1"}
            run(stack.command("setup"), cwd=folder, env=env, deadline=180).succeeded()
            if version == stack.versions[0]:  # no other one is started
                compiled(replace(done, folder=folder))
    return done


def compiled(build: Build) -> Build:
    """Make the program of a repository whose language has one; again after a change of the sources."""
    for command in build.stack.compile:
        run(command, cwd=build.folder, env=build.environment, deadline=300).succeeded()
    return build


@dataclass(frozen=True)
class Service:
    """A service that listens."""

    build: Build
    running: Running
    env: Mapping[str, str]
    port: int
    log: Log
    client: Client

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id."""
        return self.running.pid

    def ready(self) -> bool:
        """Tell whether it says that it can serve."""
        return self.client.get("/ready").status == 200

    def until_ready(self) -> "Service":
        """Wait until it says that it can serve."""
        wait_until(self.ready, f"{self.url}/ready answers 200", deadline=20)
        return self

    def is_alive(self) -> bool:
        """Tell whether the process of the start still answers."""
        with closing(self.client.clone()) as client:
            return self.running.code is None and client.get("/health").status == 200

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.running.signal(number)
        return self.running.wait(20)

    def until_logged(self, message: str, since: int = 0, **fields: object) -> Line:
        """Wait for a line with this message and these fields, written after byte ``since`` of the log."""

        def found() -> Line | None:
            lines = self.log.lines(since)
            return next((line for line in lines if line["message"] == message and fields.items() <= line.items()), None)

        line = wait_until(found, f"the log holds {message!r} with {fields}")
        assert line is not None
        return line


Launch = Callable[..., Service]


@contextmanager
def serve(build: Build, document: Document, env: Mapping[str, str]) -> Iterator[Service]:
    """Start a service on a free port, with the contract's defaults where ``env`` is silent; it may not be ready yet."""
    with listening(build, document, QUIET | dict(env)) as service:
        yield service


@contextmanager
def listening(build: Build, document: Document, env: Mapping[str, str]) -> Iterator[Service]:
    """Start a service with exactly ``env`` and wait until it has said on which port it listens."""
    with start(build.stack.serve, cwd=build.folder, env=build.environment | dict(env)) as running:
        log = Log(running.out_file)

        def port() -> int:
            if running.code is not None:
                pytest.fail(f"the service ended with {running.code} before it listened\n{running}", pytrace=False)
            return _said_port(log) if env["PORT"] == "0" else _open_port(int(env["PORT"]))

        number = wait_until(port, "the service listens", deadline=60)
        client = Client(number, document, commit=env.get("SERVICE_COMMIT") or "unknown")
        try:
            yield Service(build, running, env, number, log, client)
        finally:
            client.close()


def _said_port(log: Log) -> int:
    ports = [line["server_port"] for line in log.lines() if line.get("message") == "server listening"]
    return int(ports[0]) if ports else 0


def _open_port(port: int) -> int:
    with socket.socket() as probe:
        return 0 if probe.connect_ex(("127.0.0.1", port)) else port


def refusal_to_start(build: Build, env: Mapping[str, str]) -> Outcome:
    """Start a service that cannot start, and return what it left."""
    return run(build.stack.serve, cwd=build.folder, env=build.environment | dict(QUIET) | dict(env), deadline=60)


def migrate(build: Build, env: Mapping[str, str]) -> Outcome:
    """Run the migration command."""
    return run(build.stack.migrate, cwd=build.folder, env=build.environment | dict(env), deadline=30)
