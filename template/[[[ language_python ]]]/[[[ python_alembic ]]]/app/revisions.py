"""Which migrations this code needs."""

from collections.abc import Collection
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "migrations"


def known_revisions(folder: Path = FOLDER) -> list[str]:
    """Return the revisions of the files `0001_create_items.py` and so on, in their order."""
    return sorted(file.stem.partition("_")[0] for file in (folder / "versions").glob("[0-9]*.py"))


def missing_revisions(known: list[str], applied: Collection[str]) -> list[str]:
    """Return what a database lacks; one at a revision unknown to this code is ahead of it, and lacks nothing."""
    if not known or any(revision not in known for revision in applied):
        return []
    newest = max(applied, default="")
    return [revision for revision in known if revision > newest]
