"""Both stores of items keep the same promises."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.db import Db
from app.items.item import Item, ItemInput
from app.items.memory import MemoryItems
from app.items.postgres import PostgresItems
from app.items.repository import ItemRepository
from app.problem import Problem
from app.schema import migrate
from tests.support.database import new_database
from tests.support.deps import id_of, parts_of

TIME = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
LATER = TIME.replace(microsecond=679_000)


def item(number: int, name: str = "", description: str | None = None, updated_at: datetime = TIME) -> Item:
    return Item(
        id=id_of(number),
        name=name or f"item {number}",
        description=description,
        created_at=TIME,
        updated_at=updated_at,
    )


@pytest.fixture(params=["memory", "PostgreSQL"])
def items(request: pytest.FixtureRequest) -> Iterator[ItemRepository]:
    """Return both stores in turn, empty."""
    if request.param == "memory":
        yield MemoryItems()
        return
    with new_database() as database:
        deps = parts_of(**database.env).deps
        migrate(deps.config, deps.log)
        db = Db(deps.config, deps.metrics)
        db.open()
        yield PostgresItems(db)
        db.close()


def test_an_item_comes_back_as_it_was_kept(items: ItemRepository) -> None:
    kept = item(1, description="a\N{COMBINING ACUTE ACCENT} \N{SHIP} ' \\ %s\n")
    items.insert(kept)

    found = items.get(kept.id)

    assert found == kept
    assert found
    assert found.model_dump_json() == kept.model_dump_json()


def test_an_absent_item_is_no_error(items: ItemRepository) -> None:
    assert items.get(id_of(1)) is None
    assert items.replace(id_of(1), ItemInput(name="a"), LATER) is None
    assert items.delete(id_of(1)) is False


def test_a_page_is_in_the_order_of_ids_and_begins_after_one(items: ItemRepository) -> None:
    for number in (3, 1, 4, 2):
        items.insert(item(number))

    assert items.list(10, None) == [item(1), item(2), item(3), item(4)]
    assert items.list(2, id_of(1)) == [item(2), item(3)]
    assert items.list(2, id_of(4)) == []


def test_a_replaced_item_keeps_its_id_and_its_time_of_creation(items: ItemRepository) -> None:
    items.insert(item(1))

    replaced = items.replace(id_of(1), ItemInput(name="chain", description="long"), LATER)

    assert replaced == items.get(id_of(1)) == item(1, "chain", "long", LATER)


def test_a_name_is_taken_once(items: ItemRepository) -> None:
    items.insert(item(1, "anchor"))
    items.insert(item(2))

    with pytest.raises(Problem, match="conflict") as inserted:
        items.insert(item(3, "anchor"))
    with pytest.raises(Problem, match="conflict"):
        items.replace(id_of(2), ItemInput(name="anchor"), LATER)

    assert inserted.value.errors == [{"pointer": "#/name", "detail": "is already taken", "code": "taken"}]
    assert items.list(10, None) == [item(1, "anchor"), item(2)]


def test_names_are_compared_exactly(items: ItemRepository) -> None:
    names = ["anchor", "Anchor", "anchor ", "\xe9", "e\N{COMBINING ACUTE ACCENT}"]
    for number, name in enumerate(names):
        items.insert(item(number, name))

    assert [one.name for one in items.list(10, None)] == names


def test_an_item_may_be_replaced_under_its_own_name(items: ItemRepository) -> None:
    items.insert(item(1, "anchor"))

    assert items.replace(id_of(1), ItemInput(name="anchor", description=""), LATER)


def test_a_name_that_was_given_up_is_free(items: ItemRepository) -> None:
    items.insert(item(1, "anchor"))
    items.replace(id_of(1), ItemInput(name="chain"), LATER)
    items.insert(item(2, "anchor"))

    assert items.delete(id_of(1)) is True
    assert items.get(id_of(1)) is None
    items.insert(item(3, "chain"))
