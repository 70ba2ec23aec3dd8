"""The structure of rendered files: a harmless answer changes the places where it stands and nothing else."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from kit.formats import OldLoader, problem
from kit.tree import Tree


def harm(plain: Tree, rendered: Tree, answers: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return one sentence for each file that ``rendered`` breaks or builds otherwise than ``plain``.

    ``answers`` has for each question that differs the plain answer, which stands nowhere else, and the other one.
    """
    plain = {_filled(path, answers): entry for path, entry in plain.items()}
    if plain.keys() != rendered.keys():
        return [f"other files: {sorted(plain.keys() ^ rendered.keys())}"]
    found = []
    for path, entry in rendered.items():
        if entry == plain[path]:
            continue
        if broken := problem(path, entry.content):
            found.append(f"{path}: {broken}")
        elif _filled(_structure(path, plain[path].text), answers) != _structure(path, entry.text):
            found.append(f"{path} has another structure")
    return found


def _structure(path: str, text: str) -> object:
    """Return what a file says, as its format reads it; a text as its lines."""
    reads: dict[str, Callable[[str], object]] = {
        ".json": json.loads,
        ".toml": tomllib.loads,
        ".yml": _yaml,
        ".yaml": _yaml,
    }
    return reads.get(PurePosixPath(path).suffix, str.splitlines)(text)


def _yaml(text: str) -> object:
    return list(yaml.load_all(text, Loader=OldLoader))


def _filled(structure: Any, answers: Mapping[str, tuple[str, str]]) -> Any:  # noqa: ANN401 - as the formats give it
    """Put the other answers into the places of the plain ones."""
    if isinstance(structure, dict):
        return {_filled(key, answers): _filled(value, answers) for key, value in structure.items()}
    if isinstance(structure, list):
        return [_filled(value, answers) for value in structure]
    if isinstance(structure, str):
        for plain, other in answers.values():
            structure = structure.replace(plain, other)
    return structure
