"""Chapter "Items": five operations and what they promise."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from kit.process import wait_until
from service.client import JSON
from service.document import Document
from service.instance import Launch, Service
from service.items import create, create_all, walk

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ABSENT = "00000000-0000-0000-0000-000000000001"
MILLISECOND = timedelta(milliseconds=1)
FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}"


def test_an_item_is_created(service: Service) -> None:
    answer = service.client.post("/v1/items", {"name": "anchor", "description": "iron"})

    item = answer.json
    assert (answer.status, answer.header("location")) == (201, f"/v1/items/{item['id']}")
    assert (item["name"], item["description"]) == ("anchor", "iron")
    assert item["created_at"] == item["updated_at"]


def test_the_id_is_a_uuid_of_version_7(service: Service) -> None:
    item = create(service.client, "anchor")

    assert UUID7.fullmatch(item["id"])


def test_ids_grow_in_the_order_of_creation(service: Service) -> None:
    ids = [create(service.client, f"item {number}")["id"] for number in range(20)]

    assert [milliseconds(one) for one in ids] == sorted(milliseconds(one) for one in ids)
    assert next(walk(service.client, 100)) == sorted(ids)


def milliseconds(uuid7: str) -> int:
    return uuid.UUID(uuid7).int >> 80


def test_the_description_is_null_when_it_is_left_out(service: Service) -> None:
    assert service.client.post("/v1/items", {"name": "anchor"}).json["description"] is None


def test_the_description_may_be_null(service: Service) -> None:
    assert create(service.client, "anchor", None)["description"] is None


def test_the_description_may_be_empty(service: Service) -> None:
    assert create(service.client, "anchor", "")["description"] == ""


def test_an_item_is_got_as_it_was_created(service: Service) -> None:
    item = create(service.client, "anchor", "iron")

    answer = service.client.get(f"/v1/items/{item['id']}")

    assert (answer.status, answer.json) == (200, item)


def test_an_item_is_replaced_as_a_whole(service: Service) -> None:
    item = create(service.client, "anchor", "iron")

    answer = service.client.put(f"/v1/items/{item['id']}", {"name": "chain"})

    replaced = answer.json
    assert answer.status == 200
    assert (replaced["name"], replaced["description"]) == ("chain", None)
    assert (replaced["id"], replaced["created_at"]) == (item["id"], item["created_at"])
    assert service.client.get(f"/v1/items/{item['id']}").json == replaced


def test_an_item_tells_when_it_was_created_and_replaced(service: Service) -> None:
    times = [now()]
    item = create(service.client, "anchor")
    wait_until(lambda: now() > datetime.fromisoformat(item["created_at"]) + MILLISECOND, "a millisecond has passed")
    replaced = service.client.put(f"/v1/items/{item['id']}", {"name": "anchor"}).json
    times += [datetime.fromisoformat(text) for text in (item["created_at"], replaced["updated_at"])] + [now()]

    assert item["created_at"] == item["updated_at"] == replaced["created_at"] != replaced["updated_at"]
    assert times == sorted(times)


def now() -> datetime:
    """Return this moment as the contract writes it: in UTC, without microseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_an_item_may_keep_its_name_when_it_is_replaced(service: Service) -> None:
    item = create(service.client, "anchor")

    answer = service.client.put(f"/v1/items/{item['id']}", {"name": "anchor", "description": "iron"})

    assert (answer.status, answer.json["description"]) == (200, "iron")


def test_an_item_is_deleted(service: Service) -> None:
    item = create(service.client, "anchor")

    answer = service.client.delete(f"/v1/items/{item['id']}")

    assert (answer.status, answer.header("content-type"), answer.body) == (204, None, b"")
    assert service.client.get(f"/v1/items/{item['id']}").status == 404
    assert next(walk(service.client, 20)) == []


def test_a_name_is_free_again_after_its_item_is_deleted(service: Service) -> None:
    item = create(service.client, "anchor")
    service.client.delete(f"/v1/items/{item['id']}")

    assert create(service.client, "anchor")["id"] != item["id"]


def test_a_name_is_free_again_after_its_item_is_renamed(service: Service) -> None:
    item = create(service.client, "anchor")
    service.client.put(f"/v1/items/{item['id']}", {"name": "chain"})

    assert create(service.client, "anchor")["id"] != item["id"]


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
def test_an_absent_item_is_not_found(service: Service, document: Document, verb: str) -> None:
    body, headers = ({"name": "anchor"}, JSON) if verb == "PUT" else (b"", ())

    answer = service.client.send(verb, f"/v1/items/{ABSENT}", body, headers)

    assert (answer.status, document.refusal(answer)) == (404, ("not_found", []))


def test_an_absent_item_is_not_created_by_replacing_it(service: Service) -> None:
    service.client.put(f"/v1/items/{ABSENT}", {"name": "anchor"})

    assert next(walk(service.client, 20)) == []


