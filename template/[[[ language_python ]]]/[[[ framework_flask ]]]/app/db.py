"""PostgreSQL: a pool, and statements that end in rows or in a problem."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from app.config import Config
from app.deadline import remaining
from app.metrics import Metrics
from app.pool import Connection, Pool, connection_options, pool_options, statement, statistics_of
from app.problem import Problem
from app.revisions import known_revisions, missing_revisions


class Db:
    """The database; the service starts without a reachable one."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._metrics = metrics
        self._revisions = known_revisions()
        # The server's own time-out does not help when the server is out of reach.
        self._patience = config.db_statement_timeout_ms / 1000 + 1
        self._pool: Pool = ConnectionPool(
            config.conninfo,
            kwargs={"autocommit": True, "row_factory": dict_row, **connection_options(config)},
            open=False,
            **pool_options(config),
        )
        metrics.watch_pool(partial(statistics_of, self._pool))

    def open(self) -> None:
        """Begin to connect, without waiting for it."""
        self._pool.open(wait=False)

    def close(self) -> None:
        """End all connections."""
        self._pool.close()

    def query(
        self, operation: str, collection: str, sql: str, values: Mapping[str, object] | None = None
    ) -> list[DictRow]:
        """Run one statement."""
        ended = partial(self._metrics.query_ended, operation, collection)
        with self._connection() as connection, statement(connection, self._patience, ended):
            cursor = connection.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def ping(self) -> None:
        """Fail when the database does not answer or lacks a migration that this code needs."""
        if not self._revisions:
            self.query("SELECT", "", "SELECT 1")
            return
        rows = self.query("SELECT", "alembic_version", "SELECT version_num FROM alembic_version")
        if missing := missing_revisions(self._revisions, [row["version_num"] for row in rows]):
            message = f"migrations are not applied: {', '.join(missing)}"
            raise LookupError(message)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            connection = self._pool.getconn(remaining(self._pool.timeout))
        except psycopg.Error as error:
            if isinstance(error, PoolTimeout):
                # It may be the request that has no time left.
                remaining(self._pool.timeout)
                self._metrics.connection_timed_out()
            raise Problem("unavailable") from error
        try:
            yield connection
        finally:
            self._pool.putconn(connection)
