"""Items in PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from psycopg.errors import UniqueViolation

from app.db import Db
from app.items.item import Item, ItemInput, name_taken
from app.items.models import ItemRow

COLUMNS = tuple(Item.model_fields)


class PostgresItems:
    """Keeps the promises of `ItemRepository`."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def list(self, limit: int, after: UUID | None) -> Sequence[Item]:
        """Return items in the order of ids."""
        rows = ItemRow.objects.order_by("id").values(*COLUMNS)
        if after:
            rows = rows.filter(id__gt=after)
        with self._statement("SELECT"):
            return [Item(**row) for row in rows[:limit]]

    def get(self, item_id: UUID) -> Item | None:
        """Return an item, if there is one."""
        with self._statement("SELECT"):
            row = ItemRow.objects.filter(id=item_id).values(*COLUMNS).first()
        return Item(**row) if row else None

    def insert(self, item: Item) -> None:
        """Keep a new item."""
        with self._statement("INSERT"):
            ItemRow.objects.create(**dict(item))

    def replace(self, item_id: UUID, new: ItemInput, updated_at: datetime) -> Item | None:
        """Change an item as a whole, if there is one."""
        row = ItemRow.objects.filter(id=item_id)
        with self._statement("UPDATE"), transaction.atomic():
            changed = row.update(**dict(new), updated_at=updated_at)
            return Item(**row.values(*COLUMNS).get()) if changed else None

    def delete(self, item_id: UUID) -> bool:
        """Forget an item; tell whether there was one."""
        with self._statement("DELETE"):
            deleted, _ = ItemRow.objects.filter(id=item_id).delete()
        return deleted > 0

    @contextmanager
    def _statement(self, operation: str) -> Iterator[None]:
        try:
            with self._db.statement(operation, "items"):
                yield
        except UniqueViolation as error:
            if error.diag.constraint_name != "items_name_unique":
                raise
            raise name_taken() from error
