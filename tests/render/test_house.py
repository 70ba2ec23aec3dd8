"""Our own house is clean: code, scripts, YAML, locks and words of this repository."""

import functools
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from kit.process import Outcome
from kit.template import git
from kit.tools import ROOT

Run = Callable[..., Outcome]
Tool = Callable[[str], Path]

PUBLIC_REGISTRIES = {"files.pythonhosted.org", "pypi.org", "registry.npmjs.org"}
LOCKS = {"uv.lock", "package-lock.json", "go.mod", "go.sum"}

# A class around one letter keeps each pattern from matching its own text.
BETRAYALS = {
    "a path of one machine": r"/wor[k]/|/tmp/[w]/|/[U]sers/\w",
    "a host of one network": r"\b(?:[1]0\.\d+|192\.[1]68)\.\d+\.\d+\b|\b[a-z][\w-]*\.(?:[c]orp|[l]an|[i]ntranet)\b",
    # Tests in Go say by t.Helper() whose line a failure is.
    "how this was made": r"(?i)\b(?:(?!(?<=[ft]\.)[H]elper\(\))[h]elpers?|[t]he session"
    r"|(?<!user )(?<!-)(?<!supertest\.)[a]gents?)\b|[r]eference/[a-z-]+\.md",
    "work that is not done": r"\b(?:[T]ODO|[F]IXME|[X]XX)\b|(?i:coming [s]oon)",
}


@functools.cache
def files() -> tuple[Path, ...]:
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate").split("\0")
    return tuple(path for path in (ROOT / name for name in listed if name) if path.is_file())


def scripts(interpreter: str) -> Iterator[Path]:
    shebang = re.compile(rf"#!.*\b{interpreter}\d*(\.\d+)?\b".encode())
    for path in files():
        with path.open("rb") as file:
            if path.suffix != ".jinja" and shebang.match(file.readline()):
                yield path


def shell_files() -> list[Path]:
    found = {*scripts("bash"), *scripts("sh"), *(path for path in files() if path.suffix == ".sh")}
    return sorted(path for path in found if path.name != "mvnw")  # as Maven's own command writes it


def python_files() -> list[Path]:
    sources = (path for path in files() if path.suffix == ".py")
    return sorted(path for path in {*sources, *scripts("python")} if not path.is_relative_to(ROOT / "template"))


def yaml_files() -> list[Path]:
    ours = (path for path in files() if not path.is_relative_to(ROOT / "template"))
    return [path for path in ours if path.suffix in {".yml", ".yaml"}]


# A script may source one of another room, or one that is only made by rendering (SC1091).
ROOMS = ":".join(["SCRIPTDIR", str(ROOT / "template"), *map(str, (ROOT / "template").glob("[[][[][[]*"))])


class Linter(NamedTuple):
    """A linter of our own files: its command, the files that it looks at, and whether it takes them all at once."""

    command: tuple[str, ...]
    files: Callable[[], list[Path]]
    at_once: bool = True


LINTERS = {
    "ruff-check": Linter(("ruff", "check", "--quiet"), python_files),
    "ruff-format": Linter(("ruff", "format", "--diff", "--quiet"), python_files),
    "mypy": Linter(("mypy", "--scripts-are-modules"), python_files),
    "shellcheck": Linter(
        ("shellcheck", "--external-sources", f"--source-path={ROOMS}", "--exclude=SC1091"),
        shell_files,
        at_once=False,  # it takes the longer for a file the more came before it
    ),
    "shfmt": Linter(("shfmt", "--indent=2", "--case-indent", "--diff"), shell_files),
    "yamllint": Linter(("yamllint", "--strict"), yaml_files),
}
PLANTED = {
    "ruff-check": "import os\n",
    "ruff-format": "x  =  1\n",
    "mypy": "number: int = 'one'\n",
    "shellcheck": "#!/bin/bash\nrm $1\n",
    "shfmt": "#!/bin/bash\nif true; then\n    echo\nfi\n",
    "yamllint": "key: 1\nkey: 2\n",
}


@pytest.mark.parametrize("linter", LINTERS)
def test_linter_finds_nothing_in_our_files(linter: str, run: Run, tool: Tool) -> None:
    (name, *options), found, at_once = LINTERS[linter]
    files = found()
    assert files, f"{linter} has nothing to look at"
    for some in [files] if at_once else [[file] for file in files]:
        run([tool(name), *options, *some], cwd=ROOT, deadline=120).succeeded()


@pytest.mark.parametrize("linter", LINTERS)
def test_linter_finds_a_planted_fault(linter: str, run: Run, tool: Tool, tmp_path: Path) -> None:
    name, *options = LINTERS[linter].command
    planted = tmp_path / "planted.py"
    planted.write_text(PLANTED[linter])
    outcome = run([tool(name), *options, planted], cwd=ROOT, deadline=120)
    assert outcome.code == 1, outcome


@pytest.mark.parametrize("betrayal", BETRAYALS)
def test_no_file_tells_of_the_machine_or_the_making(betrayal: str) -> None:
    pattern = re.compile(BETRAYALS[betrayal])
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files()
        if path.name not in LOCKS
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found, f"{betrayal}:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("betrayal", "line"),
    [
        ("a path of one machine", "cd /" + "work/main"),
        ("a host of one network", "index = http://10." + "1.2.3/simple"),
        ("a host of one network", "registry=https://npm.example." + "corp/"),
        ("how this was made", "written by an ag" + "ent"),
        ("how this was made", "func Hel" + "per()"),
        ("work that is not done", "# TO" + "DO: later"),
    ],
)
def test_betrayal_is_recognised(betrayal: str, line: str) -> None:
    assert re.search(BETRAYALS[betrayal], line)


def test_locks_name_public_registries_only() -> None:
    addresses = {address for path in files() for address in lock_addresses(path)}
    hosts = {urlsplit(address).hostname for address in addresses}
    assert hosts
    assert hosts <= PUBLIC_REGISTRIES


def lock_addresses(path: Path) -> list[str]:
    """Return the addresses from which a lock file's packages come; Go's sums and npm's may name none."""
    if path.name == "uv.lock":
        tomllib.loads(path.read_text())
        return re.findall(r'"(https?://[^"]+)"', path.read_text())
    if path.name == "package-lock.json":
        packages = json.loads(path.read_text())["packages"].values()
        return [package["resolved"] for package in packages if "resolved" in package]
    return []


def test_no_file_is_larger_than_a_mebibyte() -> None:
    assert not [path for path in files() if path.stat().st_size > 2**20]


def test_no_jinja_file_stands_at_the_top_where_it_would_hide_one_of_the_template() -> None:
    assert not list(ROOT.glob("*.jinja"))


def test_no_verbatim_gitignore_hides_files_of_the_template() -> None:
    assert not [path for path in files() if path.name == ".gitignore" and path.is_relative_to(ROOT / "template")]


def test_python_files_of_the_tests_are_short() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in python_files()}
    limits = {path: 180 if path.name == "conftest.py" else 300 for path in lines}
    too_long = {str(path.relative_to(ROOT)): count for path, count in lines.items() if count > limits[path]}
    assert not too_long


def test_the_release_engine_is_small() -> None:
    """Whoever adds a runtime has to understand it: at most 730 lines of code."""
    deploy = ROOT / "template" / "deploy"
    commands = [deploy / name for name in ("publish", "release", "rollback", "setup", "status", "teardown")]
    lines = [
        line.strip() for path in (*commands, *(deploy / "lib").iterdir()) for line in path.read_text().splitlines()
    ]
    assert len([line for line in lines if line and not line.startswith("#")]) <= 730
