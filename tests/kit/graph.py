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
Pairs = frozenset[tuple[str, str]]

# What stands in the description as it is compared.
PLAIN = ("minutes", "history", "cache", "reports", "when", "environment", "undo", "spare", "keeps", "takes", "lock")
TABLES = ("asks", "finds", "reads", "token")


class UnreadableError(Exception):
    """A file says something that the description has no word for."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job in the words of ``includes/pipeline.yml``, its command spelled out."""

    run: str
    asks: Pairs = frozenset()
    finds: Pairs = frozenset()
    needs: frozenset[str]
    gate: str
    when: str = ""
    gives: frozenset[str] = frozenset()
    reads: Pairs = frozenset()
    minutes: int
    environment: str = ""
    undo: str = ""
    spare: int = 0
    token: Pairs
    setup: str
    history: str
    services: Pairs
    cache: str
    reports: str = "none"
    keeps: str = ""
    takes: str = ""
    lock: str = ""


@dataclass(frozen=True)
class Graph:
    """What one event starts."""

    branches: tuple[str, ...]
    """The branches that release; the last one is production's."""
    connected: str
    """The variable that says that the cloud is there, empty where nobody asks."""
    inputs: Mapping[str, tuple[str, tuple[str, ...], bool]]
    """What a person fills in: what it is, the choices if there are any, and whether it may stay empty."""
    jobs: Mapping[str, Job]


def described(answers: Answers) -> dict[str, Graph]:
    """Return what ``includes/`` describes for these answers: ``push``, and each entry by hand under its name."""
    pipeline = facts("pipeline")
    branches = tuple(pipeline["branches"][answers["branching"]])
    connected = facts(f"clouds/{answers['cloud']}")["variables"][0]
    graphs = {"push": Graph(branches, connected, {}, _jobs(pipeline["jobs"], answers))}
    for name, entry in pipeline["manual"].items():
        inputs = {
            key: (asked["what"], tuple(asked.get("choices", ())), asked.get("optional", False))
            for key, asked in entry["inputs"].items()
        }
        graphs[name] = Graph(branches, "", inputs, _jobs(entry["jobs"], answers))
    return graphs


def _jobs(table: Table, answers: Answers) -> dict[str, Job]:
    chosen = {name: asked for name, asked in table.items() if answers.get(asked.get("chosen", "")) != "none"}
    return {name: _job(asked, answers, set(chosen)) for name, asked in chosen.items()}


def _job(asked: Table, answers: Answers, names: set[str]) -> Job:
    pipeline, stack = facts("pipeline"), facts(f"languages/{answers['language']}")
    making = "language" if answers["artifact"] == "zip" else "none"
    # One release branch is production's, too, and its gates are one.
    one_branch = len(pipeline["branches"][answers["branching"]]) == 1
    plain: Table = {name: asked[name] for name in PLAIN if name in asked}
    tables: Table = {name: frozenset(asked.get(name, {}).items()) for name in TABLES}
    return Job(
        run=asked["run"] if "run" in asked else stack["commands"].get(asked.get("command"), ""),
        needs=frozenset(asked["needs"]) & names,
        gate="release" if one_branch and asked["gate"] == "production" else asked["gate"],
        gives=frozenset(asked.get("gives", ())),
        setup=making if asked["setup"] == "artifact" else asked["setup"],
        services=frozenset((name, pipeline["services"][name]["image"]) for name in asked["services"]),
        **tables,
        **plain,
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
        for what in ("branches", "connected", "inputs")
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
