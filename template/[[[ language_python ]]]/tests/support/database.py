"""PostgreSQL for tests: the server that the variables name, and a database of its own for each test."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from app.config import Config
from tests.support.deps import config_of

_NAMES = ("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASS", "DB_SSLMODE", "DB_SSLROOTCERT")
DATABASE_ENV = {name: os.environ[name] for name in _NAMES if os.environ.get(name)}
_END_CONNECTIONS = sql.SQL(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {} AND usename = current_user"
)


@dataclass(frozen=True)
class TestDatabase:
    """An empty database."""

    __test__ = False

    env: dict[str, str]

    @property
    def config(self) -> Config:
        """Return the settings that reach it."""
        return config_of(**self.env)

    def query(self, statement: sql.SQL | sql.Composed) -> list[tuple[Any, ...]]:
        """Run a statement as nobody of the service does."""
        with psycopg.connect(self.config.conninfo, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def new_database() -> Iterator[TestDatabase]:
    """Create a database on the server, and drop it after the block."""
    assert "DB_HOST" in DATABASE_ENV, "set DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASS to a PostgreSQL"
    server = TestDatabase(DATABASE_ENV)
    name = f"test_{secrets.token_hex(6)}"
    server.query(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield TestDatabase({**DATABASE_ENV, "DB_NAME": name})
    finally:
        # WITH (FORCE) would also end an autovacuum that happens to work there, which only a superuser may.
        server.query(_END_CONNECTIONS.format(sql.Literal(name)))
        server.query(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
