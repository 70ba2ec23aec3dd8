"""What people changed is there after an update; they are asked only where both sides changed the same lines."""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from kit.releases import OLDER
from kit.template import git
from kit.updates import Edit, Update, touching, update
from update.edits import EDITS, HOSTILE, TYPICAL

ALONE = {edit.name: [edit] for edit in EDITS}
PROFILES = {"typical": TYPICAL, "hostile": [*TYPICAL, *HOSTILE], "nothing": []}
CASES = PROFILES | ALONE

each_case = pytest.mark.parametrize("case", CASES)


def updated(case: str) -> Update:
    return update(OLDER, CASES[case])


def lost(edits: Iterable[Edit], result: Update) -> list[str]:
    """Return the edits whose mark was there before the update and is gone."""
    return [edit.name for edit in edits if edit.stays(result.mine) and not edit.stays(result.result)]


def both_touch(done: Update, path: str, folder: Path) -> bool:
    """Tell whether both sides changed the same or neighbouring lines of a file, or both added it."""
    base = done.base.get(path)
    return base is None or touching(base.content, done.mine[path].content, done.theirs[path].content, folder)


@each_case
def test_no_edit_is_lost(case: str) -> None:
    done = updated(case)

    assert [edit.name for edit in CASES[case] if not edit.stays(done.mine)] == []
    assert lost(CASES[case], done) == []


@each_case
def test_what_the_template_left_alone_does_not_change(case: str) -> None:
    assert updated(case).reverted() == []


@each_case
def test_a_conflict_is_where_both_sides_changed_the_same_lines(case: str, tmp_path: Path) -> None:
    done = updated(case)

    apart = [path for path in done.conflicts() if not both_touch(done, path, tmp_path)]

    assert apart == []
    assert set(done.conflicts()) <= done.changed_by_both()
    assert done.marked() == sorted(done.conflicts())


@each_case
def test_an_update_leaves_no_reject_and_no_commit(case: str) -> None:
    done = updated(case)

    assert done.rejects() == []
    assert git(done.repository, "log", "-1", "--format=%s").strip() == "Our own work"


@each_case
def test_only_what_the_template_dropped_is_deleted(case: str) -> None:
    done = updated(case)

    assert done.deleted() <= set(done.base) - set(done.theirs)


def test_typical_edits_never_conflict() -> None:
    assert [(edit.name, updated(edit.name).conflicts()) for edit in TYPICAL if updated(edit.name).conflicts()] == []
    assert updated("typical").conflicts() == []


def test_conflicts_stay_rare_and_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    both, conflicts = Counter[str](), Counter[str]()
    for case in CASES:
        both.update(map(kind, updated(case).changed_by_both()))
        conflicts.update(map(kind, updated(case).conflicts()))

    with capsys.disabled():
        for name, count in sorted(both.items()):
            sys.stderr.write(f"conflicts in {name}: {conflicts[name]} of {count} files that both sides changed\n")

    assert conflicts.total() <= both.total() / 2


def kind(path: str) -> str:
    """Return the class of a file, by which conflicts are counted."""
    return Path(path).parts[0] if "/" in path else path
