"""What telemetry and safety cost: processor time of the service for one request, against its bare framework.

Both answer the same bytes to the same requests, pinned to one core each in turn, with the load on the other core.
The load comes from a small client in Node.js: k6 needs several times the processor time of the server it loads,
and wrk counts seconds where this compares the same number of requests.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from benchmarks import bare
from benchmarks.bare import YARDSTICKS
from benchmarks.rounds import Figure, Section, interleave, ratios
from kit import template, tools
from kit.process import Running, free_port, run, start, wait_until
from service.instance import installed
from service.stacks import JVM, STACKS, Build, Stack

HERE = Path(__file__).parent
CONNECTIONS = 32
REQUESTS = 20_000
# A compiler that learns from the running program needs more of them.
WARM_UP = {"java": 100_000}
ITEM = {"name": "anchor", "description": "Holds the ship"}
STAMP = "2026-01-02T03:04:05.678Z"
STORED = {"id": "01977d2b-0000-7000-8000-000000000001"} | ITEM | {"created_at": STAMP, "updated_at": STAMP}


def measure() -> Section:
    """Compare each service with its bare framework: processor time for one request, in microseconds."""
    stacks = {stack.name: stack for stack in STACKS}
    measures: dict[str, Callable[[], float]] = {}
    for name, stack in stacks.items():
        build = build_of(stack)
        measures |= {f"{name} bare": partial(_bare, bare.made(build)), name: partial(full, build)}
    values = interleave(measures)
    return Section(
        "service",
        [_ratio(name, values) for name in stacks] + [figure for name in stacks for figure in _times(name, values)],
        [
            f"`GET /v1/items/{{id}}` from memory, {REQUESTS} requests over {CONNECTIONS} connections.",
            f"Each value is a new process after as many to warm up, Java's after {WARM_UP['java']}: "
            + ", ".join(dict.fromkeys(f"{stack.facts['title']} {stack.versions[0]}" for stack in STACKS))
            + ".",
        ],
    )


def _ratio(name: str, values: Mapping[str, list[float]]) -> Figure:
    yardstick = YARDSTICKS[name]
    goal = f"{yardstick.goal:.2f} or more"
    return Figure(f"bare {yardstick.title} against the service", ratios(values[f"{name} bare"], values[name]), goal)


def _times(name: str, values: Mapping[str, list[float]]) -> list[Figure]:
    title = YARDSTICKS[name].title
    return [
        Figure(f"the service on {title}, one request", values[name], unit="us"),
        Figure(f"bare {title}, one request", values[f"{name} bare"], unit="us"),
    ]


def build_of(stack: Stack) -> Build:
    """Return the generated repository of a stack with its dependencies, compiled where it compiles."""
    return installed(stack, stack.versions[0], partial(template.repository, template.template_clone()))


def full(build: Build, *options: str, **env: str) -> float:
    """Return the microseconds that the service takes for one request; ``options`` follow its first word."""
    port = free_port()
    command = [word for word in build.stack.serve if word not in JVM]
    values = _environment(build, APP_ENV="test", HOST="127.0.0.1", PORT=str(port), **env)
    with _pinned([command[0], *options, *command[1:]], build.folder, values, port) as server:
        item = _create(port)
        return _microseconds(build, server, port, f"/v1/items/{item['id']}")


def _bare(build: Build) -> float:
    port = free_port()
    command = [word.replace("PORT", str(port)) for word in YARDSTICKS[build.stack.name].serve]
    env = _environment(build, ITEM=json.dumps(STORED), PORT=str(port))
    with _pinned(command, build.folder, env, port) as server:
        return _microseconds(build, server, port, f"/v1/items/{STORED['id']}")


@contextmanager
def _pinned(argv: list[str], folder: Path, env: Mapping[str, str], port: int) -> Iterator[Running]:
    with start(["taskset", "--cpu-list", str(_cores()[0]), *argv], cwd=folder, env=env) as server:
        wait_until(lambda: server.code is not None or _listens(server.pid, port), f"{argv} listens", deadline=30)
        if server.code is not None:
            message = f"{argv} ended with {server.code}: {server.out()}{server.err()}"
            raise RuntimeError(message)
        yield server


def _microseconds(build: Build, server: Running, port: int, path: str) -> float:
    _load(port, path, WARM_UP.get(build.stack.name, REQUESTS))
    before = _processor_seconds(server.pid)
    _load(port, path, REQUESTS)
    return (_processor_seconds(server.pid) - before) / REQUESTS * 1e6


def _load(port: int, path: str, requests: int) -> None:
    node = tools.node("24") / "bin" / "node"
    load = [str(node), str(HERE / "load.mjs"), str(port), path, str(requests), str(CONNECTIONS)]
    run(["taskset", "--cpu-list", str(_cores()[1]), *load], deadline=300).succeeded()


def _processor_seconds(pid: int) -> float:
    """Return user and system time of a process, its threads and its children: fields 4, 14, 15 of proc_pid_stat(5)."""
    seconds = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = _fields(stat)
        if fields and (int(stat.parent.name) == pid or int(fields[1]) == pid):
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def _fields(stat: Path) -> list[str]:
    try:
        return stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []  # it ended between the look and the reading


def _listens(pid: int, port: int) -> bool:
    """Tell whether anybody listens on the port, from the tables in proc_net(5); it costs the server nothing."""
    tables = [Path(f"/proc/{pid}/net/{table}") for table in ("tcp", "tcp6")]
    rows = [row for table in tables if table.exists() for row in table.read_text().splitlines()[1:]]
    return any(row.split()[1].endswith(f":{port:04X}") and row.split()[3] == "0A" for row in rows)


def _create(port: int) -> dict[str, str]:
    def try_it() -> httpx.Response | None:
        try:
            return httpx.post(f"http://127.0.0.1:{port}/v1/items", json=ITEM).raise_for_status()
        except httpx.HTTPError:
            return None

    response = wait_until(try_it, "an item is created", deadline=20)
    assert response is not None
    item: dict[str, str] = response.json()
    return item


def _cores() -> list[int]:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("the server and its load need a core each: this machine has one")
    return cores


def _environment(build: Build, **values: str) -> dict[str, str]:
    return {**build.environment, "NODE_ENV": "production", **values}
