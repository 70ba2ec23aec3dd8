"""The table of items."""

from django.db import models


class ItemRow(models.Model):
    """An item as it is stored; its rules stand in `Item`."""

    id = models.UUIDField(primary_key=True)
    # "C" compares bytes: its index stays valid when the operating system changes its sorting rules.
    name = models.TextField(db_collation="C")
    description = models.TextField(null=True)  # noqa: DJ001 - an absent one is not an empty one
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        """Its name, and the constraint that the service asks for."""

        db_table = "items"
        constraints = (models.UniqueConstraint(fields=["name"], name="items_name_unique"),)

    def __str__(self) -> str:
        """Return what tells it from others."""
        return self.name
