"""Both stores of items keep the same promises."""

from collections.abc import AsyncIterator
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

pytestmark = pytest.mark.anyio
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
async def items(request: pytest.FixtureRequest) -> AsyncIterator[ItemRepository]:
    """Return both stores in turn, empty."""
    if request.param == "memory":
        yield MemoryItems()
        return
    with new_database() as database:
        deps = parts_of(**database.env).deps
        migrate(deps.config, deps.log)
        db = Db(deps.config, deps.metrics)
        await db.open()
        yield PostgresItems(db)
        await db.close()


async def test_an_item_comes_back_as_it_was_kept(items: ItemRepository) -> None:
    kept = item(1, description="a\N{COMBINING ACUTE ACCENT} \N{SHIP} ' \\ %s\n")
    await items.insert(kept)

    found = await items.get(kept.id)

    assert found == kept
    assert found
    assert found.model_dump_json() == kept.model_dump_json()


async def test_an_absent_item_is_no_error(items: ItemRepository) -> None:
    assert await items.get(id_of(1)) is None
    assert await items.replace(id_of(1), ItemInput(name="a"), LATER) is None
    assert await items.delete(id_of(1)) is False


async def test_a_page_is_in_the_order_of_ids_and_begins_after_one(items: ItemRepository) -> None:
    for number in (3, 1, 4, 2):
        await items.insert(item(number))

    assert await items.list(10, None) == [item(1), item(2), item(3), item(4)]
    assert await items.list(2, id_of(1)) == [item(2), item(3)]
    assert await items.list(2, id_of(4)) == []


async def test_a_replaced_item_keeps_its_id_and_its_time_of_creation(items: ItemRepository) -> None:
    await items.insert(item(1))

    replaced = await items.replace(id_of(1), ItemInput(name="chain", description="long"), LATER)

    assert replaced == await items.get(id_of(1)) == item(1, "chain", "long", LATER)


async def test_a_name_is_taken_once(items: ItemRepository) -> None:
    await items.insert(item(1, "anchor"))
    await items.insert(item(2))

    with pytest.raises(Problem, match="conflict") as inserted:
        await items.insert(item(3, "anchor"))
    with pytest.raises(Problem, match="conflict"):
        await items.replace(id_of(2), ItemInput(name="anchor"), LATER)

    assert inserted.value.errors == [{"pointer": "#/name", "detail": "is already taken", "code": "taken"}]
    assert await items.list(10, None) == [item(1, "anchor"), item(2)]


async def test_names_are_compared_exactly(items: ItemRepository) -> None:
    names = ["anchor", "Anchor", "anchor ", "\xe9", "e\N{COMBINING ACUTE ACCENT}"]
    for number, name in enumerate(names):
        await items.insert(item(number, name))

    assert [one.name for one in await items.list(10, None)] == names


async def test_an_item_may_be_replaced_under_its_own_name(items: ItemRepository) -> None:
    await items.insert(item(1, "anchor"))

    assert await items.replace(id_of(1), ItemInput(name="anchor", description=""), LATER)


async def test_a_name_that_was_given_up_is_free(items: ItemRepository) -> None:
    await items.insert(item(1, "anchor"))
    await items.replace(id_of(1), ItemInput(name="chain"), LATER)
    await items.insert(item(2, "anchor"))

    assert await items.delete(id_of(1)) is True
    assert await items.get(id_of(1)) is None
    await items.insert(item(3, "chain"))
