"""Which migrations a database lacks."""

from pathlib import Path

import pytest

from app.revisions import known_revisions, missing_revisions


def test_the_files_of_the_folder_are_known_in_their_order(tmp_path: Path) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    for name in ("0002_add_parts.py", "0001_create_items.py", ".gitkeep", "notes.py"):
        (versions / name).touch()

    assert known_revisions(tmp_path) == ["0001", "0002"]


@pytest.mark.parametrize(
    ("applied", "missing"),
    [
        ([], ["0001", "0002"]),
        (["0001"], ["0002"]),
        (["0002"], []),
        (["0003"], []),
    ],
    ids=["a fresh one", "an older one", "the same", "one of a later version"],
)
def test_a_database_lacks_what_is_newer_than_its_own_revision(applied: list[str], missing: list[str]) -> None:
    assert missing_revisions(["0001", "0002"], applied) == missing


def test_without_migrations_nothing_is_missing() -> None:
    assert missing_revisions([], []) == []
