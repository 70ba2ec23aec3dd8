"""What can be done with items."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.items.item import ItemInput, ItemPageQuery, encode_cursor
from app.items.memory import CAPACITY, MemoryItems
from app.items.service import ItemService
from app.problem import Problem
from tests.support.deps import id_of

pytestmark = pytest.mark.anyio
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[datetime]:
    """Return moments a day apart."""
    return (FIRST + timedelta(days=days) for days in range(100))


@pytest.fixture
def service(clock: Iterator[datetime]) -> ItemService:
    """Return a service on an empty store; its days pass with every change."""
    ids = iter([id_of(number) for number in range(1, 10)])
    return ItemService(MemoryItems(), lambda: next(clock), lambda: next(ids))


async def test_a_new_item_gets_an_id_and_its_times(service: ItemService) -> None:
    item = await service.create(ItemInput(name="anchor"))

    assert (item.id, item.created_at, item.updated_at) == (id_of(1), FIRST, FIRST)


async def test_a_replaced_item_keeps_its_id_and_its_time_of_creation(service: ItemService) -> None:
    created = await service.create(ItemInput(name="anchor"))

    replaced = await service.replace(created.id, ItemInput(name="chain", description="long"))

    assert (replaced.id, replaced.created_at) == (created.id, created.created_at)
    assert (replaced.name, replaced.description) == ("chain", "long")
    assert replaced.updated_at == FIRST + timedelta(days=1)


async def test_what_is_absent_is_refused(service: ItemService) -> None:
    with pytest.raises(Problem, match="not_found"):
        await service.get(id_of(1))
    with pytest.raises(Problem, match="not_found"):
        await service.replace(id_of(1), ItemInput(name="a"))
    with pytest.raises(Problem, match="not_found"):
        await service.delete(id_of(1))


async def test_pages_are_linked_by_their_cursors(service: ItemService) -> None:
    for name in ("a", "b", "c"):
        await service.create(ItemInput(name=name))

    page = await service.list(ItemPageQuery(limit=["2"]))  # type: ignore[arg-type]
    full = await service.list(ItemPageQuery(limit=["3"]))  # type: ignore[arg-type]

    assert ([item.name for item in page.data], page.next_cursor) == (["a", "b"], encode_cursor(id_of(2)))
    assert full.next_cursor is None


async def test_memory_tells_when_it_is_full() -> None:
    numbers = iter(range(CAPACITY + 1))
    service = ItemService(MemoryItems(), lambda: FIRST, lambda: id_of(next(numbers)))
    for number in range(CAPACITY):
        await service.create(ItemInput(name=str(number)))

    with pytest.raises(Problem, match="storage_full"):
        await service.create(ItemInput(name="one more"))
