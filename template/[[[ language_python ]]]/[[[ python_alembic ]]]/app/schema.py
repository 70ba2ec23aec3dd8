"""How the database gets its schema: by Alembic."""

import alembic.command
import psycopg
from alembic.config import Config as Alembic
from alembic.runtime.migration import MigrationInfo
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.config import Config
from app.log import Log
from app.revisions import FOLDER

# Several instances may start this side by side: the first works, the others wait and find nothing to do.
_LOCK = text("SELECT pg_advisory_xact_lock(7262340195831)")


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
