"""Every version of Python that is offered has a wheel of each locked package on every platform, and the types hold."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.process import run
from service.stacks import STACKS, Build, Stack

pytestmark = pytest.mark.language("python")

PYTHON = [stack for stack in STACKS if stack.language == "python"]
PLATFORMS = (
    "manylinux_.*_x86_64",
    "manylinux_.*_aarch64",
    "musllinux_.*_x86_64",
    "macosx_.*_(arm64|universal2)",
    "win_amd64",
)
# Its marker leaves it out there.
NOT_ON_WINDOWS = {"uvloop"}

each_framework = pytest.mark.parametrize("stack", PYTHON, indirect=True, ids=lambda stack: stack.name)


@pytest.fixture
def wheels(stack: Stack, repo: Callable[..., Path]) -> dict[str, list[str]]:
    """Read the file names of the wheels of each locked package."""
    packages: list[dict[str, Any]] = tomllib.loads((repo(stack.answers) / "uv.lock").read_text())["package"]
    return {
        package["name"]: [wheel["url"].rpartition("/")[2] for wheel in package.get("wheels", [])]
        for package in packages
        if "registry" in package["source"]
    }


def fits(wheel: str, version: str, platform: str) -> bool:
    """Tell whether a wheel installs on a version and a platform, by the three tags at the end of its name."""
    python, abi, places = wheel.removesuffix(".whl").split("-")[-3:]
    own = "cp" + version.replace(".", "")
    stable = abi == "abi3" and int(python.removeprefix("cp3") or 0) <= int(version.removeprefix("3."))
    right = "py3" in python.split(".") or stable or (python, abi) == (own, own)
    return right and (places == "any" or any(re.fullmatch(platform, place) for place in places.split(".")))


@each_framework
@pytest.mark.parametrize("version", PYTHON[0].facts["versions"])
@pytest.mark.usefixtures("stack")
def test_every_package_has_a_wheel(wheels: dict[str, list[str]], version: str) -> None:
    missing = [
        f"{name} on {platform}"
        for name, files in wheels.items()
        for platform in PLATFORMS
        if not any(fits(file, version, platform) for file in files)
        and not (platform == "win_amd64" and name in NOT_ON_WINDOWS)
    ]

    assert len(wheels) > 20
    assert missing == []


@each_framework
@pytest.mark.parametrize("version", PYTHON[0].out_of_reach)
@pytest.mark.usefixtures("stack")
def test_lint_and_types_hold_on_a_version_that_is_not_here(build: Build, version: str) -> None:
    """Without the rules that ask for what the oldest version cannot say: the manifest asks for that one."""
    ruff = ["ruff", "check", "--target-version", f"py{version.replace('.', '')}", "--ignore", "TC,UP"]

    for tool in (ruff, ["mypy", "--python-version", version]):
        run(["uv", "run", *tool], cwd=build.folder, env=build.environment, deadline=300).succeeded()
