"""The lock file of Node.js repositories serves every platform, though it was written on one."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.process import run
from service.stacks import STACKS, Build

pytestmark = pytest.mark.language("node")

NODE = next(stack for stack in STACKS if stack.language == "node")
PACKAGES = "node_modules/"
PLATFORMS = {
    ("linux", "x64", "glibc"),
    ("linux", "x64", "musl"),
    ("linux", "arm64", "glibc"),
    ("linux", "arm64", "musl"),
    ("darwin", "x64", ""),
    ("darwin", "arm64", ""),
    ("win32", "x64", ""),
    ("win32", "arm64", ""),
}
Entries = dict[str, dict[str, Any]]


@pytest.fixture
def locked(repo: Callable[[], Path]) -> Entries:
    """Read the packages of the lock by their place below ``node_modules``."""
    entries: Entries = json.loads((repo() / "package-lock.json").read_text())["packages"]
    return entries


def place_of(entries: Entries, owner: str, name: str) -> str | None:
    """Return where ``name`` stands for the package ``owner``: beside its own dependencies or further up."""
    while True:
        place = f"{owner}/{PACKAGES}{name}" if owner else f"{PACKAGES}{name}"
        if place in entries:
            return place
        if not owner:
            return None
        owner = owner.rpartition(PACKAGES)[0].rstrip("/")


def missing(entries: Entries) -> list[str]:
    """Name every optional package that some package wants and the lock does not hold."""
    return [
        f"{owner or 'the repository'} wants {name}"
        for owner, entry in entries.items()
        for name in entry.get("optionalDependencies", {})
        if place_of(entries, owner, name) is None
    ]


def families(entries: Entries) -> Iterator[tuple[str, set[tuple[str, str, str]]]]:
    """Return each package that comes with native parts, and the platforms that these parts are for."""
    for owner, entry in entries.items():
        places = [place_of(entries, owner, name) for name in entry.get("optionalDependencies", {})]
        native = [entries[place] for place in places if place and "os" in entries[place] and "cpu" in entries[place]]
        if len(native) > 1:
            yield owner, {platform for one in native for platform in platforms(one)}


def platforms(entry: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Return the platforms of a native package; on Linux one that names no libc is for both."""
    for system in entry["os"]:
        for cpu in entry["cpu"]:
            libcs = entry.get("libc", ["glibc", "musl"]) if system == "linux" else [""]
            yield from ((system, cpu, libc) for libc in libcs)


@pytest.mark.parametrize("version", NODE.versions)
def test_npm_finds_the_lock_complete(scratch: Callable[[], Path], version: str) -> None:
    folder = scratch()

    run(["npm", "ci", "--dry-run"], cwd=folder, env=Build(NODE, version, folder).environment, deadline=120).succeeded()


def test_a_node_that_is_too_old_is_refused_at_once(scratch: Callable[[], Path]) -> None:
    folder = scratch()
    manifest = folder / "package.json"
    manifest.write_text(re.sub(r'"node": ".*"', '"node": ">=99"', manifest.read_text()))
    lock = folder / "package-lock.json"
    lock.write_text(lock.read_text().replace('"node": ">=22.18"', '"node": ">=99"', 1))

    outcome = run(["npm", "ci"], cwd=folder, env=Build(NODE, NODE.versions[0], folder).environment, deadline=120)

    assert outcome.code != 0
    assert 'Required: {"node":">=99"}' in outcome.err


def test_no_optional_package_is_missing_from_the_lock(locked: Entries) -> None:
    assert missing(locked) == []


def test_every_native_package_serves_every_platform(locked: Entries) -> None:
    found = dict(families(locked))

    assert found
    assert {owner: PLATFORMS - served for owner, served in found.items() if not served >= PLATFORMS} == {}


def test_the_lock_says_of_each_package_where_the_public_registry_has_it(locked: Entries) -> None:
    """Without the address `npm ci` would ask the registry for it, once for each package."""
    packages = {place: entry for place, entry in locked.items() if place}
    origins = {place: entry.get("resolved", "nowhere") for place, entry in packages.items()}

    assert {at: origin for at, origin in origins.items() if not origin.startswith("https://registry.npmjs.org/")} == {}
    assert [place for place, entry in packages.items() if "integrity" not in entry] == []


def test_a_platform_that_is_left_out_is_seen(locked: Entries) -> None:
    left_out = next(place for place, entry in locked.items() if entry.get("os") == ["darwin"] and "cpu" in entry)

    assert missing({place: entry for place, entry in locked.items() if place != left_out}) != []
