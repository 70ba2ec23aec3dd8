"""The yardsticks: each framework as its own guide writes it, with one route that answers what the service answers."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kit.folders import made_once, run_folder
from kit.process import run
from service.stacks import Build

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Yardstick:
    """A bare service: its sources, where they go, what makes a program of them and what starts it."""

    title: str
    goal: float
    source: str
    becomes: str
    serve: tuple[str, ...]
    compile: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()
    """Folders of the generated repository that are not the yardstick's."""


# Threads and worker are those of the service, so that the framework alone differs.
GUNICORN = (".venv/bin/gunicorn", "--worker-class=gthread", "--threads=32", "--bind=127.0.0.1:PORT", "bare:app")
UVICORN = (".venv/bin/uvicorn", "--host=127.0.0.1", "--port=PORT", "--no-access-log", "bare:app")
YARDSTICKS: Mapping[str, Yardstick] = {
    "node": Yardstick("Express", 0.82, "node.mjs", "bare.mjs", ("node", "bare.mjs")),
    "python-fastapi": Yardstick("FastAPI", 0.70, "fastapi.py", "bare.py", UVICORN),
    "python-flask": Yardstick("Flask", 0.80, "flask.py", "bare.py", GUNICORN),
    "python-django": Yardstick("Django", 0.64, "django.py", "bare.py", GUNICORN),
    "java": Yardstick(
        "Spring Boot",
        0.70,
        "java/Bare.java",
        "src/main/java/io/github/platform/myservice/Bare.java",
        # As the service, it keeps a connection for as long as it is used; by default, for 100 requests.
        (
            *("java", "-jar", "target/service.jar", "--server.port=PORT", "--spring.threads.virtual.enabled=true"),
            "--server.tomcat.max-keep-alive-requests=-1",
        ),
        compile=(("./mvnw", "--batch-mode", "--quiet", "-Dmaven.test.skip", "-Dspotless.check.skip", "package"),),
        without=("src", "target"),
    ),
    "go": Yardstick(
        "net/http",
        0.62,
        "go/main.go",
        "cmd/bare/main.go",
        ("bin/bare",),
        (("go", "build", "-o", "bin/bare", "./cmd/bare"),),
    ),
}


def made(build: Build) -> Build:
    """Return the yardstick of a stack, beside the dependencies that its generated repository has."""
    yardstick = YARDSTICKS[build.stack.name]
    name = f"bare/{build.stack.name}"
    with made_once(name) as folder:
        if folder:
            shutil.copytree(build.folder, folder, symlinks=True)
            for left_out in yardstick.without:
                shutil.rmtree(folder / left_out)
            target = folder / yardstick.becomes
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HERE / yardstick.source, target)
            for command in yardstick.compile:
                run(command, cwd=folder, env=build.environment, deadline=300).succeeded()
    return Build(build.stack, build.version, run_folder() / name)
