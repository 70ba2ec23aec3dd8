"""Find the real tools that the tests drive, each at the version that the lock files pin."""

import functools
import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "tests" / "tools"
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


def _hash(lock: str) -> str:
    return hashlib.sha256((PINS / lock).read_bytes()).hexdigest()[:12]
