"""What people changed is there after an update; they are asked only where both sides changed the same lines."""

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from kit import tree
from kit.releases import OLDER
from kit.template import git
from kit.updates import Edit, Update, touching, update
from update.edits import EDITS, HOSTILE, TYPICAL, TYPICAL_OF_GO, TYPICAL_OF_JAVA, TYPICAL_OF_PYTHON, append, edit

ALONE = {edit.name: [edit] for edit in EDITS}
PROFILES = {"typical": TYPICAL, "hostile": [*TYPICAL, *HOSTILE], "nothing": []}
OTHERS = {"python": TYPICAL_OF_PYTHON, "java": TYPICAL_OF_JAVA, "go": TYPICAL_OF_GO}
CASES = PROFILES | ALONE | {f"typical of {language}": edits for language, edits in OTHERS.items()}

each_case = pytest.mark.parametrize("case", CASES)


def updated(case: str) -> Update:
    language = case.removeprefix("typical of ")
    return update(OLDER, CASES[case], {"language": language} if language in OTHERS else {})


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
    whole = [case for case in CASES if case.startswith("typical")]
    assert [(case, updated(case).conflicts()) for case in whole if updated(case).conflicts()] == []


def test_conflicts_stay_rare_and_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    both, conflicts = Counter[str](), Counter[str]()
    for case in CASES:
        both.update(map(kind, updated(case).changed_by_both()))
        conflicts.update(map(kind, updated(case).conflicts()))

    with capsys.disabled():
        for name, count in sorted(both.items()):
            sys.stderr.write(f"conflicts in {name}: {conflicts[name]} of {count} files that both sides changed\n")

    assert conflicts.total() <= both.total() / 2


def test_the_oracles_find_what_they_are_for() -> None:
    """Without a hand-over Copier deletes what the template dropped, edits included: all of this must be seen."""
    doctor = edit("doctor", "unkept", partial(append, "scripts/doctor", "# USER-doctor\n"))
    done = update(OLDER, [doctor])
    reverted = replace(done, result=done.result | {"src/app.ts": tree.Entry("644", b"")})
    chmod = replace(done, result=done.result | {"src/app.ts": tree.Entry("755", done.mine["src/app.ts"].content)})

    assert lost([doctor], done) == ["doctor"]
    assert done.deleted() == {"scripts/doctor"}
    assert reverted.reverted() == chmod.reverted() == ["src/app.ts"]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("1 2 X 4 5", "1 2 Y 4 5"),
        ("1 2 X 4 5", "1 2 3 Y 5"),
        ("1 2 X 4 5", "1 Y 3 4 5"),
        ("1 2 3 X 4 5", "1 2 Y 4 5"),
        ("1 2 3 X 4 5", "1 2 3 Y 5"),
        ("X 1 2 3 4 5", "Y 2 3 4 5"),
        ("1 2 3 4 5 X", "1 2 3 4 5 Y"),
    ],
)
def test_changes_of_the_same_or_neighbouring_lines_touch(mine: str, theirs: str, tmp_path: Path) -> None:
    assert touching(lines("1 2 3 4 5"), lines(mine), lines(theirs), tmp_path)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("1 2 X 4 5", "1 2 3 4 Y"),
        ("1 2 3 X 4 5", "1 Y 3 4 5"),
        ("1 2 3 X 4 5", "1 2 3 4 Y"),
        ("1 4 5", "1 2 3 4 Y"),
        ("1 2 3 4 5", "1 Y 3 4 5"),
    ],
)
def test_changes_with_a_line_between_them_do_not_touch(mine: str, theirs: str, tmp_path: Path) -> None:
    assert not touching(lines("1 2 3 4 5"), lines(mine), lines(theirs), tmp_path)


def lines(words: str) -> bytes:
    return words.replace(" ", "\n").encode() + b"\n"


def kind(path: str) -> str:
    """Return the class of a file, by which conflicts are counted."""
    return Path(path).parts[0] if "/" in path else path
