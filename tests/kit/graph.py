"""A pipeline as a value: what ``includes/`` describes, and what the files of a platform say.

Both are read into the same ``Graph``. Reading a platform's files is strict: whatever the description has no word for
cannot be read, so nothing hides in a file that compares as equal. Each platform has a module of its own.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NoReturn

import yaml

from kit.tools import ROOT

Table = dict[str, Any]
Answers = Mapping[str, object]


class UnreadableError(Exception):
    """A file says something that the description has no word for."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job in the words of ``includes/pipeline.yml``, its command spelled out."""

    run: str
    needs: frozenset[str]
    gate: str
    minutes: int
    token: frozenset[tuple[str, str]]
    setup: str
    history: str
    services: frozenset[tuple[str, str]]
    cache: str
    reports: str = "none"
    keeps: str = ""
    takes: str = ""
    lock: str = ""


@dataclass(frozen=True)
class Graph:
    """A whole pipeline: the branches that release, the variable that says that the cloud is there, the jobs."""

    branches: tuple[str, ...]
    connected: str
    jobs: Mapping[str, Job]


def described(answers: Answers) -> Graph:
    """Return the pipeline that ``includes/`` describes for these answers."""
    pipeline, stack = facts("pipeline"), facts(f"languages/{answers['language']}")
    making = "language" if answers["artifact"] == "zip" else "none"

    def job(asked: Table) -> Job:
        return Job(
            run=asked["run"] if "run" in asked else stack["commands"].get(asked.get("command"), ""),
            needs=frozenset(asked["needs"]),
            gate=asked["gate"],
            minutes=asked["minutes"],
            token=frozenset(asked["token"].items()),
            setup=making if asked["setup"] == "artifact" else asked["setup"],
            history=asked["history"],
            services=frozenset((name, pipeline["services"][name]["image"]) for name in asked["services"]),
            cache=asked["cache"],
            reports=asked["reports"],
            keeps=asked.get("keeps", ""),
            takes=asked.get("takes", ""),
            lock=asked.get("lock", ""),
        )

    return Graph(
        branches=tuple(pipeline["branches"][answers["branching"]]),
        connected=facts(f"clouds/{answers['cloud']}")["variables"][0],
        jobs={name: job(asked) for name, asked in pipeline["jobs"].items()},
    )


@functools.cache
def facts(name: str) -> Table:
    """Return a data file of ``includes/``, such as ``clouds/aws``."""
    table: Table = yaml.safe_load((ROOT / "includes" / f"{name}.yml").read_text())
    return table


def differences(wanted: Graph, found: Graph) -> list[str]:
    """Return one sentence for each fact in which two pipelines differ, empty if they are equal."""
    sentences = [
        f"{what}: wanted {getattr(wanted, what)}, found {getattr(found, what)}"
        for what in ("branches", "connected")
        if getattr(wanted, what) != getattr(found, what)
    ]
    sentences += [f"{name}: wanted, but it is not there" for name in wanted.jobs if name not in found.jobs]
    sentences += [f"{name}: nobody asked for it" for name in found.jobs if name not in wanted.jobs]
    both = [name for name in wanted.jobs if name in found.jobs]
    if both != [name for name in found.jobs if name in wanted.jobs]:
        sentences.append(f"the order: wanted {both}, found {list(found.jobs)}")
    return sentences + [
        f"{name}.{field.name}: wanted {_shown(left)}, found {_shown(right)}"
        for name in both
        for field in fields(Job)
        if (left := getattr(wanted.jobs[name], field.name)) != (right := getattr(found.jobs[name], field.name))
    ]


def _shown(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


class Reading:
    """A table of a file that is read key by key until nothing is left."""

    def __init__(self, place: str, table: object) -> None:
        """Begin at ``place``, which names the table in failures."""
        self.place = place
        self.left: Table = dict(table) if isinstance(table, dict) else self.stop(f"is {table!r}, not a table")

    def take(self, key: str, *default: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
        """Return the value of ``key``; without a ``default`` it must be there."""
        if key not in self.left and not default:
            self.stop(f"has no {key}")
        return self.left.pop(key, *default)

    def expect(self, **values: object) -> None:
        """Read keys whose values are known; ``_`` in a name stands for ``-``."""
        for name, value in values.items():
            key = name.replace("_", "-")
            found = self.take(key)
            if found != value:
                self.stop(f"{key} is {found!r}, not {value!r}")

    def end(self) -> None:
        """Nothing may be left."""
        if self.left:
            self.stop(f"also says {', '.join(map(str, self.left))}")

    def stop(self, why: str) -> NoReturn:
        """Give up. Raises ``UnreadableError``."""
        message = f"{self.place} {why}"
        raise UnreadableError(message)


def single(place: str, values: Iterable[str]) -> str:
    """Return the one value that all agree on."""
    found = set(values)
    if len(found) != 1:
        message = f"{place}: one value is expected, not {sorted(found)}"
        raise UnreadableError(message)
    return found.pop()
