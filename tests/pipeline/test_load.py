"""``scripts/load``: the k6 that is here, else its image, and never a test that did not run."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.process import Outcome, environment, run
from pipeline.pins import PINNED_IMAGE
from pipeline.repositories import PIPELINES, rendered

NAME = next(name for name, answers in PIPELINES.items() if answers["load_test"] == "k6")
PROGRAM = """\
#!/bin/bash
[[ $1 != info ]] || exit {info}
echo "{name} $* BASE_URL=$BASE_URL" >>{calls}
exit {code}
"""

Load = Callable[..., Outcome]


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Name the file in which programs note how they were called."""
    return tmp_path / "calls"


@pytest.fixture
def load(tmp_path: Path, calls: Path) -> Load:
    """``load({"docker": 0})``: the script on a machine that has these programs alone; a number is how they end."""
    repository = tmp_path / "repo"
    shutil.copytree(rendered(NAME) / "scripts", repository / "scripts")
    shutil.copytree(rendered(NAME) / "tests" / "load", repository / "tests" / "load")

    def call(programs: dict[str, int], *arguments: str, dead: tuple[str, ...] = (), **env: str) -> Outcome:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("bash", "env", "dirname"):
            (folder / name).symlink_to(shutil.which(name) or "")
        for name, code in programs.items():
            file = folder / name
            file.write_text(PROGRAM.format(name=name, calls=calls, code=code, info=int(name in dead)))
            file.chmod(0o755)
        clean = environment(without=("BASE_URL",), PATH=str(folder), **env)
        return run([repository / "scripts" / "load", *arguments], cwd=tmp_path, env=clean)

    call.__dict__["repository"] = repository
    return call


def test_the_k6_of_the_machine_comes_first(load: Load, calls: Path) -> None:
    load({"k6": 0, "docker": 0}, "--quiet", BASE_URL="https://staging.example.com").succeeded()

    assert calls.read_text() == "k6 run --quiet tests/load/items.js BASE_URL=https://staging.example.com\n"


def test_without_it_the_pinned_image_runs_with_the_same_settings(load: Load, calls: Path, tmp_path: Path) -> None:
    load({"docker": 0, "podman": 0}, BASE_URL="https://staging.example.com").succeeded()

    (line,) = calls.read_text().splitlines()
    image = next(word for word in line.split() if word.startswith("grafana/k6:"))
    assert PINNED_IMAGE.fullmatch(image)
    assert line.endswith(f"{image} run tests/load/items.js BASE_URL=https://staging.example.com")
    assert {"--env", "BASE_URL", "RATE", "DURATION", "--network", "host"} <= set(line.split())
    assert f"--volume {tmp_path}/repo/tests/load:/tests/load:ro" in line


def test_podman_stands_in_for_a_docker_that_does_not_answer(load: Load, calls: Path) -> None:
    load({"docker": 0, "podman": 0}, dead=("docker",)).succeeded()

    assert calls.read_text().startswith("podman run ")


@pytest.mark.parametrize("dead", [(), ("docker", "podman")])
def test_a_machine_without_any_is_told_so(dead: tuple[str, ...], load: Load) -> None:
    outcome = load(dict.fromkeys(dead, 0), dead=dead)

    assert (outcome.code, outcome.err) == (10, "no k6: install it, or start Docker or Podman, and repeat\n")


@pytest.mark.parametrize("program", ["k6", "docker"])
def test_a_missed_threshold_fails(program: str, load: Load) -> None:
    assert load({program: 99}).code == 99


def test_every_script_runs_until_one_fails(load: Load, calls: Path) -> None:
    folder: Path = load.__dict__["repository"] / "tests" / "load"
    (folder / "aside.js").write_text("")
    (folder / "later.js").write_text("")

    outcome = load({"k6": 0}).succeeded()

    assert [line.split()[2] for line in calls.read_text().splitlines()] == [
        f"tests/load/{name}.js" for name in ("aside", "items", "later")
    ]
    assert outcome.out == ""


def test_without_a_load_test_nothing_is_left_of_it() -> None:
    name = next(name for name, answers in PIPELINES.items() if answers["load_test"] == "none")

    assert not (rendered(name) / "scripts" / "load").exists()
    assert os.access(rendered(NAME) / "scripts" / "load", os.X_OK)
