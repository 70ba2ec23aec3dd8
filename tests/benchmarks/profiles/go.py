"""net/http and the service on it, by Go's sampler, which a file beside the service's own starts and stops."""

import json
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from benchmarks import service
from kit.folders import run_folder
from kit.process import run
from service.stacks import STACKS, Build

GO = next(stack for stack in STACKS if stack.name == "go")
SAMPLER = Path(__file__).with_name("sampler.go")
STANDARD = ("context", "encoding/json", "log/slog", "net", "net/http")
RULE = re.compile(r"^-+\+-+\n", re.MULTILINE)
MILLISECONDS = re.compile(r"\s*([0-9.]+)ms\s+")
PACKAGE = re.compile(r"[^\s([]*/[^\s([./]+|[a-z]+")


def times() -> dict[str, float]:
    """Return the milliseconds of each package."""
    build = service.build_of(GO)
    folder = Path(mkdtemp(dir=run_folder()))
    samples = folder / "samples"
    sampled = replace(build, stack=replace(GO, serve=(str(_program(build, folder)),)))
    service.full(sampled, SAMPLES=str(samples))
    traces = run(["go", "tool", "pprof", "-traces", folder / "server", samples], env=build.environment).succeeded().out
    return _times(traces)


def _program(build: Build, folder: Path) -> Path:
    overlay = folder / "overlay.json"
    overlay.write_text(json.dumps({"Replace": {str(build.folder / "cmd/server/sampler.go"): str(SAMPLER)}}))
    program = folder / "server"
    run(
        ["go", "build", f"-overlay={overlay}", "-o", program, "./cmd/server"],
        cwd=build.folder,
        env=build.environment,
        deadline=300,
    ).succeeded()
    return program


def _times(traces: str) -> dict[str, float]:
    """Read stacks of which each begins with a rule, then with the milliseconds of its innermost function."""
    times: dict[str, float] = defaultdict(float)
    for stack in RULE.split(traces)[1:]:
        if head := MILLISECONDS.match(stack):
            callers = [line.strip() for line in stack[head.end() :].splitlines()]
            times[next(filter(None, map(_part, callers)), "Go itself")] += float(head[1])
    return times


def _part(function: str) -> str | None:
    if function.startswith("runtime.gcBgMarkWorker"):
        return "(garbage collector)"
    package = PACKAGE.match(function)
    if not package:
        return None
    path = package[0]
    if "/internal/" in path and "." in path.partition("/")[0]:
        return "internal/" + path.rpartition("/internal/")[2]
    return path if "." in path.partition("/")[0] or path in STANDARD else None
