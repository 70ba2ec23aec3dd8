"""Brings the database to the newest schema; its own entry point, for the service never migrates."""

import os
import sys

from app.config import ConfigError, load_config
from app.log import Log
from app.schema import migrate


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


if __name__ == "__main__":
    sys.exit(main())
