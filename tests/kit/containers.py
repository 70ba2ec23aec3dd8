"""Podman without a container registry: the images that generated files build on are made here.

Each base image is a store of its own in the cache, named by the hash of its recipe, made once and never changed:
clones and workers share it. What a test builds and runs stays in the folder of the run.
"""

import functools
import hashlib
import json
import os
import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from filelock import FileLock

from kit import tools, tree
from kit.bases import SOURCES
from kit.folders import run_folder
from kit.process import Outcome, environment, run

RECIPES = Path(__file__).parent / "base_images"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PROGRAMS = ("podman", "podman-compose", "buildah", "runc", "mmdebstrap", "netavark", "aardvark-dns", "iptables")
LIBEXEC = Path("/usr/lib/podman")
DEBIAN = "debian:trixie-slim"

STORAGE = """\
[storage]
driver = "{driver}"
graphroot = "{folder}/images"
runroot = "{folder}/state"
[storage.options]
additionalimagestores = {stores}
"""
# Limits: a machine may lack the right to raise them. Runtime: crun refuses the mixed control groups of older systems.
CONTAINERS = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "{folder}/state/engine"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
"""


@dataclass(frozen=True)
class Container:
    """A container, running or ended."""

    engine: "Engine"
    name: str

    def inspect(self) -> dict[str, Any]:
        """Return what the engine knows of it."""
        found: list[dict[str, Any]] = json.loads(self.engine.podman("container", "inspect", self.name).succeeded().out)
        return found[0]

    def running(self) -> bool:
        """Tell whether its process lives."""
        return bool(self.inspect()["State"]["Running"])

    def status(self) -> dict[str, str]:
        """Return what the kernel says of its process: ids, capabilities and limits of proc_pid_status(5)."""
        pid = self.inspect()["State"]["Pid"]
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def root(self) -> Path:
        """Return the root of its file system as its process sees it."""
        return Path(f"/proc/{self.inspect()['State']['Pid']}/root")

    def execute(self, *command: str) -> Outcome:
        """Run a command in it as its own user."""
        return self.engine.podman("exec", self.name, *command)

    def healthy(self) -> bool:
        """Run its health check once."""
        return self.engine.podman("healthcheck", "run", self.name).code == 0

    def log(self) -> Outcome:
        """Return what its process has printed: ``out`` and ``err``."""
        return self.engine.podman("logs", self.name).succeeded()

    def stop(self, seconds: int = 10) -> int:
        """Send SIGTERM, after ``seconds`` SIGKILL; return the exit code of its process."""
        self.engine.podman("stop", "--time", str(seconds), self.name, deadline=seconds + 30).succeeded()
        return int(self.inspect()["State"]["ExitCode"])


@dataclass(frozen=True)
class Engine:
    """Podman with a folder of its own: base images to read, and whatever a test builds and runs."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of programs that look for a container engine on PATH: Podman is there, Docker is not.

        Caches of package managers outlive the run, as they do on a person's machine.
        """
        downloads = tools.cache() / "containers" / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        return environment(
            without=("DOCKER_", "CONTAINER_", "BUILDAH_", "COMPOSE_", "PODMAN_"),
            CONTAINERS_STORAGE_CONF=self.folder / "storage.conf",
            CONTAINERS_CONF=self.folder / "containers.conf",
            BUILDAH_ISOLATION="chroot",
            BUILDAH_FORMAT="docker",  # as deploy/build: layers of two formats are made twice
            # Networks of one name would share their host names; images are named by it, so without special characters.
            COMPOSE_PROJECT_NAME=self.folder.name.replace("_", "0").replace("-", ""),
            KIT_PODMAN=tools.tool("podman"),
            KIT_PODMAN_COMPOSE=tools.tool("podman-compose"),
            TMPDIR=downloads,
            PATH=f"{RECIPES / 'bin'}:{os.environ['PATH']}",
        )

    def podman(self, *arguments: str | Path, cwd: Path | None = None, deadline: float = 60) -> Outcome:
        """Run Podman; nothing is pulled, whatever the arguments."""
        return run([RECIPES / "bin" / "podman", *arguments], cwd=cwd, env=self.environment, deadline=deadline)

    def image(self, name: str) -> dict[str, Any]:
        """Return what the engine knows of an image."""
        found: list[dict[str, Any]] = json.loads(self.podman("image", "inspect", name).succeeded().out)
        return found[0]

    def added(self, name: str, base: str) -> list[Path]:
        """Return the files that an image has and ``base`` has not, by their paths in it."""
        with self.files(name) as files, self.files(base) as known:
            below = {path.relative_to(files) for path in files.rglob("*") if not path.is_dir()}
            return sorted(path for path in below if not (known / path).exists() and not (known / path).is_symlink())

    @contextmanager
    def files(self, name: str) -> Iterator[Path]:
        """Show the files of an image as a folder, to be read only."""
        create = ("create", "--pull=never", "--no-healthcheck", name, "nothing")  # a base image may name no command
        container = self.podman(*create).succeeded().out.strip()
        try:
            yield Path(self.podman("mount", container).succeeded().out.strip())
        finally:
            self.podman("rm", "--force", container).succeeded()

    @contextmanager
    def start(self, image: str, *options: str, command: tuple[str, ...] = ()) -> Iterator[Container]:
        """Run a container beside the block; at the end of the block it is killed and removed."""
        name = self.podman("run", "--detach", "--pull=never", *options, image, *command).succeeded().out.strip()
        try:
            yield Container(self, name)
        finally:
            self.podman("rm", "--force", "--time=0", "--volumes", name).succeeded()

    def run(self, image: str, *options: str, command: tuple[str, ...] = ()) -> Outcome:
        """Run a container to its end."""
        return self.podman("run", "--rm", "--pull=never", "--no-healthcheck", *options, image, *command)

    def own_network(self, name: str) -> None:
        """Make a network whose bridge and addresses no other worker has.

        Podman takes what is free, but two engines that look at the same moment find the same.
        """
        number = os.getpid() % 256
        self.podman("network", "create", f"--subnet=172.28.{number}.0/24", name).succeeded()
        file = self.folder / "networks" / f"{name}.json"
        settings = json.loads(file.read_text())
        file.write_text(json.dumps(settings | {"network_interface": f"slipway{number}"}))

    def end(self) -> None:
        """Remove containers, volumes, networks and images."""
        while left := self.podman("ps", "--all", "--quiet").succeeded().out.split():
            self.podman("rm", "--depend", "--force", "--time=0", "--volumes", left[0]).succeeded()
        self.podman("volume", "prune", "--force").succeeded()
        self.podman("network", "prune", "--force").succeeded()
        run(["umount", "--quiet", "--recursive", self.folder / "images" / self.driver])
        shutil.rmtree(self.folder)

    @property
    def driver(self) -> str:
        """How layers are kept."""
        return _driver()


@contextmanager
def engine(*images: str) -> Iterator[Engine]:
    """Run an engine that has these base images, such as ``"node:24-trixie-slim"``; at the end nothing of it is left.

    The first call on a machine makes them, which takes minutes. A missing program skips the test with the reason.
    """
    _require_programs()
    engine = _engine(Path(mkdtemp(prefix="engine-", dir=run_folder())), [DEBIAN, *images])
    try:
        yield engine
    finally:
        engine.end()


def images_of(repository: Path) -> list[str]:
    """Return the images that Dockerfile and compose.yaml of a repository start from, but for its monitoring, sorted."""
    compose = re.split(r"^  # .* --profile monitoring ", (repository / "compose.yaml").read_text(), flags=re.MULTILINE)
    lines = (repository / "Dockerfile").read_text() + compose[0]
    found = re.findall(r"^(?:FROM(?:\s+--\S+)*|\s+image:)\s+(\S+)", lines, re.MULTILINE)
    stages = re.findall(r"^FROM\s.*\s(?:AS|as)\s+(\S+)", lines, re.MULTILINE)
    return sorted(set(found) - set(stages) - {"scratch"})


def _require_programs() -> None:
    if os.getuid() != 0:
        tools.missing("root, who may mount and limit containers", "run the tests as root, or leave these to CI")
    for name in PROGRAMS:
        if not (LIBEXEC / name).exists():
            tools.tool(name)


def _engine(folder: Path, images: list[str]) -> Engine:
    stores = [str(_store(image) / "images") for image in images]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "storage.conf").write_text(
        STORAGE.format(driver=_driver(), folder=folder, stores=json.dumps(stores)),
    )
    (folder / "containers.conf").write_text(CONTAINERS.format(folder=folder))
    return Engine(folder)


@functools.cache
def _driver() -> str:
    """Return ``overlay`` where the folder of the run can carry it, else ``vfs``, which copies every layer."""
    folder = Path(mkdtemp(prefix="driver-", dir=run_folder()))
    (folder / "storage.conf").write_text(STORAGE.format(driver="overlay", folder=folder, stores=[]))
    (folder / "containers.conf").write_text(CONTAINERS.format(folder=folder))
    answer = Engine(folder).podman("info")
    run(["umount", "--quiet", "--recursive", folder / "images" / "overlay"])
    shutil.rmtree(folder)
    return "overlay" if answer.code == 0 else "vfs"


def _store(image: str) -> Path:
    """Return the store that holds one base image; whoever asks first makes it."""
    folder = tools.cache() / "containers" / _driver() / f"{image.rpartition('/')[2].replace(':', '-')}-{_key(image)}"
    complete = folder / "complete"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make(image, folder)
            complete.touch()
    return folder


def _make(image: str, folder: Path) -> None:
    family, _, tag = image.partition(":")
    name = image if "/" in image else f"docker.io/library/{image}"
    if family == "debian":
        archive = folder / "rootfs.tar"
        engine = _engine(folder, [])
        run(
            ["sh", "-c", '"$0" "$1" >"$2"', RECIPES / family / "make", tag.partition("-")[0], archive], deadline=600
        ).succeeded()
        engine.podman("import", "--change", 'CMD ["bash"]', archive, name, deadline=300).succeeded()
        archive.unlink()
    else:
        engine = _engine(folder, [DEBIAN])
        contexts = [f"--build-context={name}={source.folder}" for name, source in SOURCES[family](tag).items()]
        engine.podman("build", "--format=docker", "--tag", name, *contexts, _recipe(family), deadline=600).succeeded()
    run(["umount", "--quiet", "--recursive", folder / "images" / _driver()])


def _recipe(family: str) -> Path:
    """Return the folder of a recipe, which is named after the image alone, wherever that is kept."""
    return RECIPES / family.rpartition("/")[2]


@functools.cache
def _key(image: str) -> str:
    """Return the hash of all that decides the content of a base image."""
    family, _, tag = image.partition(":")
    recipe = [image, platform.machine(), tree.digest(tree.read(_recipe(family)))]
    if family == "debian":
        recipe.append(hashlib.sha256(CERTIFICATES.read_bytes()).hexdigest())
    else:
        recipe.append(_key(DEBIAN))
        recipe += [source.version for source in SOURCES[family](tag).values()]
    return hashlib.sha256("\n".join(recipe).encode()).hexdigest()[:12]
