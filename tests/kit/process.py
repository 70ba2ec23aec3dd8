"""Run real programs: always with a deadline, always cleaned up."""

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import pytest

T = TypeVar("T")
Argv = Sequence[str | os.PathLike[str]]

# As pytest, node:test, go test and Maven mark what went wrong.
TELLS_AN_ERROR = re.compile(r"^(E  |✖|not ok|\s*--- FAIL|\[ERROR\])")

# A shell lets its background jobs ignore SIGINT, and so would all that this one starts: bash and the JVM obey that.
HEARING_SIGINT = ("/usr/bin/env", "--default-signal=INT", "--")


@dataclass(frozen=True)
class Outcome:
    """What a finished program left: its exit code (negative: the signal that ended it) and its output."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str

    def succeeded(self) -> "Outcome":
        """Return itself, or fail the test with the command and the end of its output."""
        if self.code != 0:
            pytest.fail(f"{self}", pytrace=False)
        return self

    def __str__(self) -> str:
        """Return the command, its exit code, and of what it printed the end and the errors before it."""
        return f"{shlex.join(self.argv)}\n  exit {self.code}\n{tail(self.out + self.err)}"


def tail(text: str, lines: int = 20) -> str:
    """Return the last ``lines`` lines of ``text``, indented below a failure's own lines.

    Runners of tests print their tables last: as many of the lines that tell an error stand before the end.
    """
    every = text.splitlines()
    errors = [line for line in every[:-lines] if TELLS_AN_ERROR.search(line)][:lines]
    return "\n".join("  | " + line for line in [*errors, *(["..."] if errors else []), *every[-lines:]])


def environment(without: Sequence[str] = (), **values: str | os.PathLike[str]) -> dict[str, str]:
    """Return a copy of this process's environment with ``values`` added.

    ``without`` names variables to leave out; a name that ends in ``_`` drops all that begin with it
    (``without=("CI", "GIT_", "npm_")``).
    """

    def dropped(name: str) -> bool:
        return any(name.startswith(word) if word.endswith("_") else name == word for word in without)

    kept = {name: value for name, value in os.environ.items() if not dropped(name)}
    return kept | {name: os.fspath(value) for name, value in values.items()}


def run(
    argv: Argv,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    deadline: float = 60,
    stdin: str = "",
) -> Outcome:
    """Run a program to its end and return what it left.

    After ``deadline`` seconds the program and its children are killed and the test fails.
    Standard input is ``stdin``, never the terminal.
    """
    words = tuple(os.fspath(word) for word in argv)
    with subprocess.Popen(
        words,
        cwd=cwd,
        env=None if env is None else dict(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="backslashreplace",
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(stdin, timeout=deadline)
        except subprocess.TimeoutExpired:
            _signal_group(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            pytest.fail(f"{shlex.join(words)}\n  did not end within {deadline:g} s\n{tail(out + err)}", pytrace=False)
        except BaseException:
            _signal_group(process.pid, signal.SIGKILL)
            raise
    return Outcome(words, process.returncode, out, err)


@dataclass(frozen=True)
class Running:
    """A program that runs beside the test; its output goes to two files."""

    argv: tuple[str, ...]
    process: subprocess.Popen[bytes]
    out_file: Path
    err_file: Path

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its process group."""
        return self.process.pid

    @property
    def code(self) -> int | None:
        """The exit code, or None while the program runs."""
        return self.process.poll()

    def out(self) -> str:
        """Return what it has printed on standard output so far."""
        return self.out_file.read_text(encoding="utf-8", errors="backslashreplace")

    def err(self) -> str:
        """Return what it has printed on standard error so far."""
        return self.err_file.read_text(encoding="utf-8", errors="backslashreplace")

    def signal(self, number: signal.Signals) -> None:
        """Send one signal to the program itself, not to its children."""
        self.process.send_signal(number)

    def wait(self, deadline: float = 10) -> int:
        """Wait for its end and return the exit code; a program still running after ``deadline`` seconds fails."""
        try:
            return self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self}\n  did not end within {deadline:g} s", pytrace=False)

    def outcome(self, deadline: float = 10) -> Outcome:
        """Wait for its end as ``wait`` does and return what it left."""
        return Outcome(self.argv, self.wait(deadline), self.out(), self.err())

    def __str__(self) -> str:
        """Return the command and the last 20 lines of what it printed."""
        return f"{shlex.join(self.argv)}\n{tail(self.out() + self.err())}"


@contextlib.contextmanager
def start(
    argv: Argv,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Run a program beside the block; at the end of the block it and its children are stopped.

    It gets SIGTERM and, ten seconds later, SIGKILL.
    """
    words = tuple(os.fspath(word) for word in argv)
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        with out.open("wb") as out_stream, err.open("wb") as err_stream:
            process = subprocess.Popen(
                (*HEARING_SIGINT, *words),
                cwd=cwd,
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out_stream,
                stderr=err_stream,
                start_new_session=True,
            )
        try:
            yield Running(words, process, out, err)
        finally:
            _end(process)


def free_port() -> int:
    """Return a port of 127.0.0.1 that the system gives to nobody else for a minute.

    A connection that the listening side closes first leaves the port in TIME_WAIT: the kernel chooses it
    for nobody, and a server, which sets SO_REUSEADDR, may take it.
    """
    with socket.socket() as listener, socket.socket() as client:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        client.connect(listener.getsockname())
        accepted, _ = listener.accept()
        accepted.close()
        port: int = listener.getsockname()[1]
    return port


def wait_until(condition: Callable[[], T | Literal[False] | None], what: str, *, deadline: float = 30) -> T:
    """Ask ``condition`` until its answer is true and return that answer.

    ``what`` completes the sentence of the failure after ``deadline`` seconds: "the server is ready".
    """
    end = time.monotonic() + deadline
    while not (answer := condition()):
        if time.monotonic() > end:
            pytest.fail(f"waited {deadline:g} s in vain until {what}", pytrace=False)
        time.sleep(0.02)
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
