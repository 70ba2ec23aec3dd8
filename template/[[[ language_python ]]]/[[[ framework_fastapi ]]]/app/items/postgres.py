"""Items in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from app.db import Db
from app.items import sql
from app.items.item import Item, ItemInput, name_taken


class PostgresItems:
    """Keeps the promises of `ItemRepository`."""

    def __init__(self, db: Db) -> None:
        self._db = db

    async def list(self, limit: int, after: UUID | None) -> Sequence[Item]:
        """Return items in the order of ids."""
        rows = await self._query("SELECT", sql.LIST, limit=limit, after=after)
        return [Item(**row) for row in rows]

    async def get(self, item_id: UUID) -> Item | None:
        """Return an item, if there is one."""
        rows = await self._query("SELECT", sql.GET, id=item_id)
        return Item(**rows[0]) if rows else None

    async def insert(self, item: Item) -> None:
        """Keep a new item."""
        await self._query("INSERT", sql.INSERT, **dict(item))

    async def replace(self, item_id: UUID, new: ItemInput, updated_at: datetime) -> Item | None:
        """Change an item as a whole, if there is one."""
        rows = await self._query("UPDATE", sql.REPLACE, id=item_id, **dict(new), updated_at=updated_at)
        return Item(**rows[0]) if rows else None

    async def delete(self, item_id: UUID) -> bool:
        """Forget an item; tell whether there was one."""
        return bool(await self._query("DELETE", sql.DELETE, id=item_id))

    async def _query(self, operation: str, statement: str, **values: object) -> Sequence[DictRow]:
        try:
            return await self._db.query(operation, "items", statement, values)
        except psycopg.errors.UniqueViolation as error:
            if error.diag.constraint_name != "items_name_unique":
                raise
            raise name_taken() from error
