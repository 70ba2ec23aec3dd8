"""PostgreSQL: a pool, and statements that end in rows or in a problem."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from app.config import Config
from app.deadline import remaining
from app.metrics import Metrics, PoolStatistics
from app.problem import Problem
from app.revisions import known_revisions, missing_revisions

Result = TypeVar("Result")


class Connection(psycopg.Connection[DictRow]):
    """A connection that does not wait for ever for a server that has fallen silent."""

    patience: float | None = None

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        """Wait for the server."""
        return super().wait(gen, interval, self.patience if timeout is None else timeout)


class Pool(ConnectionPool[Connection]):
    """A pool in which nobody waits for a database that has just refused."""

    def reconnect_failed(self) -> None:
        """Turn away who waits; while there are connections, one may become free."""
        with self._lock:
            while self._waiting and not self._nconns:
                self._waiting.popleft().fail(ConnectionError("the database takes no connections"))


class Db:
    """The database; the service starts without a reachable one."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._metrics = metrics
        self._revisions = known_revisions()
        self._limit = config.db_pool_max
        self._connect_seconds = config.db_connect_timeout_ms / 1000
        # The server's own time-out does not help when the server is out of reach.
        self._patience = config.db_statement_timeout_ms / 1000 + 1
        self._pool = Pool(
            config.conninfo,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "options": f"-c statement_timeout={config.db_statement_timeout_ms}",
                "keepalives_idle": 10,
                "keepalives_interval": 5,
            },
            connection_class=Connection,
            min_size=0,
            max_size=config.db_pool_max,
            # The next request tries again; the pool by itself would wait longer and longer.
            reconnect_timeout=0,
            open=False,
        )
        metrics.watch_pool(self._statistics)

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
        with self._connection() as connection:
            connection.patience = remaining(self._patience)
            started = time.perf_counter()
            error_type = ""
            try:
                cursor = connection.execute(sql, values)
                return cursor.fetchall() if cursor.description else []
            except psycopg.Error as error:
                error_type = error.sqlstate or "connection"
                if error.sqlstate is None and time.perf_counter() - started >= connection.patience:
                    # Asking the server to cancel would be to wait for it again.
                    connection.close()
                    raise Problem("timeout") from error
                raise _problem_of(error) from error
            finally:
                self._metrics.query_ended(operation, collection, error_type, time.perf_counter() - started)

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
            connection = self._pool.getconn(remaining(self._connect_seconds))
        except (psycopg.Error, ConnectionError) as error:
            if isinstance(error, PoolTimeout):
                # It may be the request that has no time left.
                remaining(self._connect_seconds)
                self._metrics.connection_timed_out()
            raise Problem("unavailable") from error
        try:
            yield connection
        finally:
            self._pool.putconn(connection)

    def _statistics(self) -> PoolStatistics:
        figures = self._pool.get_stats()
        size, idle = figures.get("pool_size", 0), figures.get("pool_available", 0)
        return PoolStatistics(idle, size - idle, self._limit, figures.get("requests_waiting", 0))


def _problem_of(error: psycopg.Error) -> Exception:
    """Tell refusals of the server, which have a code, from a broken connection, which has none."""
    state = error.sqlstate
    if state == "57014":
        return Problem("timeout")
    broken = state is None and isinstance(error, psycopg.OperationalError)
    if broken or (state is not None and state.startswith(("08", "53", "57P"))):
        return Problem("unavailable")
    return error


def reason_of(error: Exception) -> str:
    """Say why the database is not ready."""
    cause = error.__cause__ if isinstance(error, Problem) else error
    return str(cause or error)
