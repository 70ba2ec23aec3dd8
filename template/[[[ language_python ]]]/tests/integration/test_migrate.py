"""Migrations."""

from concurrent.futures import ThreadPoolExecutor

from psycopg import sql

from app.revisions import known_revisions
from tests.support.database import TestDatabase
from tests.support.process import started

DONE = "the database has every migration"
TABLES = sql.SQL("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")


def migrate(database: TestDatabase) -> tuple[int, list[str], str]:
    with started("app.migrate", **database.env) as process:
        return process.ended()


def test_an_empty_database_gets_every_migration(database: TestDatabase) -> None:
    outcome = migrate(database)

    assert outcome == (0, [*(f"{revision} is applied" for revision in known_revisions()), DONE], "")


def test_a_second_run_finds_nothing_to_do(database: TestDatabase) -> None:
    migrate(database)
    before = database.query(TABLES)

    assert migrate(database) == (0, [DONE], "")
    assert database.query(TABLES) == before


def test_runs_side_by_side_wait_for_each_other(database: TestDatabase) -> None:
    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(migrate, [database] * 3))

    assert [code for code, *_ in outcomes] == [0, 0, 0]
    assert sum(len(messages) for _, messages, _ in outcomes) == 3 + len(known_revisions())


def test_a_database_out_of_reach_is_told(database: TestDatabase) -> None:
    with started("app.migrate", **database.env | {"DB_PORT": "1"}) as process:
        code, messages, err = process.ended()

    assert (code, messages, err) == (1, ["migration failed"], "")
    assert process.lines[0]["error_type"] == "OperationalError"
