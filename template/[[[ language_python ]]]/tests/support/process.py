"""The service as a process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_LONGEST_WAIT = 15
# What tells a process to count its lines, when they are counted.
_COVERAGE = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


@dataclass
class Process:
    """A running `python -m app`, and the lines that it has logged."""

    child: subprocess.Popen[str]
    lines: list[dict[str, Any]] = field(default_factory=list)

    def line(self, message: str) -> dict[str, Any]:
        """Return the first line with a message, once it is written."""
        assert self.child.stdout
        for found in self.lines:
            if found["message"] == message:
                return found
        for text in self.child.stdout:
            self.lines.append(json.loads(text))
            if self.lines[-1]["message"] == message:
                return self.lines[-1]
        raise AssertionError(message)

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Return its port."""
        return int(self.line("server listening")["server_port"])

    def ended(self) -> tuple[int, list[str], str]:
        """Wait for the end; return exit code, messages and what stands on stderr."""
        assert self.child.stdout
        out, err = self.child.communicate(timeout=_LONGEST_WAIT)
        self.lines += map(json.loads, out.splitlines())
        return self.child.returncode, [line["message"] for line in self.lines], err


@contextmanager
def started(module: str = "app", **env: str) -> Iterator[Process]:
    """Run a module with these variables alone; it does not outlive the block."""
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module],
        cwd=Path(__file__).parents[2],
        env={"HOST": "127.0.0.1", "PORT": "0", **_COVERAGE, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            yield Process(child)
        finally:
            _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(_LONGEST_WAIT)
    except subprocess.TimeoutExpired:
        child.kill()
