"""Find the real tools that the tests drive, each at the version that the lock files pin."""

import functools
import hashlib
import json
import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "tests" / "tools"
PROGRAMS = ROOT / "tests" / "kit" / "programs"
REPAIR = "run `make test` once, it installs what the tests need"


def cache() -> Path:
    """Return the folder that holds downloads and built tools, shared by all clones of this user."""
    if named := os.environ.get("SLIPWAY_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slipway"


def missing(what: str, repair: str = REPAIR) -> NoReturn:
    """Skip the test that needs ``what``, or fail it where ``CI`` is ``true``: CI must not skip in silence."""
    reason = f"{what} is not on this machine; {repair}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def tool(name: str) -> Path:
    """Return the executable ``name``: from the locked environment, else the built Go tools, else PATH."""
    for folder in (Path(sys.prefix) / "bin", go_tools() / "bin"):
        if os.access(folder / name, os.X_OK):
            return folder / name
    found = shutil.which(name)
    return Path(found) if found else missing(name)


def go_tools() -> Path:
    """Return the folder of the tools that ``tests/setup`` has built from ``tests/tools/go.mod``."""
    return cache() / "go-tools" / _hash("go.sum")


@functools.cache
def node_versions() -> dict[str, str]:
    """Return the Node.js release that proves each major version, such as ``{"24": "24.21.0"}``."""
    packages = json.loads((PINS / "package.json").read_text())["optionalDependencies"].values()
    releases = {spec.rpartition("@")[2] for spec in packages}
    return {release.partition(".")[0]: release for release in sorted(releases)}


def node(version: str) -> Path:
    """Return the toolchain folder of a Node.js major version, such as ``"24"``.

    Its ``bin`` holds ``node``, ``npm`` and ``npx`` and is all that PATH needs in front.
    """
    folder = cache() / "node" / _hash("package-lock.json") / node_versions()[version]
    return folder if os.access(folder / "bin" / "node", os.X_OK) else missing(f"Node.js {version}")


def python(version: str) -> Path:
    """Return the toolchain folder of a Python such as ``"3.13"``: of pyenv where it is there, else of the system.

    Its ``bin`` holds the interpreter; uv, which finds it in PATH, is there already.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for folder in (*sorted(pyenv.glob(f"{version}.*")), Path("/usr/local"), Path("/usr")):
        if os.access(folder / "bin" / f"python{version}", os.X_OK):
            return folder
    return missing(f"Python {version}", "install it, with pyenv for example")


def go(version: str) -> Path:
    """Return the toolchain folder of a Go such as ``"1.27"``: the one of the locked environment, else one in PATH.

    Its ``bin`` holds ``go`` and ``gofmt``.
    """
    programs = (Path(folder, "go") for folder in os.get_exec_path())
    for folder in (Path(sysconfig.get_path("purelib"), "go"), *(program.resolve().parents[1] for program in programs)):
        if (folder / "VERSION").is_file() and (folder / "VERSION").read_text().startswith(f"go{version}."):
            return folder
    return missing(f"Go {version}", "install it, and put its bin folder into PATH")


def java(_version: str) -> Path:
    """Return the JDK that builds every version of Java: each is compiled with ``--release``."""
    return _jdk("25") or missing("JDK 25", "install one and name its folder by JAVA_25_HOME")


def java_suites(version: str) -> dict[str, str]:
    """Let Maven run the suites of an older version on a JDK of that version, where this machine has one."""
    home = None if version == "25" else _jdk(version)
    return {"MAVEN_ARGS": f"-Djvm={home}/bin/java"} if home else {}


def _jdk(version: str) -> Path | None:
    named = os.environ.get(f"JAVA_{version}_HOME")
    homes = [Path(named)] if named else sorted(Path("/usr/lib/jvm").glob(f"*-{version}-*"))
    return next((home for home in homes if os.access(home / "bin" / "javac", os.X_OK)), None)


def _hash(lock: str) -> str:
    return hashlib.sha256((PINS / lock).read_bytes()).hexdigest()[:12]
