"""PostgreSQL: a pool of Django's connections, and statements that end in rows or in a problem."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import django
import psycopg
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import PoolTimeout

from app.backend.base import DatabaseWrapper
from app.config import Config
from app.deadline import remaining
from app.metrics import Metrics
from app.pool import Connection, connection_options, pool_options, statement, statistics_of
from app.problem import Problem
from app.revisions import known_revisions, missing_revisions

# Models can be imported only when Django knows its settings.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings")
django.setup()


class Db:
    """The database; the service starts without a reachable one."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._metrics = metrics
        self._revisions = known_revisions()
        # The server's own time-out does not help when the server is out of reach.
        self._patience = config.db_statement_timeout_ms / 1000 + 1
        use_database(config, "app.backend", pool=pool_options(config), **connection_options(config))
        self._pool = _connection().pool
        metrics.watch_pool(partial(statistics_of, self._pool))

    def open(self) -> None:
        """Begin to connect, without waiting for it."""
        self._pool.open(wait=False)

    def close(self) -> None:
        """End all connections."""
        _connection().close_pool()
        leave_database()

    @contextmanager
    def statement(self, operation: str, collection: str) -> Iterator[None]:
        """Lend a connection to the models of a block, which is one statement."""
        ended = partial(self._metrics.query_ended, operation, collection)
        with self._connected() as connected, statement(connected, self._patience, ended), _unwrapped():
            yield

    def ping(self) -> None:
        """Fail when the database does not answer or lacks a migration that this code needs."""
        if not self._revisions:
            with self.statement("SELECT", ""), connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return
        with self.statement("SELECT", "django_migrations"):
            applied = {".".join(row) for row in MigrationRecorder.Migration.objects.values_list("app", "name")}
        if missing := missing_revisions(self._revisions, applied):
            message = f"migrations are not applied: {', '.join(missing)}"
            raise LookupError(message)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with _unwrapped():
                connection.ensure_connection()
        except psycopg.Error as error:
            if isinstance(error, PoolTimeout):
                # It may be the request that has no time left.
                remaining(self._pool.timeout)
                self._metrics.connection_timed_out()
            raise Problem("unavailable") from error
        try:
            yield connection.connection
        finally:
            connection.close()


def use_database(config: Config, engine: str, **options: object) -> None:
    """Make the database of a configuration that of Django's models."""
    options = {**conninfo_to_dict(config.conninfo), **options}
    _configure({DEFAULT_DB_ALIAS: {"ENGINE": engine, "NAME": config.db_name, "OPTIONS": options}})


def leave_database() -> None:
    """Close the connection of this thread, and let the models have no database."""
    connections[DEFAULT_DB_ALIAS].close()
    del connections[DEFAULT_DB_ALIAS]
    _configure({})


def _configure(databases: dict[str, dict[str, object]]) -> None:
    connections.databases.update(connections.configure_settings(databases))


def _connection() -> DatabaseWrapper:
    """Return the connection of this thread, which it opens when a statement wants one."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    assert isinstance(wrapper, DatabaseWrapper)  # noqa: S101 - narrows the type
    return wrapper


@contextmanager
def _unwrapped() -> Iterator[None]:
    """Let errors be those of psycopg, which have a code; Django wraps them."""
    try:
        yield
    except Error as error:
        raise error.__cause__ or error from None
