"""An update that is killed costs nothing: the way back gives everything back, and the next update does its work."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from kit import tree
from kit.process import run, start, wait_until
from kit.releases import OLDER, fresh, made_releases
from kit.template import git
from kit.tools import tool
from kit.updates import NO_ANSWERS, bring_up_to_date, update
from update.edits import HOSTILE, TYPICAL

WAY_BACK = "git reset --hard && git clean -fd"
EVERYTHING = [*TYPICAL, *HOSTILE]


def changed(repository: Path) -> list[str]:
    return git(repository, "--no-optional-locks", "status", "--porcelain").splitlines()


@pytest.mark.parametrize("files", [1, 5])
def test_a_killed_update_is_undone_by_the_way_back_and_can_be_repeated(files: int, tmp_path: Path) -> None:
    finished = update(OLDER, EVERYTHING)
    repository = shutil.copytree(finished.repository.parent / "mine", tmp_path / "repository", symlinks=True)
    before = tree.read(repository)

    with start([tool("copier"), "update", "--defaults", repository]) as running:
        wait_until(lambda: len(changed(repository)) >= files, f"{files} files have changed", deadline=60)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(10)
    half_way = tree.read(repository)
    run(["bash", "-c", WAY_BACK], cwd=repository).succeeded()

    assert half_way not in (before, finished.result)
    assert tree.read(repository) == before

    bring_up_to_date(repository)

    assert tree.difference(finished.result, tree.read(repository)) == []


def test_a_stopped_questionnaire_changes_nothing(tmp_path: Path) -> None:
    repository = shutil.copytree(fresh(made_releases(), OLDER, NO_ANSWERS), tmp_path / "repository")

    outcome = run([tool("copier"), "update", repository])  # no terminal, no answers

    assert outcome.code == 1
    assert changed(repository) == []
