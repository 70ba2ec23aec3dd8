"""Items in memory."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.items.item import Item, ItemInput, name_taken
from app.problem import Problem

CAPACITY = 10_000


class MemoryItems:
    """Keeps the promises of `ItemRepository` until the process ends."""

    def __init__(self) -> None:
        self._items: dict[UUID, Item] = {}
        self._ids: dict[str, UUID] = {}

    async def list(self, limit: int, after: UUID | None) -> Sequence[Item]:
        """Return items in the order of ids."""
        following = sorted(item_id for item_id in self._items if after is None or item_id > after)
        return [self._items[item_id] for item_id in following[:limit]]

    async def get(self, item_id: UUID) -> Item | None:
        """Return an item, if there is one."""
        return self._items.get(item_id)

    async def insert(self, item: Item) -> None:
        """Keep a new item."""
        if item.name in self._ids:
            raise name_taken()
        if len(self._items) >= CAPACITY:
            raise Problem("storage_full")
        self._items[item.id] = item
        self._ids[item.name] = item.id

    async def replace(self, item_id: UUID, new: ItemInput, updated_at: datetime) -> Item | None:
        """Change an item as a whole, if there is one."""
        old = self._items.get(item_id)
        if old is None:
            return None
        if self._ids.get(new.name, item_id) != item_id:
            raise name_taken()
        item = old.model_copy(update={**new.model_dump(), "updated_at": updated_at})
        del self._ids[old.name]
        self._items[item_id] = item
        self._ids[item.name] = item_id
        return item

    async def delete(self, item_id: UUID) -> bool:
        """Forget an item; tell whether there was one."""
        item = self._items.pop(item_id, None)
        if item:
            del self._ids[item.name]
        return item is not None
