"""What is in the image of a generated repository, and what is wrong with it."""

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.containers import Engine
from kit.template import git

LABELS = ("title", "description", "vendor", "revision")
UNWANTED = (".env", ".git", ".github", "coverage", "deploy", "tests")
NO_ORDINARY_USER = "does not run as a user and a group, by their numbers, without rights"


@dataclass(frozen=True)
class Contents:
    """What belongs into the image of a language; paths are relative to its working directory."""

    needed: tuple[str, ...]
    install: str
    """The command of the Dockerfile that installs the dependencies."""
    development: Callable[[Path], Collection[str]]
    """Where the development dependencies of a repository would lie."""


def _node_development(repository: Path) -> list[str]:
    packages = json.loads((repository / "package-lock.json").read_text())["packages"]
    return [path for path, package in packages.items() if package.get("dev")]


CONTENTS = {"node": Contents(("api/openapi.yaml", "migrations"), "npm ci", _node_development)}


@dataclass(frozen=True)
class Image:
    """An image, the repository that it was built from, and what belongs into it."""

    engine: Engine
    name: str
    repository: Path
    contents: Contents

    @property
    def commit(self) -> str:
        """The commit that the repository stands at."""
        return git(self.repository, "rev-parse", "HEAD").strip()

    @property
    def base(self) -> str:
        """The image that the last stage of the Dockerfile starts from."""
        stages = re.findall(r"^FROM\s+(?:--\S+\s+)*(\S+)", (self.repository / "Dockerfile").read_text(), re.MULTILINE)
        return str(stages[-1])

    @property
    def health_check(self) -> list[str]:
        """How the health check is given: its form, such as ``CMD``, and its words; empty if there is none."""
        check: dict[str, list[str]] = self.engine.image(self.name).get("Healthcheck") or {"Test": []}
        return check["Test"]


def faults(image: Image) -> list[str]:
    """Say what is wrong with an image; nothing if it is as it should be."""
    config = image.engine.image(image.name)["Config"]
    inside = config["WorkingDir"].lstrip("/")
    stray = [path for path in image.engine.added(image.name, image.base) if not path.is_relative_to(inside)]
    with image.engine.files(image.name) as files:
        said = [*_setting_faults(config), *_content_faults(image, files / inside)]
    if image.health_check[:1] != ["CMD"]:
        said.append("has no health check that runs without a shell")
    return [*said, *(f"/{path} was left behind" for path in stray)]


def _setting_faults(config: dict[str, Any]) -> Iterator[str]:
    labels = config.get("Labels") or {}
    yield from (f"has no label {name}" for name in LABELS if not labels.get(f"org.opencontainers.image.{name}"))
    if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", config.get("User", "")):
        yield NO_ORDINARY_USER
    if config["Cmd"][0] == "/bin/sh":
        yield "starts through a shell, which takes the signals"


def _content_faults(image: Image, inside: Path) -> Iterator[str]:
    unwanted = [*UNWANTED, *image.contents.development(image.repository)]
    yield from (f"{path} is in it" for path in unwanted if (inside / path).exists())
    yield from (f"{path} is missing" for path in image.contents.needed if not (inside / path).exists())
    for path in inside.rglob("*"):
        state = path.lstat()
        if not path.is_symlink() and (state.st_uid != 0 or state.st_mode & 0o002):
            yield f"{path.relative_to(inside)} can be changed by the service"