def test_a_deleted_item_cannot_be_deleted_again(service: Service) -> None:
    path = f"/v1/items/{create(service.client, 'anchor')['id']}"

    assert [service.client.delete(path).status for _ in range(2)] == [204, 404]


def test_an_upper_case_id_is_answered_in_lower_case(service: Service) -> None:
    item = create(service.client, "anchor")
    path = f"/v1/items/{item['id'].upper()}"

    assert service.client.get(path).json == item
    assert service.client.put(path, {"name": "chain"}).json["id"] == item["id"]
    assert service.client.delete(path).status == 204


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a", id="one character"),
        pytest.param("x" * 200, id="200 characters"),
        pytest.param("\N{ANCHOR}\N{VARIATION SELECTOR-16}" * 100, id="200 code points of three bytes"),
        pytest.param("\N{GRINNING FACE}" * 200, id="200 code points beyond the first plane"),
        pytest.param(FAMILY * 66 + "ab", id="200 code points in few graphemes"),
        pytest.param(" ", id="a space"),
        pytest.param(" anchor\t\n", id="white space around"),
        pytest.param("cafe\N{COMBINING ACUTE ACCENT}", id="decomposed"),
        pytest.param("\N{RIGHT-TO-LEFT OVERRIDE}\N{BOM}\x7f\x01", id="control characters"),
        pytest.param("\ufffe\uffff\ufffd", id="noncharacters"),
        pytest.param("'; DROP TABLE items; -- $1 %s \\ \" ?", id="SQL"),
        pytest.param("<script>alert(1)</script>", id="HTML"),
        pytest.param("null", id="the word null"),
    ],
)
def test_text_is_stored_as_sent(service: Service, name: str) -> None:
    item = create(service.client, name, name)

    assert (item["name"], item["description"]) == (name, name)
    assert service.client.get(f"/v1/items/{item['id']}").json == item


@pytest.mark.parametrize("character", ["x", "\N{GRINNING FACE}"], ids=["ASCII", "beyond the first plane"])
def test_a_description_has_at_most_2000_code_points(service: Service, document: Document, character: str) -> None:
    longest = create(service.client, "anchor", character * 2000)
    answer = service.client.post("/v1/items", {"name": "chain", "description": character * 2001})

    assert longest["description"] == character * 2000
    assert document.refusal(answer) == ("validation_error", [("#/description", "too_long")])


def test_a_taken_name_is_a_conflict(service: Service, document: Document) -> None:
    create(service.client, "anchor")

    answer = service.client.post("/v1/items", {"name": "anchor"})

    assert (answer.status, document.refusal(answer)) == (409, ("conflict", [("#/name", "taken")]))


def test_a_name_taken_by_another_item_is_a_conflict(service: Service, document: Document) -> None:
    create(service.client, "anchor")
    item = create(service.client, "chain")

    answer = service.client.put(f"/v1/items/{item['id']}", {"name": "anchor"})

    assert (answer.status, document.refusal(answer)) == (409, ("conflict", [("#/name", "taken")]))
    assert service.client.get(f"/v1/items/{item['id']}").json == item


@pytest.mark.parametrize(
    "other", ["Anchor", "anchor ", "anch\N{LATIN SMALL LETTER O WITH DIAERESIS}r", "anchor\N{ZERO WIDTH SPACE}"]
)
def test_names_are_compared_exactly(service: Service, other: str) -> None:
    create(service.client, "anchor")

    assert create(service.client, other)["name"] == other


def test_fifty_parallel_creations_of_one_name_make_one_item(service: Service) -> None:
    def attempt(_: int) -> int:
        with closing(service.client.clone()) as client:
            return client.post("/v1/items", {"name": "anchor"}).status

    with ThreadPoolExecutor(50) as pool:
        statuses = sorted(pool.map(attempt, range(50)))

    assert statuses == [201] + [409] * 49
    assert len(next(walk(service.client, 20))) == 1


def test_ten_thousand_items_fill_the_memory_and_a_deletion_makes_room(launch: Launch, document: Document) -> None:
    service = launch()
    create_all(service.client, [str(number) for number in range(10_000)])

    refused = service.client.post("/v1/items", {"name": "one more"})
    oldest = service.client.get("/v1/items?limit=1").json["data"][0]
    kept = service.client.put(f"/v1/items/{oldest['id']}", {"name": "renamed"})
    deleted = service.client.delete(f"/v1/items/{oldest['id']}")
    accepted = service.client.post("/v1/items", {"name": "one more"})

    assert (refused.status, document.refusal(refused)) == (503, ("storage_full", []))
    assert [kept.status, deleted.status, accepted.status] == [200, 204, 201]
    assert service.client.post("/v1/items", {"name": "another"}).status == 503
