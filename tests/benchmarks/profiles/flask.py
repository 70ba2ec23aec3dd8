"""Flask and the service on it, by Python's own profiler.

A profiler that looks from outside would disturb 32 threads that wait for one lock, so the app is called without its
server, by one thread. The profiler sees every call, which makes small functions look larger than they are.
"""

import json
from pathlib import Path
from tempfile import mkdtemp

from benchmarks import service
from kit.folders import run_folder
from kit.process import run
from service.stacks import STACKS

FLASK = next(stack for stack in STACKS if stack.name == "python-flask")
CALLS = Path(__file__).with_name("calls_of_wsgi.py")


def shares() -> dict[str, float]:
    """Return the share of each package and file in percent."""
    build = service.build_of(FLASK)
    seconds = Path(mkdtemp(dir=run_folder())) / "seconds.json"
    # -P: beside that file, this one would be Flask.
    run([".venv/bin/python", "-P", str(CALLS), str(seconds)], cwd=build.folder, env=build.environment).succeeded()
    times: dict[str, float] = json.loads(seconds.read_text())
    busy = sum(times.values())
    return {part: 100 * one / busy for part, one in times.items()}
