"""The services in Python, by its own profiler, which sees every call: small functions look larger than they are.

A sampler that looks from outside would disturb 32 threads that wait for one lock.
"""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from benchmarks import service
from kit.folders import run_folder
from kit.process import run
from service.stacks import STACKS, Stack

STACK = {stack.framework: stack for stack in STACKS if stack.language == "python"}
PROFILED = Path(__file__).with_name("profiled.py")


def _of_server(stack: Stack) -> dict[str, float]:
    file = Path(mkdtemp(dir=run_folder())) / "seconds.json"
    build = service.build_of(stack)
    service.full(replace(build, stack=replace(stack, serve=_command(file))))
    return _times(file)


def _of_app(stack: Stack) -> dict[str, float]:
    file = Path(mkdtemp(dir=run_folder())) / "seconds.json"
    build = service.build_of(stack)
    run(_command(file), cwd=build.folder, env=build.environment).succeeded()
    return _times(file)


def _command(file: Path) -> tuple[str, ...]:
    return (".venv/bin/python", "-P", str(PROFILED), str(file))  # -P: the files beside it are no libraries


def _times(file: Path) -> dict[str, float]:
    times: dict[str, float] = json.loads(file.read_text())
    return times


fastapi = partial(_of_server, STACK["fastapi"])
flask = partial(_of_app, STACK["flask"])
