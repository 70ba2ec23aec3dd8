"""Connections to PostgreSQL that several threads share, and how long each of them waits."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg_pool import ConnectionPool

from app.config import Config
from app.db_errors import problem_of
from app.deadline import remaining
from app.metrics import PoolStatistics
from app.problem import Problem

Result = TypeVar("Result")


class Connection(psycopg.Connection[Any]):
    """A connection that does not wait for ever for a server that has fallen silent."""

    patience: float | None = None

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        """Wait for the server."""
        return super().wait(gen, interval, self.patience if timeout is None else timeout)


Pool = ConnectionPool[Connection]


def connection_options(config: Config) -> dict[str, Any]:
    """Return what a connection is opened with."""
    return {
        "options": f"-c statement_timeout={config.db_statement_timeout_ms} -c timezone=UTC",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
    }


def pool_options(config: Config) -> dict[str, Any]:
    """Return what a pool is made with."""
    return {
        "connection_class": Connection,
        "min_size": 0,
        "max_size": config.db_pool_max,
        "timeout": config.db_connect_timeout_ms / 1000,
        # The next request tries again; the pool by itself would wait longer and longer.
        "reconnect_timeout": 0,
        "reconnect_failed": turn_away,
    }


def turn_away(pool: Pool) -> None:
    """Let nobody wait for a database that has just refused; while there are connections, one may become free."""
    with pool._lock:  # noqa: SLF001 - the pool has no name for it
        while pool._waiting and not pool._nconns:  # noqa: SLF001
            error = psycopg.OperationalError("the database takes no connections")
            pool._waiting.popleft().fail(error)  # noqa: SLF001


def statistics_of(pool: Pool) -> PoolStatistics:
    """Return the figures of a pool."""
    figures = pool.get_stats()
    size, idle = figures.get("pool_size", 0), figures.get("pool_available", 0)
    return PoolStatistics(idle, size - idle, pool.max_size, figures.get("requests_waiting", 0))


@contextmanager
def statement(connection: Connection, seconds: float, ended: Callable[[str, float], None]) -> Iterator[None]:
    """Give a statement so many seconds; it ends in rows or in a problem, and `ended` hears of error and time."""
    connection.patience = remaining(seconds)
    started = time.perf_counter()
    error_type = ""
    try:
        yield
    except psycopg.Error as error:
        error_type = error.sqlstate or "connection"
        if error.sqlstate is None and time.perf_counter() - started >= connection.patience:
            # Asking the server to cancel would be to wait for it again.
            connection.close()
            raise Problem("timeout") from error
        raise problem_of(error) from error
    finally:
        ended(error_type, time.perf_counter() - started)
