"""What a store of items promises."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.items.item import Item, ItemInput


class ItemRepository(Protocol):
    """Both stores keep these promises; a name that is taken is a conflict problem."""

    async def list(self, limit: int, after: UUID | None) -> Sequence[Item]:
        """Return items in the order of ids; `after` is the last id of the page before."""
        ...

    async def get(self, item_id: UUID) -> Item | None:
        """Return an item, if there is one."""
        ...

    async def insert(self, item: Item) -> None:
        """Keep a new item."""
        ...

    async def replace(self, item_id: UUID, new: ItemInput, updated_at: datetime) -> Item | None:
        """Change an item as a whole, if there is one."""
        ...

    async def delete(self, item_id: UUID) -> bool:
        """Forget an item; tell whether there was one."""
        ...
