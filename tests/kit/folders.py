"""The folder of one run of the tests: shared by all its workers, on memory where there is enough of it."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filelock import FileLock

GIBIBYTE = 2**30
ROOM = 6 * GIBIBYTE
PREFIX = "slipway-"

_owned: dict[Path, IO[str]] = {}


def fast_root() -> Path:
    """Return the parent for temporary files: memory if it has room and may execute, else the usual one.

    Rendering is bound by small writes; a run of all layers needs up to 6 GiB for installed dependencies.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a mount point, the folder in it has a random name
    if not os.access(memory, os.W_OK):
        return Path(tempfile.gettempdir())
    state = os.statvfs(memory)
    executable = not state.f_flag & os.ST_NOEXEC
    figures = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(figures["MemAvailable"].split()[0]) * 1024
    free = min(state.f_bavail * state.f_frsize, available)
    return memory if executable and free >= ROOM else Path(tempfile.gettempdir())


def open_run_folder() -> Path:
    """Make the folder of this run, remove what killed runs left, and hand it to the workers and to all programs.

    The folder of a living run is locked; a lock that can be had belongs to a run that is over.
    """
    root = fast_root()
    for left in root.glob(f"{PREFIX}*/.owner"):
        with left.open() as owner:
            try:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(left.parent, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    folder.chmod(0o711)  # PostgreSQL runs as another user and passes through
    owner = (folder / ".owner").open("w")
    fcntl.flock(owner, fcntl.LOCK_EX)
    _owned[folder] = owner
    (folder / "tmp").mkdir(mode=0o711)
    os.environ["SLIPWAY_RUN"] = str(folder)
    return folder


def close_run_folder(folder: Path, *, keep: bool) -> None:
    """End this run: its folder goes, or stays until the next run so that a failure can be looked at."""
    _owned.pop(folder).close()
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)


def run_folder() -> Path:
    """Return the folder of this run, the same in every worker."""
    return Path(os.environ["SLIPWAY_RUN"])


@contextmanager
def made_once(name: str) -> Iterator[Path | None]:
    """Let one worker make the folder ``name`` of this run: it gets the path, all others and later calls get None.

    An exception in the block removes what was made, so that the next worker tries again.
    """
    folder = run_folder() / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = folder.with_name(f".{folder.name}.done")
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        if done.exists():
            yield None
            return
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        done.touch()
