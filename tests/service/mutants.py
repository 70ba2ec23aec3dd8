"""Wrong lines in the business rules of the services, as ``mutants.yml`` lists them."""

import functools
from dataclasses import dataclass
from pathlib import Path

import yaml

from service.stacks import Stack


@dataclass(frozen=True)
class Mutant:
    """One wrong line: where the text ``right`` becomes ``wrong``, the ``rule`` does not hold and ``suite`` sees it."""

    rule: str
    file: str
    right: str
    wrong: str
    suite: str


def mutants_of(stack: Stack) -> list[Mutant]:
    """Return the wrong lines of one stack."""
    return [Mutant(one["rule"], one["file"], one["from"], one["to"], one["suite"]) for one in _listed()[stack.name]]


@functools.cache
def _listed() -> dict[str, list[dict[str, str]]]:
    listed: dict[str, list[dict[str, str]]] = yaml.safe_load(Path(__file__).with_name("mutants.yml").read_text())
    return listed
