"""PostgreSQL: a pool, and statements that end in rows or in a problem."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from app.config import Config
from app.db_errors import problem_of
from app.metrics import Metrics, PoolStatistics
from app.problem import Problem
from app.revisions import known_revisions, missing_revisions

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]


class Db:
    """The database; the service starts without a reachable one."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._metrics = metrics
        self._revisions = known_revisions()
        self._limit = config.db_pool_max
        # The server's own time-out does not help when the server is out of reach.
        self._patience = config.db_statement_timeout_ms / 1000 + 1
        self._pool: Pool = AsyncConnectionPool(
            config.conninfo,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "options": f"-c statement_timeout={config.db_statement_timeout_ms}",
                "keepalives_idle": 10,
                "keepalives_interval": 5,
            },
            connection_class=AsyncConnection[DictRow],
            min_size=0,
            max_size=config.db_pool_max,
            timeout=config.db_connect_timeout_ms / 1000,
            # The next request tries again; the pool by itself would wait longer and longer.
            reconnect_timeout=0,
            reconnect_failed=self._give_up_waiting,
            open=False,
        )
        self._waiting: set[asyncio.Timeout] = set()
        metrics.watch_pool(self._statistics)

    async def open(self) -> None:
        """Begin to connect, without waiting for it."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """End all connections."""
        await self._pool.close()

    async def query(
        self, operation: str, collection: str, sql: str, values: Mapping[str, object] | None = None
    ) -> list[DictRow]:
        """Run one statement."""
        async with self._connection() as connection:
            started = time.perf_counter()
            error_type = ""
            try:
                return await self._within_time(connection, sql, values)
            except psycopg.Error as error:
                error_type = error.sqlstate or "connection"
                raise problem_of(error) from error
            except TimeoutError as error:
                error_type = "connection"
                raise Problem("timeout") from error
            finally:
                self._metrics.query_ended(operation, collection, error_type, time.perf_counter() - started)

    async def ping(self) -> None:
        """Fail when the database does not answer or lacks a migration that this code needs."""
        if not self._revisions:
            await self.query("SELECT", "", "SELECT 1")
            return
        rows = await self.query("SELECT", "alembic_version", "SELECT version_num FROM alembic_version")
        if missing := missing_revisions(self._revisions, [row["version_num"] for row in rows]):
            message = f"migrations are not applied: {', '.join(missing)}"
            raise LookupError(message)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        try:
            connection = await self._wait_for_connection()
        except (psycopg.Error, ConnectionError) as error:
            if isinstance(error, PoolTimeout):
                self._metrics.connection_timed_out()
            raise Problem("unavailable") from error
        try:
            yield connection
        finally:
            await self._pool.putconn(connection)

    async def _wait_for_connection(self) -> AsyncConnection[DictRow]:
        patience = asyncio.timeout(None)
        try:
            async with patience:
                self._waiting.add(patience)
                return await self._pool.getconn()
        except TimeoutError:
            raise ConnectionError("the database takes no connections") from None
        finally:
            self._waiting.discard(patience)

    async def _give_up_waiting(self, pool: Pool) -> None:
        """Let nobody wait for a database that has just refused; while there are connections, one may become free."""
        if pool.get_stats().get("pool_size", 0) == 0:
            while self._waiting:
                self._waiting.pop().reschedule(asyncio.get_running_loop().time())

    async def _within_time(
        self, connection: AsyncConnection[DictRow], sql: str, values: Mapping[str, object] | None
    ) -> list[DictRow]:
        """Give up a statement that takes too long, or whose request is given up, together with its connection.

        psycopg would ask the server to cancel it and wait for the answer of a server that may have fallen silent.
        """
        statement = asyncio.ensure_future(_rows(connection, sql, values))
        try:
            await asyncio.wait({statement}, timeout=self._patience)
        finally:
            if not statement.done():
                await connection.close()
                statement.cancel()
        if statement.cancelled() or not statement.done():
            raise TimeoutError
        return statement.result()

    def _statistics(self) -> PoolStatistics:
        figures = self._pool.get_stats()
        size, idle = figures.get("pool_size", 0), figures.get("pool_available", 0)
        return PoolStatistics(idle, size - idle, self._limit, figures.get("requests_waiting", 0))


async def _rows(connection: AsyncConnection[DictRow], sql: str, values: Mapping[str, object] | None) -> list[DictRow]:
    cursor = await connection.execute(sql, values)
    return await cursor.fetchall() if cursor.description else []
