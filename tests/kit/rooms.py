"""Where each file of template/ goes: the rooms that are open and the paths that they render."""

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path, PurePosixPath

from kit.questions import Questionnaire

ANSWERS_FILE = "[[[ _copier_conf.answers_file ]]]"
JAVA_PACKAGE = "[[[ java_package.replace('.', _copier_conf.sep) ]]]"


@functools.cache
def rooms_of(source: str) -> list[str]:
    """Return the switches of the rooms that hold ``source``, a path below template/; none for what everybody gets."""
    folders = takewhile(lambda part: part.startswith("[[["), PurePosixPath(source).parts[:-1])
    return [folder.removeprefix("[[[ ").removesuffix(" ]]]") for folder in folders]


@functools.cache
def destination(source: str, java_package: str = "com.example") -> str:
    """Return the path of ``source`` in a generated repository."""
    inner = PurePosixPath(*PurePosixPath(source).parts[len(rooms_of(source)) :])
    named = inner.as_posix().replace(JAVA_PACKAGE, java_package.replace(".", "/"))
    return named.removesuffix(".jinja").replace(ANSWERS_FILE, ".copier-answers.yml")


def sources(template: Path) -> list[str]:
    """Return all files below template/ of the template in the folder ``template``, sorted."""
    root = template / "template"
    return sorted(file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file())


def rendered(template: Path, answers: Mapping[str, object]) -> dict[str, list[str]]:
    """Return each path that the rooms open under ``answers`` (hidden ones too) render, with its sources."""
    return opened(sources(template), answers)


def opened(files: Iterable[str], answers: Mapping[str, object]) -> dict[str, list[str]]:
    """Return what ``rendered`` does, where the files below template/ are known."""
    found: dict[str, list[str]] = defaultdict(list)
    for source in files:
        if all(answers[room] == "." for room in rooms_of(source)):
            found[destination(source, str(answers.get("java_package")))].append(source)
    return dict(found)


def switches(questions: Questionnaire) -> list[str]:
    """Return the hidden questions that open and close rooms."""
    return [
        name for name, details in questions.details.items() if str(details.get("default")).startswith("[[[ '.' if ")
    ]
