"""Readiness with a database."""

from dataclasses import replace
from datetime import timedelta

from psycopg import sql

from app.schema import migrate
from tests.support.client import client_on
from tests.support.database import TestDatabase
from tests.support.deps import NOW, parts_of

UP = '{"status":"UP","components":{"db":{"status":"UP"}}}'
DOWN = '{"status":"DOWN","components":{"db":{"status":"DOWN"}}}'


def test_a_migrated_database_is_ready(database: TestDatabase) -> None:
    migrate(database.config, parts_of().deps.log)
    parts = parts_of(**database.env)
    with client_on(parts, []) as client:
        answer = client.get("/ready")

    assert (answer.status_code, answer.text) == (200, UP)
    assert parts.lines == []


def test_a_database_out_of_reach_is_down_and_that_is_logged_once(database: TestDatabase) -> None:
    nowhere = TestDatabase(database.env | {"DB_PORT": "1"})
    parts = parts_of(**nowhere.env, DB_CONNECT_TIMEOUT_MS="600000")
    with client_on(parts, []) as client:
        answers = [client.get("/ready") for _ in range(3)]

    assert {(answer.status_code, answer.text) for answer in answers} == {(503, DOWN)}
    assert answers[0].headers["retry-after"] == "1"
    changes = [line for line in parts.lines if line["message"] == "readiness changed"]
    assert [(line["status"], line["level"]) for line in changes] == [("DOWN", "warn")]


def test_a_database_that_comes_back_is_ready_again(database: TestDatabase) -> None:
    migrate(database.config, parts_of().deps.log)
    days = iter(range(10))
    parts = parts_of(**database.env, DB_POOL_MAX="1")
    later = replace(parts.deps, now=lambda: NOW + timedelta(days=next(days)))
    with client_on(replace(parts, deps=later), []) as client:
        before = client.get("/ready")
        database.query(
            sql.SQL("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {}").format(
                database.env["DB_NAME"]
            )
            + sql.SQL(" AND pid <> pg_backend_pid()")
        )
        during, after = client.get("/ready"), client.get("/ready")

    assert [answer.text for answer in (before, during, after)] == [UP, DOWN, UP]
    assert [line["status"] for line in parts.lines if line["message"] == "readiness changed"] == ["DOWN", "UP"]
