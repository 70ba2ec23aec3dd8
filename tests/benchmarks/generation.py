"""What a copy and an update cost: processor time of whole commands, as ratios within one round."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.rounds import Figure, Section, cpu_seconds, interleave, ratios
from kit import template, tree
from kit.folders import run_folder
from kit.renderings import COMBOS
from kit.tools import tool

JINJA_ONLY = Path(__file__).with_name("jinja_only.py")
ANSWERS_FILE = ".copier-answers.yml"
NEXT = "v9999.1.0"
CORES = 2


def measure() -> Section:
    """Compare copy with Jinja alone and with starting Copier, and update with copy."""
    clone = template.template_clone()
    _release_next(clone)
    repository = template.repository(clone, {})
    files = len(_same_files_by_jinja_alone(clone, repository))
    values = interleave(
        {
            "start": lambda: _copier("--version"),
            "jinja": lambda: cpu_seconds([sys.executable, JINJA_ONLY, clone, _fresh()]),
            "copy": lambda: _copier("copy", "--quiet", "--defaults", "--vcs-ref", NEXT, clone, _fresh()),
            "update": _update_of(repository),
            "every": _every_combination,
        },
    )
    rates = [len(COMBOS) * CORES / seconds for seconds in values["every"]]
    return Section(
        "generation",
        [
            Figure("copy against Jinja alone", ratios(values["copy"], values["jinja"]), goal="4 or less"),
            Figure("copy against `copier --version`", ratios(values["copy"], values["start"])),
            Figure("update against copy", ratios(values["update"], values["copy"]), goal="3 or less"),
            Figure(f"combinations a second on {CORES} cores", rates, goal="5 or more"),
            Figure("copy", values["copy"], unit="s"),
            Figure("update", values["update"], unit="s"),
            Figure("Jinja alone", values["jinja"], unit="s"),
            Figure("`copier --version`", values["start"], unit="s"),
        ],
        [f"{files} files; the update changes every fourth. The render layer has {len(COMBOS)} combinations."],
    )


def _release_next(clone: Path) -> None:
    files = sorted(path for path in (clone / "template").rglob("*") if path.is_file())
    for path in files[::4]:
        path.write_bytes(path.read_bytes() + b"\n")
    template.commit_all(clone, "Change every fourth file")
    template.git(clone, "tag", "--annotate", "--message", NEXT, NEXT)


def _same_files_by_jinja_alone(clone: Path, repository: Path) -> tree.Tree:
    """Return the files of a copy, which Jinja alone must have rendered alike; else the ratio would compare nothing."""
    template.git(clone, "checkout", "--quiet", template.VERSION)
    rendered = _fresh()
    cpu_seconds([sys.executable, JINJA_ONLY, clone, rendered])
    template.git(clone, "checkout", "--quiet", NEXT)
    copied = tree.read(repository)
    if found := tree.difference(tree.read(rendered, (ANSWERS_FILE,)), tree.read(repository, (".git", ANSWERS_FILE))):
        message = "Jinja alone renders another tree:\n" + "\n".join(found)
        raise RuntimeError(message)
    return copied


def _update_of(repository: Path) -> Callable[[], float]:
    def update() -> float:
        folder = shutil.copytree(repository, _fresh(), symlinks=True)
        return _copier("update", "--quiet", "--defaults", "--vcs-ref", NEXT, cwd=folder)

    return update


def _every_combination() -> float:
    folder = _fresh()
    seconds = cpu_seconds([sys.executable, "-m", "benchmarks.every_combination", folder])
    shutil.rmtree(folder)  # the memory that they fill would slow down what is measured next
    return seconds


def _copier(*arguments: str | Path, cwd: Path | None = None) -> float:
    return cpu_seconds([tool("copier"), *arguments], cwd=cwd)


def _fresh() -> Path:
    return Path(mkdtemp(dir=run_folder() / "tmp")) / "repository"
