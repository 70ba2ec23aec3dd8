"""What telemetry and safety cost: processor time of the service for one request, against bare Express.

Both answer the same bytes to the same requests, pinned to one core each in turn, with the load on the other core.
The load comes from a small client in Node.js: k6 needs several times the processor time of the server it loads,
and wrk counts seconds where this compares the same number of requests.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.rounds import Figure, Section, interleave, ratios
from kit import template, tools
from kit.folders import made_once, run_folder
from kit.process import Running, environment, free_port, run, start, wait_until

HERE = Path(__file__).parent
CONNECTIONS = 32
WARM_UP, REQUESTS = 20_000, 20_000
ITEM = {"name": "anchor", "description": "Holds the ship"}


def measure() -> Section:
    """Compare the service with bare Express: processor time for one request, in microseconds."""
    repository = installed()
    values = interleave(
        {
            "bare": lambda: _bare(repository),
            "no etag": lambda: _bare(repository, ETAG="off"),
            "service": lambda: full(repository),
        },
    )
    return Section(
        "service",
        [
            Figure("bare Express against the service", ratios(values["bare"], values["service"]), goal="0.82 or more"),
            Figure("the same, without the ETag of Express", ratios(values["no etag"], values["service"])),
            Figure("service, one request", values["service"], unit="us"),
            Figure("bare Express, one request", values["bare"], unit="us"),
        ],
        [
            f"`GET /v1/items/{{id}}` from memory, {REQUESTS} requests over {CONNECTIONS} connections.",
            f"Each value is a new process after {WARM_UP} requests to warm up, Node.js {tools.node('24').name}.",
        ],
    )


def installed() -> Path:
    """Return a generated repository with its dependencies, bare Express beside it."""
    with made_once("service") as folder:
        if folder:
            shutil.copytree(template.repository(template.template_clone(), {}), folder, symlinks=True)
            run(["npm", "ci", "--omit=dev"], cwd=folder, env=_environment(), deadline=180).succeeded()
            shutil.copy(HERE / "node" / "bare.mjs", folder)
    return run_folder() / "service"


def full(repository: Path, *options: str) -> float:
    """Return the microseconds that the service takes for one request; ``options`` are options of node."""
    port = free_port()
    env = _environment(APP_ENV="test", HOST="127.0.0.1", PORT=str(port))
    with _pinned(["node", *options, "src/server.ts"], repository, env, port) as server:
        item = _create(port)
        return _microseconds(server, port, f"/v1/items/{item['id']}")


def _bare(repository: Path, **options: str) -> float:
    port = free_port()
    stamp = "2026-01-02T03:04:05.678Z"
    item = {"id": "01977d2b-0000-7000-8000-000000000001"} | ITEM | {"created_at": stamp, "updated_at": stamp}
    env = _environment(ITEM=json.dumps(item), PORT=str(port), **options)
    with _pinned(["node", "bare.mjs"], repository, env, port) as server:
        return _microseconds(server, port, f"/v1/items/{item['id']}")


@contextmanager
def _pinned(argv: list[str], folder: Path, env: Mapping[str, str], port: int) -> Iterator[Running]:
    with start(["taskset", "--cpu-list", str(_cores()[0]), *argv], cwd=folder, env=env) as server:
        wait_until(lambda: server.code is not None or _listens(server.pid, port), f"{argv} listens", deadline=20)
        yield server


def _microseconds(server: Running, port: int, path: str) -> float:
    _load(port, path, WARM_UP)
    before = _processor_seconds(server.pid)
    _load(port, path, REQUESTS)
    return (_processor_seconds(server.pid) - before) / REQUESTS * 1e6


def _load(port: int, path: str, requests: int) -> None:
    load = ["node", str(HERE / "node" / "load.mjs"), str(port), path, str(requests), str(CONNECTIONS)]
    run(["taskset", "--cpu-list", str(_cores()[1]), *load], env=_environment(), deadline=120).succeeded()


def _processor_seconds(pid: int) -> float:
    """Return user and system time of a process and all its threads: fields 14 and 15 of proc_pid_stat(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _listens(pid: int, port: int) -> bool:
    """Tell whether anybody listens on the port, from the table in proc_net(5); it costs the server nothing."""
    rows = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    return any(row.split()[1].endswith(f":{port:04X}") and row.split()[3] == "0A" for row in rows)


def _create(port: int) -> dict[str, str]:
    item: dict[str, str] = httpx.post(f"http://127.0.0.1:{port}/v1/items", json=ITEM).raise_for_status().json()
    return item


def _cores() -> list[int]:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("the server and its load need a core each: this machine has one")
    return cores


def _environment(**values: str) -> dict[str, str]:
    clean = environment(without=("DB_", "DATABASE_", "SERVICE_", "APP_", "LOG_", "HOST", "PORT", "NODE_ENV", "npm_"))
    return clean | {"PATH": f"{tools.node('24') / 'bin'}:{clean['PATH']}", "NODE_ENV": "production"} | values
