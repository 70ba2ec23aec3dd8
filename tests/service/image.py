"""What is in the image of a generated repository, and what is wrong with it."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from kit.containers import Engine
from kit.template import git
from service.stacks import FIRST_OF_LANGUAGE, Stack

LABELS = ("title", "description", "vendor", "revision")
UNWANTED = (".env", ".git", ".github", "coverage", "deploy", "tests")
LIBRARY = "usr/local/lib"
NO_ORDINARY_USER = "does not run as a user and a group, by their numbers, without rights"
EVERYTHING = "working copy"


class Mistake(NamedTuple):
    """In each file a pattern and what stands in its place; and the fault that this gives."""

    changes: Mapping[str, tuple[str, str]]
    fault: str


@dataclass(frozen=True)
class Contents:
    """What belongs into the image of a language; paths are relative to its working directory."""

    needed: tuple[str, ...]
    install: str
    """The command of the Dockerfile that installs the dependencies."""
    development: Callable[[Path], Collection[str]]
    """Where the development dependencies of a repository would lie."""
    mistakes: dict[str, Mistake]
    """What somebody could get wrong."""


def _node_development(repository: Path) -> list[str]:
    packages = json.loads((repository / "package-lock.json").read_text())["packages"]
    return [path for path, package in packages.items() if package.get("dev")]


def _python_development(repository: Path) -> list[str]:
    version = (repository / ".python-version").read_text().strip()
    return [f".venv/lib/python{version}/site-packages/{name}" for name in ("mypy", "pytest", "ruff")]


def _java_development(repository: Path) -> list[str]:
    manifest = (repository / "pom.xml").read_text()
    versions = re.findall(r"<rest-assured.version>(.*)</rest-assured.version>", manifest)
    return ["pom.xml", "src", "target", *(f"lib/rest-assured-{version}.jar" for version in versions)]


CONTENTS = {
    "node": Contents(
        needed=("api/openapi.yaml", "migrations"),
        install="npm ci",
        development=_node_development,
        mistakes={
            "no user": Mistake({"Dockerfile": (r"^USER .*\n", "")}, NO_ORDINARY_USER),
            "development dependencies": Mistake({"Dockerfile": (" --omit=dev", "")}, "node_modules/jest is in it"),
            EVERYTHING: Mistake(
                {"Dockerfile": (r"^COPY src.*$", "COPY . ."), ".dockerignore": (r"(?s).*", "")},
                ".env is in it",
            ),
            "no migrations": Mistake({"Dockerfile": (r"^COPY migrations.*\n", "")}, "migrations is missing"),
        },
    ),
    "python": Contents(
        needed=("api/openapi.yaml", "migrations"),
        install="uv sync",
        development=_python_development,
        mistakes={
            "no user": Mistake({"Dockerfile": (r"^USER .*\n", "")}, NO_ORDINARY_USER),
            "development dependencies": Mistake(
                {"Dockerfile": (" --no-dev", "")},
                ".venv/lib/python3.13/site-packages/pytest is in it",
            ),
            EVERYTHING: Mistake(
                {"Dockerfile": (r"^COPY app.*$", "COPY . ."), ".dockerignore": (r"(?s).*", "")},
                ".env is in it",
            ),
            "no migrations": Mistake({"Dockerfile": (r"^COPY migrations.*\n", "")}, "migrations is missing"),
        },
    ),
    "go": Contents(
        needed=("server",),
        install="go mod download",
        development=lambda _repository: ("go.mod", "internal", "tools"),
        mistakes={
            "no user": Mistake({"Dockerfile": (r"^USER .*\n", "")}, NO_ORDINARY_USER),
            EVERYTHING: Mistake(
                {"Dockerfile": (r"^COPY --from=build.*$", r"\g<0>\nCOPY . ."), ".dockerignore": (r"(?s).*", "")},
                ".env is in it",
            ),
            "no program": Mistake({"Dockerfile": (r"^COPY --from=build.*\n", "")}, "server is missing"),
        },
    ),
    "java": Contents(
        needed=("service.jar", "lib", "service.aot"),
        install="./mvnw --batch-mode --quiet dependency:resolve",
        development=_java_development,
        mistakes={
            "no user": Mistake({"Dockerfile": (r"^USER .*\n", "")}, NO_ORDINARY_USER),
            EVERYTHING: Mistake(
                {"Dockerfile": (r"^COPY --from=train.*lib$", r"\g<0>\nCOPY . ."), ".dockerignore": (r"(?s).*", "")},
                ".env is in it",
            ),
            "no libraries": Mistake({"Dockerfile": (r"^COPY --from=train.*lib\n", "")}, "lib is missing"),
        },
    ),
}

# Its migrations lie beside its models.
CONTENTS["python-django"] = replace(
    CONTENTS["python"],
    needed=("api/openapi.yaml", "app/items/migrations/0001_create_items.py"),
    mistakes=CONTENTS["python"].mistakes
    | {
        "no migrations": Mistake(
            {".dockerignore": (r"\Z", "app/items/migrations\n")},
            "app/items/migrations/0001_create_items.py is missing",
        )
    },
)


def contents_of(stack: Stack) -> Contents:
    """Return what belongs into the image of a language, or of a framework that differs from others of its language."""
    return CONTENTS.get(stack.name, CONTENTS[stack.language])


def own_mistakes(stack: Stack) -> dict[str, Mistake]:
    """Return the mistakes that no other framework of the language shows: it has the Dockerfile of its language."""
    own = contents_of(stack).mistakes
    if stack in FIRST_OF_LANGUAGE:
        return own
    return {name: mistake for name, mistake in own.items() if mistake != CONTENTS[stack.language].mistakes[name]}


def by_image(mistakes: Mapping[str, Mistake]) -> list[list[Mistake]]:
    """Part mistakes by what one image can show: whoever copies everything also brings what others forget."""
    everything = [mistake for name, mistake in mistakes.items() if name == EVERYTHING]
    others = [mistake for name, mistake in mistakes.items() if name != EVERYTHING]
    return [together for together in (others, everything) if together]


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
    added = image.engine.added(image.name, image.base)
    stray = [path for path in added if not path.is_relative_to(inside) and not _is_compiled_library(path)]
    with image.engine.files(image.name) as files:
        said = [*_setting_faults(config), *_content_faults(image, files / inside)]
    if image.health_check[:1] != ["CMD"]:
        said.append("has no health check that runs without a shell")
    return [*said, *(f"/{path} was left behind" for path in stray)]


def _is_compiled_library(path: Path) -> bool:
    return path.is_relative_to(LIBRARY) and path.parent.name == "__pycache__"


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
