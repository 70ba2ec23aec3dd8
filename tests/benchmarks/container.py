"""What the image weighs, and what a container of it takes: size, memory at rest, start-up until it is ready."""

import json
import shutil
import time
from collections.abc import Callable

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


def measure() -> Section:
    """Compare the service in its container with the bare runtime in the base image, round by round."""
    repository = shutil.copytree(template.repository(template.template_clone(), {}), run_folder() / "image")
    bases = containers.images_of(repository)
    with containers.engine(*bases) as engine, postgres.own_cluster() as cluster:
        note = json.loads(run(["deploy/build"], cwd=repository, env=engine.environment, deadline=300).succeeded().out)
        loaded = engine.podman("load", "--input", repository / note["file"]).succeeded().out
        image, base = loaded.strip().rpartition(" ")[2], next(name for name in bases if name.startswith("node"))
        env = {"APP_ENV": "staging", "HOST": "127.0.0.1", "DB_SSLMODE": "disable"} | cluster.database().environment
        engine.run(image, *CONFINED, *_given(env), command=("node", "src/migrate.ts")).succeeded()
        idle, served = [], []
        for _ in range(ROUNDS + 1):
            idle.append(_idle(engine, base))
            served.append(_service(engine, image, env))
        size, base_size = (engine.image(name)["Size"] / MEGABYTE for name in (image, base))
    seconds, memory = ([figure[part] for figure in served[1:]] for part in (0, 1))
    idle_seconds, idle_memory = ([figure[part] for figure in idle[1:]] for part in (0, 1))
    return Section(
        "container",
        [
            Figure("start-up until ready against bare Node.js", ratios(seconds, idle_seconds)),
            Figure("memory at rest against bare Node.js", ratios(memory, idle_memory)),
            Figure("start-up until ready", seconds, unit="s"),
            Figure("memory at rest", memory, unit="MB"),
            Figure("image on its base image", [size - base_size], unit="MB"),
            Figure("image, base image included", [size], unit="MB"),
        ],
        ["Start-up includes making the container; memory is the resident set after the first answer."],
    )


def _idle(engine: Engine, base: str) -> tuple[float, float]:
    def up(container: Container) -> bool:
        return "up" in container.log().out

    return _start(engine, base, (), IDLE, up)


def _service(engine: Engine, image: str, env: dict[str, str]) -> tuple[float, float]:
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
) -> tuple[float, float]:
    """Start a container; return the seconds until it is up, and its resident memory in MB."""
    begin = time.perf_counter()
    with engine.start(image, *CONFINED, *options, command=command) as container:
        wait_until(lambda: is_up(container), f"{image} is up", deadline=30)
        seconds = time.perf_counter() - begin
        kilobytes, _, _ = container.status()["VmRSS"].partition(" ")
        return seconds, int(kilobytes) * 1024 / MEGABYTE


def _given(env: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"--env={name}={value}" for name, value in env.items())
