"""What the image weighs, and what a container of it takes: size, memory at rest, start-up until it is ready."""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.rounds import ROUNDS, Figure, Section, ratios
from kit import containers, postgres, template
from kit.containers import Container, Engine
from kit.folders import run_folder
from kit.process import free_port, run, wait_until

MEGABYTE = 10**6
CONFINED = ("--network=host", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--memory=256m", "--no-healthcheck")
# The yardstick: the base image's runtime, doing nothing.
IDLE = ("node", "--eval", "setInterval(() => {}, 1e6); console.log('up')")


@dataclass(frozen=True)
class Start:
    """One start of a container: the seconds until it was up, and its resident memory in MB then."""

    seconds: float
    memory: float


def measure() -> Section:
    """Compare the service in its container with the bare runtime in the base image, round by round."""
    repository = shutil.copytree(template.repository(template.template_clone(), {}), run_folder() / "image")
    bases = containers.images_of(repository)
    base = next(name for name in bases if name.startswith("node:"))
    with containers.engine(*bases) as engine, postgres.own_cluster() as cluster:
        image = _build(engine, repository)
        env = {"APP_ENV": "staging", "HOST": "127.0.0.1", "DB_SSLMODE": "disable"} | cluster.database().environment
        engine.run(image, *CONFINED, *_given(env), command=("node", "src/migrate.ts")).succeeded()
        pairs = [(_service(engine, image, env), _idle(engine, base)) for _ in range(ROUNDS + 1)][1:]
        size, base_size = (engine.image(name)["Size"] / MEGABYTE for name in (image, base))
    full, idle = ([pair[number] for pair in pairs] for number in (0, 1))
    seconds, memory = [start.seconds for start in full], [start.memory for start in full]
    return Section(
        "container",
        [
            Figure("start-up until ready against bare Node.js", ratios(seconds, [start.seconds for start in idle])),
            Figure("memory at rest against bare Node.js", ratios(memory, [start.memory for start in idle])),
            Figure("start-up until ready", seconds, unit="s"),
            Figure("memory at rest", memory, unit="MB"),
            Figure("what the image adds to its base image", [size - base_size], unit="MB"),
        ],
        ["Start-up includes making the container; memory is the resident set after the first answer."],
    )


def _build(engine: Engine, repository: Path) -> str:
    note = json.loads(run(["deploy/build"], cwd=repository, env=engine.environment, deadline=300).succeeded().out)
    loaded = engine.podman("load", "--input", repository / note["file"]).succeeded().out
    return loaded.strip().rpartition(" ")[2]


def _idle(engine: Engine, base: str) -> Start:
    def up(container: Container) -> bool:
        return "up" in container.log().out

    return _start(engine, base, (), IDLE, up)


def _service(engine: Engine, image: str, env: dict[str, str]) -> Start:
    port = free_port()

    def ready(_container: Container) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    return _start(engine, image, _given(env | {"PORT": str(port)}), (), ready)


def _start(
    engine: Engine,
    image: str,
    options: tuple[str, ...],
    command: tuple[str, ...],
    is_up: Callable[[Container], bool],
) -> Start:
    begin = time.perf_counter()
    with engine.start(image, *CONFINED, *options, command=command) as container:
        wait_until(lambda: is_up(container), f"{image} is up", deadline=30)
        seconds = time.perf_counter() - begin
        kilobytes, _, _ = container.status()["VmRSS"].partition(" ")
        return Start(seconds, int(kilobytes) * 1024 / MEGABYTE)


def _given(env: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"--env={name}={value}" for name, value in env.items())
