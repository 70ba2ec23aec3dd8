"""Items over HTTP."""

from collections.abc import Iterator

import httpx2
import pytest

from app.routes import ROUTES
from tests.support.client import client_of
from tests.support.deps import id_of, parts_of, problem_of
from tests.support.openapi import answered, promised

TIME = "2026-01-02T03:04:05.678Z"


@pytest.fixture
def client() -> httpx2.Client:
    """Return a client of a fresh service, in memory."""
    return client_of(parts_of(), ROUTES)


@pytest.fixture(scope="module", autouse=True)
def everything_that_is_promised() -> Iterator[None]:
    """Hold the whole module against the document: each documented answer was given, save those of a database."""
    yield
    assert promised("items") - answered <= {
        "createItem 503",
        "deleteItem 503",
        "getItem 503",
        "listItems 503",
        "replaceItem 503",
    }


def create(client: httpx2.Client, name: str = "anchor") -> str:
    item_id: str = client.post("/v1/items", json={"name": name}).json()["id"]
    return item_id


def test_an_item_is_created(client: httpx2.Client) -> None:
    answer = client.post("/v1/items", json={"name": "anchor", "description": "iron"})

    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/items/{id_of(1)}")
    assert list(answer.json().items()) == [
        ("id", str(id_of(1))),
        ("name", "anchor"),
        ("description", "iron"),
        ("created_at", TIME),
        ("updated_at", TIME),
    ]


def test_an_item_is_got_by_its_id_in_either_case(client: httpx2.Client) -> None:
    item_id = create(client)

    answer = client.get(f"/v1/items/{item_id.upper()}")

    assert (answer.status_code, answer.json()["id"], answer.json()["description"]) == (200, item_id, None)


def test_an_item_is_replaced_as_a_whole(client: httpx2.Client) -> None:
    item_id = create(client)
    client.put(f"/v1/items/{item_id}", json={"name": "chain", "description": "long"})

    answer = client.put(f"/v1/items/{item_id}", json={"name": "chain"})

    assert (answer.status_code, answer.json()["name"], answer.json()["description"]) == (200, "chain", None)


def test_a_deleted_item_is_gone(client: httpx2.Client) -> None:
    item_id = create(client)

    answer = client.delete(f"/v1/items/{item_id}")

    assert (answer.status_code, answer.headers.get("content-type"), answer.content) == (204, None, b"")
    assert problem_of(client.get(f"/v1/items/{item_id}")) == (404, "about:blank", [])
    assert problem_of(client.delete(f"/v1/items/{item_id}")) == (404, "about:blank", [])


def test_an_absent_item_is_not_replaced(client: httpx2.Client) -> None:
    assert problem_of(client.put(f"/v1/items/{id_of(9)}", json={"name": "a"})) == (404, "about:blank", [])


def test_a_taken_name_is_answered_with_a_conflict(client: httpx2.Client) -> None:
    create(client, "anchor")
    item_id = create(client, "chain")

    created = client.post("/v1/items", json={"name": "anchor"})
    replaced = client.put(f"/v1/items/{item_id}", json={"name": "anchor"})

    assert problem_of(created) == problem_of(replaced) == (409, "/problems/conflict", ["#/name"])


def test_pages_lead_through_all_items(client: httpx2.Client) -> None:
    for name in ("a", "b", "c"):
        create(client, name)

    first = client.get("/v1/items?limit=2").json()
    last = client.get(f"/v1/items?limit=2&cursor={first['next_cursor']}").json()

    assert [item["name"] for item in first["data"] + last["data"]] == ["a", "b", "c"]
    assert last["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "wrong"),
    [("limit=0", ["limit"]), ("limit=1&limit=2", ["limit"]), ("cursor=x&limit=x", ["limit", "cursor"])],
)
def test_wrong_parameters_are_named(client: httpx2.Client, query: str, wrong: list[str]) -> None:
    assert problem_of(client.get(f"/v1/items?{query}")) == (422, "/problems/validation-error", wrong)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("item_id", ["x", "A%2f"])
def test_an_id_is_a_uuid(client: httpx2.Client, method: str, item_id: str) -> None:
    json = {"name": ""} if method == "PUT" else None

    answer = client.request(method, f"/v1/items/{item_id}", json=json)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"parameter": "id", "detail": "must be a UUID", "code": "not_a_uuid"}]


@pytest.mark.parametrize("body", ["null", "[]", '"text"', "1"])
def test_a_body_is_an_object(client: httpx2.Client, body: str) -> None:
    answer = client.post("/v1/items", content=body, headers={"Content-Type": "application/json"})

    assert problem_of(answer) == (422, "/problems/validation-error", ["#"])


def test_all_wrong_fields_are_named(client: httpx2.Client) -> None:
    item_id = create(client)
    body = {"zebra": 1, "description": 1, "name": "", "apple": 1}

    answers = [client.post("/v1/items", json=body), client.put(f"/v1/items/{item_id}", json=body)]

    places = ["#/name", "#/description", "#/apple", "#/zebra"]
    assert [problem_of(answer) for answer in answers] == [(422, "/problems/validation-error", places)] * 2


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_is_refused_by_type_size_and_syntax(method: str) -> None:
    client = client_of(parts_of(MAX_BODY_BYTES="20"), ROUTES)
    path = "/v1/items" if method == "POST" else f"/v1/items/{id_of(1)}"
    json_type = {"Content-Type": "application/json"}

    statuses = [
        client.request(method, path, content=b"{" * 21).status_code,
        client.request(method, path, content=b"{" * 21, headers=json_type).status_code,
        client.request(method, path, content=b"{", headers=json_type).status_code,
    ]

    assert statuses == [415, 413, 400]
