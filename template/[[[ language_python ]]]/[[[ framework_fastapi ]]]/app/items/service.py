"""What can be done with items."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from app.items.item import Item, ItemInput, ItemPage, ItemPageQuery, encode_cursor
from app.items.repository import ItemRepository
from app.problem import Problem


class ItemService:
    """Ids, times, pages, and what happens when an item is absent."""

    def __init__(self, repository: ItemRepository, now: Callable[[], datetime], new_id: Callable[[], UUID]) -> None:
        self._repository = repository
        self._now = now
        self._new_id = new_id

    async def list(self, query: ItemPageQuery) -> ItemPage:
        """Return a page."""
        found = await self._repository.list(query.limit + 1, query.cursor)
        data = list(found[: query.limit])
        return ItemPage(data=data, next_cursor=encode_cursor(data[-1].id) if len(found) > query.limit else None)

    async def create(self, new: ItemInput) -> Item:
        """Create an item."""
        time = self._now()
        item = Item(id=self._new_id(), name=new.name, description=new.description, created_at=time, updated_at=time)
        await self._repository.insert(item)
        return item

    async def get(self, item_id: UUID) -> Item:
        """Return an item."""
        return _present(await self._repository.get(item_id))

    async def replace(self, item_id: UUID, new: ItemInput) -> Item:
        """Replace an item as a whole."""
        return _present(await self._repository.replace(item_id, new, self._now()))

    async def delete(self, item_id: UUID) -> None:
        """Delete an item."""
        if not await self._repository.delete(item_id):
            raise Problem("not_found")


def _present(item: Item | None) -> Item:
    if item is None:
        raise Problem("not_found")
    return item
