"""Measure several things in turn, so that whatever else the machine does falls on all of them alike."""

import os
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 7


@dataclass(frozen=True)
class Figure:
    """One line of a table: a value for each round, and the goal if there is one."""

    what: str
    values: Sequence[float]
    goal: str = ""
    unit: str = ""

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    def row(self) -> str:
        """Return the line in Markdown: median, smallest, largest, goal."""
        middle, low, high = (_rounded(number) for number in (self.median, min(self.values), max(self.values)))
        unit = f" {self.unit}" if self.unit else ""
        return f"| {self.what} | **{middle}{unit}** | {low} | {high} | {self.goal} |"

    def rounds(self) -> str:
        """Return the values in the order in which they were measured."""
        return f"{self.what}: {' '.join(_rounded(value) for value in self.values)}"


@dataclass(frozen=True)
class Section:
    """A table of the document, and what is said below it."""

    name: str
    figures: Sequence[Figure]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """Return the table and its notes."""
        head = ["| what | median | lowest | highest | goal |", "|---|---|---|---|---|"]
        return "\n".join([*head, *(figure.row() for figure in self.figures), *_spaced(self.notes)])


def interleave(measures: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Run every measure once a round, each round beginning with another one, and return the values by name.

    One round before the first is not counted: it fills caches.
    """
    names = list(measures)
    values: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-1, rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            value = measures[name]()
            if number >= 0:
                values[name].append(value)
    return values


def ratios(upper: Sequence[float], lower: Sequence[float]) -> list[float]:
    """Divide what was measured in the same round."""
    return [above / below for above, below in zip(upper, lower, strict=True)]


def cpu_seconds(argv: Sequence[str | Path], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> float:
    """Run a program to its end and return the processor time of it and its children, in seconds.

    Raises RuntimeError with the end of its output if it fails.
    """
    with subprocess.Popen(argv, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        message = f"{' '.join(map(str, argv))}\n{output.decode(errors='replace')[-2000:]}"
        raise RuntimeError(message)
    return usage.ru_utime + usage.ru_stime


def _rounded(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def _spaced(notes: Sequence[str]) -> list[str]:
    return ["", *notes] if notes else []
