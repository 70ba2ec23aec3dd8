"""Statements end in rows or in a problem."""

from concurrent.futures import ThreadPoolExecutor

from tests.support.client import client_on
from tests.support.database import TestDatabase
from tests.support.deps import parts_of, problem_of
from tests.support.routes import asking

Refusal = tuple[int, str, list[str]]
UNAVAILABLE: Refusal = (503, "about:blank", [])
TIMEOUT: Refusal = (504, "/problems/timeout", [])


def test_a_statement_gives_its_rows_and_is_counted(database: TestDatabase) -> None:
    parts = parts_of(**database.env)
    with client_on(parts, asking("SELECT 1 AS one")) as client:
        answer = client.get("/v1/rows/0")
        metrics = parts.deps.metrics.text().decode()

    assert answer.json() == [{"one": 1}]
    assert (
        "db_client_operation_duration_seconds_count"
        '{db_collection_name="rows",db_operation_name="SELECT",error_type=""} 1.0'
    ) in metrics


def test_a_database_that_refuses_is_unavailable_at_once(database: TestDatabase) -> None:
    nowhere = TestDatabase(database.env | {"DB_PORT": "1"})
    env = {"DB_CONNECT_TIMEOUT_MS": "600000"}
    parts = parts_of(**nowhere.env, **env)
    with client_on(parts, asking("SELECT 1")) as client:
        answer = client.get("/v1/rows/0")

    assert (problem_of(answer), answer.headers["retry-after"]) == (UNAVAILABLE, "1")


def test_a_login_that_is_refused_is_unavailable_and_its_reason_stays_inside(database: TestDatabase) -> None:
    absent = TestDatabase(database.env | {"DB_NAME": "absent_database"})
    env = {"DB_CONNECT_TIMEOUT_MS": "600000"}
    parts = parts_of(**absent.env, **env)
    with client_on(parts, asking("SELECT 1")) as client:
        answer = client.get("/v1/rows/0")

    assert problem_of(answer) == UNAVAILABLE
    assert "absent_database" not in answer.text


def test_waiting_too_long_for_a_connection_is_unavailable_and_counted(database: TestDatabase) -> None:
    env = {"DB_POOL_MAX": "1", "DB_CONNECT_TIMEOUT_MS": "300"}
    parts = parts_of(**database.env, **env)
    with client_on(parts, asking("SELECT 1", "SELECT pg_sleep(1)")) as client:
        client.get("/v1/rows/0")
        with ThreadPoolExecutor() as pool:
            answers = list(pool.map(client.get, ["/v1/rows/1"] * 2))
        metrics = parts.deps.metrics.text().decode()

    assert sorted(answer.status_code for answer in answers) == [200, 503]
    assert 'db_client_connection_timeouts_total{db_client_connection_pool_name="main"} 1.0' in metrics


def test_a_statement_over_its_time_is_a_time_out_and_the_next_is_served(database: TestDatabase) -> None:
    env = {"DB_POOL_MAX": "1", "DB_STATEMENT_TIMEOUT_MS": "100"}
    parts = parts_of(**database.env, **env)
    with client_on(parts, asking("SELECT pg_sleep(5)", "SELECT 1")) as client:
        slow, quick = client.get("/v1/rows/0"), client.get("/v1/rows/1")

    assert (problem_of(slow), quick.status_code) == (TIMEOUT, 200)


def test_a_request_over_its_time_is_a_time_out_and_the_next_is_served(database: TestDatabase) -> None:
    env = {"DB_POOL_MAX": "1", "REQUEST_TIMEOUT_MS": "300"}
    parts = parts_of(**database.env, **env)
    with client_on(parts, asking("SELECT pg_sleep(2)", "SELECT 1")) as client:
        slow, quick = client.get("/v1/rows/0"), client.get("/v1/rows/1")

    assert (problem_of(slow), quick.status_code) == (TIMEOUT, 200)


def test_a_connection_that_breaks_in_use_is_unavailable_and_the_next_request_has_another(
    database: TestDatabase,
) -> None:
    statements = asking("SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1")
    parts = parts_of(**database.env, DB_POOL_MAX="1")
    with client_on(parts, statements) as client:
        broken, following = client.get("/v1/rows/0"), client.get("/v1/rows/1")

    assert (problem_of(broken), following.status_code) == (UNAVAILABLE, 200)


def test_a_wrong_statement_is_an_internal_error_that_is_logged_once(database: TestDatabase) -> None:
    parts = parts_of(**database.env)
    with client_on(parts, asking("SELECT wrong FROM nowhere")) as client:
        answer = client.get("/v1/rows/0")

    assert problem_of(answer) == (500, "about:blank", [])
    failures = [line for line in parts.lines if line["message"] == "request failed"]
    assert [line["error_type"] for line in failures] == ["UndefinedTable"]


def test_the_pool_tells_its_connections(database: TestDatabase) -> None:
    parts = parts_of(**database.env, DB_POOL_MAX="2")
    with client_on(parts, asking("SELECT 1")) as client:
        client.get("/v1/rows/0")
        metrics = parts.deps.metrics.text().decode()

    pool = 'db_client_connection_pool_name="main"'
    assert f'db_client_connection_count{{{pool},db_client_connection_state="idle"}} 1.0' in metrics
    assert f'db_client_connection_count{{{pool},db_client_connection_state="used"}} 0.0' in metrics
    assert f"db_client_connection_max{{{pool}}} 2.0" in metrics
    assert f"db_client_connection_pending_requests{{{pool}}} 0.0" in metrics
