"""Where the processor time of a request goes in Node.js, by the part of the service that asks for it."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks import service
from benchmarks.rounds import Figure, Section
from kit.folders import run_folder
from service.stacks import STACKS, Build

NODE = next(stack for stack in STACKS if stack.name == "node")
ROUNDS = 3
SMALLEST = 1.0


def measure() -> Section:
    """Sample the service under load; the parts are shares of its busy time, in percent."""
    build = service.build_of(NODE)
    profiles = [_profile(build, run_folder() / f"profile-{number}") for number in range(ROUNDS)]
    parts = {part for profile in profiles for part in profile}
    figures = [Figure(part, [profile.get(part, 0.0) for profile in profiles], unit="%") for part in parts]
    shown = [figure for figure in figures if figure.median >= SMALLEST]
    return Section(
        "profile",
        sorted(shown, key=lambda figure: -figure.median),
        ["A sample counts for the nearest caller that is a package or a file of the service, from 1 % on."],
    )


def _profile(build: Build, folder: Path) -> dict[str, float]:
    service.full(build, "--cpu-prof", f"--cpu-prof-dir={folder}")
    (file,) = folder.glob("*.cpuprofile")
    times = _times(json.loads(file.read_text()))
    shutil.rmtree(folder)
    busy = sum(times.values())
    return {part: 100 * microseconds / busy for part, microseconds in times.items()}


def _times(profile: dict[str, Any]) -> Counter[str]:
    nodes = {node["id"]: node for node in profile["nodes"]}
    callers = {child: node["id"] for node in nodes.values() for child in node.get("children", [])}
    times: Counter[str] = Counter()
    for leaf, microseconds in zip(profile["samples"], profile["timeDeltas"], strict=True):
        part: str | None = None
        step: int | None = leaf
        while part is None and step is not None:
            part, step = _part(nodes[step]["callFrame"]), callers.get(step)
        times[part or "Node.js itself"] += microseconds
    del times["(idle)"]
    return times


def _part(frame: dict[str, str]) -> str | None:
    name, path = frame["functionName"], frame["url"]
    if name in ("(idle)", "(garbage collector)"):
        return name
    if "/node_modules/" in path:
        return path.rpartition("/node_modules/")[2].partition("/")[0]
    if "/src/" in path:
        return "src/" + path.rpartition("/src/")[2]
    return None
