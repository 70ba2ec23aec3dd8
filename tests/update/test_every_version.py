"""A repository that nobody edited becomes by an update what a fresh copy is."""

import json
import re
import shutil
from pathlib import Path

import pytest
from copier import run_update
from copier.errors import UnsafeTemplateError

from kit import tree
from kit.owners import owner_of
from kit.process import run
from kit.releases import BETWEEN, OLDER, fresh, handed_over, made_releases, released
from kit.renderings import export
from kit.template import VERSION, Answers, commit_all, git, render
from kit.tools import ROOT, tool
from kit.updates import NO_ANSWERS, Update, bring_up_to_date, update
from update.edits import TYPICAL

CHOICES: dict[str, Answers] = {
    "defaults": {},
    "zip": {"artifact": "zip", "branching": "gitflow", "load_test": "none", "runtime_version": "22"},
    "python": {"language": "python"},
    "flask, zip": {
        "language": "python",
        "python_framework": "flask",
        "artifact": "zip",
        "branching": "gitflow",
        "runtime_version": "3.12",
    },
    "django": {"language": "python", "python_framework": "django"},
    "go": {"language": "go"},
    "go, zip": {"language": "go", "artifact": "zip", "branching": "gitflow", "runtime_version": "1.26"},
    "java": {"language": "java"},
    "java, zip": {"language": "java", "artifact": "zip", "branching": "gitflow", "runtime_version": "17"},
}


def expected(done: Update) -> tree.Tree:
    """Return what the update of an unedited repository must give.

    That is a fresh copy, but what belongs to the team (seeded, or pinned and there, or handed over) is the old one.
    """
    of_the_team = {path for path in done.mine if path in handed_over() or owner_of(path) != "managed"}
    given_once = {path for path in done.theirs if owner_of(path) == "seeded"}
    fresh_copy = {path: entry for path, entry in done.theirs.items() if path not in given_once}
    return fresh_copy | {path: done.mine[path] for path in of_the_team}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("version", released())
def test_an_update_equals_a_fresh_copy(version: str, choice: str) -> None:
    done = update(version, answers=CHOICES[choice])

    assert tree.difference(expected(done), done.result) == []
    assert done.deleted() == set(done.mine) - set(expected(done))


def test_the_older_release_differs_in_every_way_that_older_yml_says() -> None:
    done = update(OLDER)

    changed = {path for path in done.base if path in done.theirs and done.base[path] != done.theirs[path]}

    assert len(changed) >= 8
    assert {"scripts/database", "scripts/doctor"} == set(done.base) - set(done.theirs)
    assert set(done.theirs) - set(done.base) == {"SECURITY.md", "scripts/with-database"}


@pytest.mark.parametrize("edited", [False, True], ids=["unedited", "edited"])
def test_a_second_update_changes_nothing(edited: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    repository = shutil.copytree(update(OLDER, TYPICAL if edited else ()).repository, tmp_path / "repository")
    commit_all(repository, "Update from the template")

    bring_up_to_date(repository)
    check = run([tool("copier"), "check-update", "--output-format", "json", repository]).succeeded()

    assert git(repository, "status", "--porcelain") == ""
    assert json.loads(check.out)["update_available"] is False


def test_an_update_in_two_steps_gives_what_one_step_gives(tmp_path: Path) -> None:
    repository = shutil.copytree(fresh(made_releases(), OLDER, NO_ANSWERS), tmp_path / "repository")
    for edit in TYPICAL:
        edit.do(repository)
    commit_all(repository, "Our own work")
    for version in (BETWEEN, VERSION):
        bring_up_to_date(repository, version=version)
        commit_all(repository, f"Update to {version}")

    assert tree.difference(update(OLDER, TYPICAL).result, tree.read(repository)) == []


def test_a_migration_as_documented_keeps_edits_as_conflicts_and_wants_trust(tmp_path: Path) -> None:
    """What docs/releasing.md shows for the case that a hand-over cannot mend."""
    document = (ROOT / "docs/releasing.md").read_text()
    [migration] = re.findall(r"^_migrations:\n(?:  .+\n)+", document, re.MULTILINE)
    template = shutil.copytree(export(), tmp_path / "template")
    for version, path in {"v1.0.0": "old/path", "v2.0.0": "new/path"}.items():
        shutil.rmtree(template / "template/old", ignore_errors=True)
        (template / "template" / path).parent.mkdir()
        (template / "template" / path).write_text("ours\n")
        if version == "v2.0.0":
            (template / "copier.yml").write_text(migration + (template / "copier.yml").read_text())
        commit_all(template, version)
        git(template, "tag", version)
    render(template, tmp_path / "service", {}, "v1.0.0")
    (tmp_path / "service/new").mkdir()
    (tmp_path / "service/new/.keep").touch()
    (tmp_path / "service/old/path").write_text("ours\nUSER\n")
    commit_all(tmp_path / "service", "Our own work")

    with pytest.raises(UnsafeTemplateError, match="migrations"):
        bring_up_to_date(tmp_path / "service", version="v2.0.0")
    run_update(tmp_path / "service", vcs_ref="v2.0.0", defaults=True, overwrite=True, quiet=True, unsafe=True)

    assert not (tmp_path / "service/old").exists()
    assert "USER" in (tmp_path / "service/new/path").read_text()
    assert git(tmp_path / "service", "diff", "--name-only", "--diff-filter=U").split() == ["new/path"]
