"""Brings the database to the newest schema; its own entry point, for the service never migrates."""

import os
import sys

import alembic.command
import psycopg
from alembic.config import Config as Alembic
from alembic.runtime.migration import MigrationInfo
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.config import Config, ConfigError, load_config
from app.log import Log
from app.revisions import FOLDER

# Several instances may start this side by side: the first works, the others wait and find nothing to do.
_LOCK = text("SELECT pg_advisory_xact_lock(7262340195831)")


def main() -> str | int:
    """Migrate by the settings of the environment; return why that cannot be, or the exit code."""
    try:
        config = load_config(os.environ)
    except ConfigError as error:
        return str(error)
    if not config.has_database:
        return "there is no database to migrate: set DATABASE_URL, or DB_HOST, DB_NAME and DB_USER"
    log = Log(config)
    try:
        migrate(config, log)
    except Exception as error:  # noqa: BLE001 - whatever it was, the platform has to hear of it
        log.migration_failure(error)
        return 1
    log.migration("the database has every migration")
    return 0


def migrate(config: Config, log: Log) -> None:
    """Run what is missing, all or nothing."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(config.conninfo), poolclass=NullPool
    )
    settings = Alembic()
    settings.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        connection.execute(_LOCK)
        settings.attributes["connection"] = connection
        settings.attributes["on_version_apply"] = lambda step, **_: _tell(log, step)
        alembic.command.upgrade(settings, "head")


def _tell(log: Log, step: MigrationInfo) -> None:
    for revision in step.up_revision_ids:
        log.migration(f"{revision} is applied")


if __name__ == "__main__":
    sys.exit(main())
