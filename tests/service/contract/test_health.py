"""Chapter "Operation": what platforms and operators ask."""

import pytest

from kit.postgres import Cluster, Database
from kit.process import wait_until
from service import scrape
from service.instance import COMMIT, Launch, NewDatabase, Service
from service.stacks import Build
from service.wire import forwarding


def test_health_tells_that_the_process_lives(service: Service) -> None:
    answer = service.client.get("/health")

    assert (answer.status, answer.body) == (200, b'{"status":"UP"}')


def test_readiness_in_memory_has_no_components(launch: Launch) -> None:
    answer = launch().client.get("/ready")

    assert (answer.status, answer.body) == (200, b'{"status":"UP","components":{}}')


def test_readiness_with_a_database_names_it(launch: Launch, database: Database) -> None:
    answer = launch(**database.environment).until_ready().client.get("/ready")

    assert (answer.status, answer.body) == (200, b'{"status":"UP","components":{"db":{"status":"UP"}}}')


def test_a_database_without_its_migration_is_not_ready(launch: Launch, postgres: Cluster) -> None:
    empty = postgres.database()

    answer = launch(**empty.environment).client.get("/ready")

    assert (answer.status, answer.body) == (503, b'{"status":"DOWN","components":{"db":{"status":"DOWN"}}}')
    assert postgres.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", empty.name) == ""


def test_a_database_that_says_nothing_is_not_ready_but_the_process_lives(launch: Launch, database: Database) -> None:
    with forwarding(database.port) as wire:
        service = launch(**database.environment | {"DB_PORT": str(wire.port)}).until_ready()

        wire.hold()
        wait_until(lambda: not service.ready(), "the silence is noticed")
        answer = service.client.get("/ready")

        assert (answer.status, answer.body) == (503, b'{"status":"DOWN","components":{"db":{"status":"DOWN"}}}')
        assert service.client.get("/health").status == 200
        wire.release()
        service.until_ready()


def test_one_answer_of_the_database_serves_many_questions(launch: Launch, database: Database) -> None:
    with forwarding(database.port) as wire:
        service = launch(**database.environment | {"DB_PORT": str(wire.port)}).until_ready()
        before = wire.messages

        for _ in range(300):
            service.client.get("/ready")

        assert wire.messages - before < 100


def test_the_version_says_what_runs(service: Service) -> None:
    answer = service.client.get("/version")

    assert list(answer.json) == ["service", "version", "commit"]
    assert answer.json["commit"] == COMMIT


def test_the_version_follows_the_environment(launch: Launch) -> None:
    service = launch(SERVICE_NAME="fleet", SERVICE_VERSION="3.2.1")

    assert service.client.get("/version").body == (
        b'{"service":"fleet","version":"3.2.1","commit":"%b"}' % COMMIT.encode()
    )


def test_the_name_comes_from_the_answers_and_the_commit_may_be_unknown(launch: Launch) -> None:
    service = launch(SERVICE_COMMIT="")

    assert service.client.get("/version").json["service"] == "my-service"
    assert service.client.get("/version").json["commit"] == "unknown"


def test_the_document_is_the_file_of_the_repository(service: Service, build: Build) -> None:
    answer = service.client.get("/openapi.yaml")

    assert answer.body == (build.folder / "api" / "openapi.yaml").read_bytes()


def test_metrics_are_prometheus_text(service: Service) -> None:
    answer = service.client.get("/metrics")

    assert (answer.header("content-type") or "").replace(" ", "").startswith("text/plain;version=0.0.4")
    assert scrape.scrape(service.client).families


@pytest.mark.parametrize("query", ["?verbose", "?x=%zz"])
def test_probes_take_no_notice_of_a_query(service: Service, query: str) -> None:
    assert service.client.get(f"/health{query}").status == 200


def test_services_share_one_database(launch: Launch, new_database: NewDatabase) -> None:
    env = new_database().environment
    one, other = launch(**env).until_ready(), launch(**env).until_ready()

    item = one.client.post("/v1/items", {"name": "anchor"}).json

    assert other.client.get(f"/v1/items/{item['id']}").json == item
    assert other.client.post("/v1/items", {"name": "anchor"}).status == 409
