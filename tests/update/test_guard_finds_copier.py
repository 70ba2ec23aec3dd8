"""Which Copier the guard takes: an installed one that is new enough, else uv's, else pipx's, else one of its own."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from kit.process import Outcome, environment, run
from kit.releases import OLDER, fresh, made_releases
from kit.template import render
from kit.tools import ROOT, tool
from kit.updates import NO_ANSWERS

NEEDED = ("bash", "cat", "chmod", "dirname", "env", "git", "grep", "mkdir", "mktemp", "rm", "sed", "sort", "tail", "tr")
PINNED = "copier==9.19.1"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Make a folder for PATH with what the guard needs and nothing that could install a Copier."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in NEEDED:
        (folder / name).symlink_to(shutil.which(name) or pytest.fail(f"{name} is not on this machine"))
    return folder


def program(folder: Path, name: str, text: str) -> None:
    """Write a program that notes its arguments and then does ``text``."""
    (folder / name).write_text(f'#!/usr/bin/env bash\necho "{name} $*" >>"{folder}/calls"\n{text}\n')
    (folder / name).chmod(0o755)


def copier(version: str) -> str:
    """Return the text of a Copier that says it has ``version`` and otherwise is the real one."""
    return f'[ "$1" != --version ] || {{ echo "copier {version}"; exit; }}\nexec {tool("copier")} "$@"'


def guard(programs: Path, tmp_path: Path) -> tuple[Outcome, list[str]]:
    """Run the guard where only ``programs`` are, for Copier's help; return its outcome and the calls of these."""
    service = shutil.copytree(fresh(made_releases(), OLDER, NO_ANSWERS), tmp_path / "service", symlinks=True)
    env = environment(PATH=programs, XDG_CACHE_HOME=tmp_path / "cache")
    outcome = run([service / "scripts/template-update", "--help"], cwd=service, env=env, deadline=120)
    calls = (programs / "calls").read_text().splitlines() if (programs / "calls").exists() else []
    return outcome, [call for call in calls if not call.endswith("--version")]


@pytest.mark.parametrize("version", ["9.19.0", "9.19.1", "9.20.0a1", "9.104.2"])
def test_an_installed_copier_in_range_is_taken(programs: Path, tmp_path: Path, version: str) -> None:
    program(programs, "copier", copier(version))
    program(programs, "uvx", "exit 99")

    outcome, calls = guard(programs, tmp_path)

    assert outcome.code == 0
    assert calls == ["copier update --quiet --defaults --help"]


@pytest.mark.parametrize("version", ["9.18.2", "8.3.0", "10.0.0", "90.19.0", ""])
def test_with_another_copier_uv_brings_the_pinned_one(programs: Path, tmp_path: Path, version: str) -> None:
    program(programs, "copier", copier(version))
    program(programs, "uvx", f'shift 4\nexec {tool("copier")} "$@"')
    program(programs, "pipx", "exit 99")

    outcome, calls = guard(programs, tmp_path)

    assert outcome.code == 0
    assert calls == [f"uvx --quiet --from {PINNED} copier update --quiet --defaults --help"]


def test_without_uv_pipx_brings_it(programs: Path, tmp_path: Path) -> None:
    program(programs, "pipx", f'shift 5\nexec {tool("copier")} "$@"')

    outcome, calls = guard(programs, tmp_path)

    assert outcome.code == 0
    assert calls == [f"pipx run --quiet --spec {PINNED} copier update --quiet --defaults --help"]


def test_without_both_it_is_installed_once_into_the_cache(programs: Path, tmp_path: Path) -> None:
    home = tmp_path / "cache/copier-9.19.1"
    installed = copier("9.19.1").replace('"', '\\"').replace("$", "\\$")
    make_pip = f'printf "%s\\n" "#!/usr/bin/env bash" "{installed}" >"$4/bin/copier"; chmod +x "$4/bin/copier"'
    program(programs, "python3", f'mkdir -p "$4/bin"; {make_pip}; cp "{programs}/pip" "$4/bin/pip"')
    program(programs, "pip", "")
    (programs / "cp").symlink_to(shutil.which("cp") or "")

    outcome, calls = guard(programs, tmp_path)
    shutil.rmtree(tmp_path / "service")
    again, calls_of_both = guard(programs, tmp_path)

    assert outcome.code == 0
    assert again.code == 0
    assert calls == calls_of_both == [f"python3 -m venv --clear {home}", f"pip install --quiet {PINNED}"]


def test_without_anything_it_says_what_to_install(programs: Path, tmp_path: Path) -> None:
    program(programs, "python3", "echo 'No module named venv' >&2; exit 1")

    outcome, _ = guard(programs, tmp_path)

    assert outcome.code == 10
    assert "refused    Copier could not be installed\nnext       install uv (https://docs.astral.sh/uv)" in outcome.err


def test_the_pinned_version_is_the_one_that_the_tests_use(tmp_path: Path) -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    locked = [package["version"] for package in packages if package["name"] == "copier"]
    render(made_releases(), tmp_path / "service", {})

    pinned = re.findall(r"\d+\.\d+\.\d+", (tmp_path / "service/scripts/template-update").read_text())

    assert pinned == locked
