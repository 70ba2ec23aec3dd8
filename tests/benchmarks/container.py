"""What each image weighs, and what a container of it takes: size, memory at rest, start-up until it is ready."""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from benchmarks.rounds import Figure, Section, interleave
from kit import containers, postgres, template
from kit.containers import Engine
from kit.folders import run_folder
from kit.process import free_port, run, wait_until
from service.stacks import STACKS, Stack

MEGABYTE = 10**6
CONFINED = ("--network=host", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--memory=512m", "--no-healthcheck")


@dataclass(frozen=True)
class Start:
    """One start of a container: the seconds until it was ready, and its resident memory in MB then."""

    seconds: float
    memory: float


@dataclass(frozen=True)
class Image:
    """The image of a stack, with the environment of its containers and its size in MB."""

    name: str
    env: Mapping[str, str]
    size: float


def measure() -> Section:
    """Start the service of each stack in its container, on PostgreSQL, round by round."""
    repositories = {stack.name: _repository(stack) for stack in STACKS}
    bases = {base for repository in repositories.values() for base in containers.images_of(repository)}
    starts: dict[str, list[Start]] = {name: [] for name in repositories}
    with containers.engine(*sorted(bases)) as engine, postgres.own_cluster() as cluster:
        images = {stack.name: _image(engine, stack, repositories[stack.name], cluster) for stack in STACKS}

        def seconds(name: str) -> float:
            starts[name].append(_start(engine, images[name]))
            return starts[name][-1].seconds

        values = interleave({name: partial(seconds, name) for name in images})
    memory = {name: [start.memory for start in starts[name][-len(values[name]) :]] for name in images}
    return Section(
        "container",
        [
            *(Figure(f"{name}: start-up until ready", values[name], unit="s") for name in images),
            *(Figure(f"{name}: memory at rest", memory[name], unit="MB") for name in images),
            *(Figure(f"{name}: the image", [image.size], unit="MB") for name, image in images.items()),
        ],
        ["Start-up includes making the container; memory is the resident set after the first answer."],
    )


def _repository(stack: Stack) -> Path:
    made = template.repository(template.template_clone(), stack.answers)
    return shutil.copytree(made, run_folder() / "images" / stack.name, symlinks=True)


def _image(engine: Engine, stack: Stack, repository: Path, cluster: postgres.Cluster) -> Image:
    name = _build(engine, repository)
    env = {"APP_ENV": "staging", "HOST": "127.0.0.1", "DB_SSLMODE": "disable"} | cluster.database().environment
    engine.run(name, *CONFINED, *_given(env), command=tuple(stack.command("migrate_in_image"))).succeeded()
    return Image(name, env, engine.image(name)["Size"] / MEGABYTE)


def _build(engine: Engine, repository: Path) -> str:
    note = json.loads(run(["deploy/build"], cwd=repository, env=engine.environment, deadline=300).succeeded().out)
    loaded = engine.podman("load", "--input", repository / note["file"]).succeeded().out
    return loaded.strip().rpartition(" ")[2]


def _start(engine: Engine, image: Image) -> Start:
    port = free_port()

    def ready() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    begin = time.perf_counter()
    with engine.start(image.name, *CONFINED, *_given({**image.env, "PORT": str(port)})) as container:
        wait_until(ready, f"{image.name} is ready", deadline=30)
        seconds = time.perf_counter() - begin
        kilobytes, _, _ = container.status()["VmRSS"].partition(" ")
        return Start(seconds, int(kilobytes) * 1024 / MEGABYTE)


def _given(env: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"--env={name}={value}" for name, value in env.items())
