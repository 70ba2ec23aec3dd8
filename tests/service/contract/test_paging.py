"""Chapter "Items": pages and cursors."""

import base64

import pytest

from service.instance import Service
from service.items import create, create_all, walk


def fill(service: Service, count: int) -> list[str]:
    return create_all(service.client, [f"item {number:05}" for number in range(count)])


def test_an_empty_list_has_no_next_page(service: Service) -> None:
    assert service.client.get("/v1/items").body == b'{"data":[],"next_cursor":null}'


def test_a_page_has_twenty_items_by_default(service: Service) -> None:
    fill(service, 21)

    assert [len(page) for page in walk(service.client, 20)] == [20, 1]
    assert len(service.client.get("/v1/items").json["data"]) == 20


def test_the_last_full_page_has_no_next_one(service: Service) -> None:
    fill(service, 4)

    assert [len(page) for page in walk(service.client, 2)] == [2, 2]


@pytest.mark.parametrize(("limit", "count"), [("1", 1), ("100", 100)])
def test_a_page_has_as_many_items_as_the_limit_says(service: Service, limit: str, count: int) -> None:
    fill(service, 101)

    page = service.client.get(f"/v1/items?limit={limit}").json

    assert len(page["data"]) == count


def test_the_cursor_is_the_last_id_in_base64url(service: Service) -> None:
    fill(service, 3)

    page = service.client.get("/v1/items?limit=2").json

    last = page["data"][-1]["id"]
    assert page["next_cursor"] == base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def test_a_cursor_outlives_its_item(service: Service) -> None:
    ids = fill(service, 3)
    cursor = service.client.get("/v1/items?limit=2").json["next_cursor"]
    service.client.delete(f"/v1/items/{ids[1]}")

    page = service.client.get(f"/v1/items?limit=2&cursor={cursor}").json

    assert [item["id"] for item in page["data"]] == [ids[2]]


def test_pages_show_each_lasting_item_once_while_others_come_and_go(service: Service) -> None:
    lasting = fill(service, 250)
    passing = [create(service.client, f"passing {number}")["id"] for number in range(20)]
    seen: list[str] = []

    for number, page in enumerate(walk(service.client, 10)):
        seen += page
        if number < len(passing):
            create(service.client, f"late {number}")
            service.client.delete(f"/v1/items/{passing[-1 - number]}")

    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert set(lasting) <= set(seen)
