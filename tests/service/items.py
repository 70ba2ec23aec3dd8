"""The steps that many tests take before they come to the point: items made, and all of them listed."""

from collections.abc import Iterator, Sequence
from typing import Any

from service.client import JSON, Client, request


def create(client: Client, name: str, description: str | None = None) -> dict[str, Any]:
    """Create an item and return it."""
    answer = client.post("/v1/items", {"name": name, "description": description})
    assert answer.status == 201, f"creating {name!r} was answered {answer.status}"
    item: dict[str, Any] = answer.json
    return item


def create_all(client: Client, names: Sequence[str]) -> list[str]:
    """Create items and return their ids, sorted."""
    answers = client.burst([request("POST", "/v1/items", {"name": name}, JSON) for name in names])
    refused = [answer for answer in answers if answer.status != 201]
    assert not refused, f"{len(refused)} of {len(names)} items were refused, first by {refused[0]}"
    return sorted(answer.json["id"] for answer in answers)


def walk(client: Client, limit: int) -> Iterator[list[str]]:
    """Return the ids of each page in turn, following the cursors."""
    target = f"/v1/items?limit={limit}"
    while True:
        page = client.get(target).json
        yield [item["id"] for item in page["data"]]
        if page["next_cursor"] is None:
            return
        target = f"/v1/items?limit={limit}&cursor={page['next_cursor']}"


def delete_all(client: Client) -> None:
    """Empty the store."""
    for item in [item for page in walk(client, 100) for item in page]:
        client.delete(f"/v1/items/{item}")
