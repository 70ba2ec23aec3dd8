"""The table of docs/ownership.md and what copier.yml does are the same."""

import functools
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pathspec import PathSpec

from kit import fast, interview, owners, rooms
from kit.renderings import COMBOS, answers, each_combination, export, files, repeat, sources
from kit.report import fail
from kit.tools import ROOT


def held_back(name: str, template: Path) -> set[str]:
    return fast.held_back(template, COMBOS[name], files(name))


@functools.cache
def skipped() -> PathSpec[Any]:
    return PathSpec.from_lines("gitignore", interview.load(ROOT)["_skip_if_exists"])


def written_once(paths: Iterable[str]) -> set[str]:
    return set(skipped().match_files(paths))


def owned(name: str, owner: owners.Owner) -> set[str]:
    return {path for path in files(name) if owners.owner_of(path) == owner}


@each_combination
def test_every_path_is_in_exactly_one_row(name: str) -> None:
    for path in files(name):
        if len(found := owners.rows_of(path)) != 1:
            fail(name, path, "one row in docs/ownership.md", [row.globs for row in found], repeat(name))


def test_every_row_holds_a_path() -> None:
    paths = {path for name in COMBOS for path in rooms.opened(sources(), answers(name))}

    assert [row.globs for row in owners.rows() if not any(map(row.holds, paths))] == []


@each_combination
def test_seeded_is_what_an_update_holds_back(name: str) -> None:
    assert held_back(name, export()) == owned(name, "seeded")


@each_combination
def test_pinned_is_what_copier_writes_once(name: str) -> None:
    assert written_once(files(name)) == owned(name, "pinned")


def test_rooms_that_can_close_hold_nothing_seeded() -> None:
    """An update would neither bring a seeded file of a room that opens nor know whose it is when the room closes."""
    lasting = {
        "language_go",
        "language_java",
        "language_node",
        "language_python",
        "framework_django",
        "framework_fastapi",
        "framework_flask",
        "python_alembic",
        "python_sync",
    }
    closing = [source for source in sources() if set(rooms.rooms_of(source)) - lasting]

    assert [source for source in closing if owners.owner_of(rooms.destination(source)) == "seeded"] == []


def test_a_path_that_loses_its_seed_is_found(tmp_path: Path) -> None:
    template = shutil.copytree(export(), tmp_path / "template")
    facts = yaml.safe_load((template / "includes/languages/node.yml").read_text())
    facts["seeded"].remove("src/routes.ts")
    (template / "includes/languages/node.yml").write_text(yaml.safe_dump(facts))
    name = next(iter(COMBOS))

    assert owned(name, "seeded") - held_back(name, template) == {"src/routes.ts"}


@pytest.mark.parametrize(
    ("path", "owner"),
    [("src/items/item.ts", "seeded"), ("src/app.ts", "managed"), ("package-lock.json", "pinned")],
)
def test_the_table_tells_the_owner(path: str, owner: str) -> None:
    assert owners.owner_of(path) == owner
