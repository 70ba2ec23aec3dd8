"""Which migrations this code needs."""

from collections.abc import Collection

from django.db.migrations.loader import MigrationLoader


def known_revisions() -> list[str]:
    """Return the migrations of all apps, such as `items.0001_create_items`."""
    return sorted(".".join(migration) for migration in MigrationLoader(None).disk_migrations)


def missing_revisions(known: list[str], applied: Collection[str]) -> list[str]:
    """Return what a database lacks; what it has besides, a later version of this code has brought."""
    return [revision for revision in known if revision not in applied]
