"""How the database gets its schema: by Django's migrate command."""

from django.core.management import call_command
from django.core.management.commands.migrate import Command
from django.db import connection
from django.db.migrations import Migration

from app.config import Config
from app.db import leave_database, use_database
from app.log import Log

# Several instances may start this side by side: the first works, the others wait and find nothing to do.
_LOCK = "SELECT pg_advisory_lock(7262340195831)"


class Migrate(Command):
    """The command, whose progress is told by the log of the service."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def migration_progress_callback(
        self,
        action: str,
        migration: Migration | None = None,
        fake: bool = False,  # noqa: ARG002, FBT001, FBT002 - the signature of Django
    ) -> None:
        """Tell what is applied."""
        if action == "apply_success":
            self._log.migration(f"{migration} is applied")


def migrate(config: Config, log: Log) -> None:
    """Run what is missing; what has been applied stays when a later one fails."""
    use_database(config, "django.db.backends.postgresql")
    try:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
        call_command(Migrate(log), interactive=False, verbosity=0)
    finally:
        leave_database()
