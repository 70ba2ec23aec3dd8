"""Express and the service on it, by the sampler of Node.js."""

import json
import shutil
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from benchmarks import service
from kit.folders import run_folder
from service.stacks import STACKS

NODE = next(stack for stack in STACKS if stack.name == "node")


def times() -> Counter[str]:
    """Return the microseconds of each package and file."""
    folder = Path(mkdtemp(dir=run_folder()))
    service.full(service.build_of(NODE), "--cpu-prof", f"--cpu-prof-dir={folder}")
    (file,) = folder.glob("*.cpuprofile")
    profile = json.loads(file.read_text())
    shutil.rmtree(folder)
    return _times(profile)


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
