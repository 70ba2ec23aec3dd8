"""Items over HTTP."""

from flask import Blueprint, Response, request

from app.body import Empty, json_response, read_json
from app.items.item import ItemInput, ItemPageQuery
from app.items.path import item_id
from app.items.service import ItemService
from app.problem import valid


def item_routes(service: ItemService) -> Blueprint:
    """Offer the operations of a service."""
    router = Blueprint("items", __name__, url_prefix="/v1/items")

    @router.get("")
    def list_items() -> Response:
        query = valid(ItemPageQuery, request.args.to_dict(flat=False), "parameter")
        return json_response(service.list(query))

    @router.post("")
    def create_item() -> Response:
        new = valid(ItemInput, read_json(), "pointer")
        item = service.create(new)
        return json_response(item, 201, {"Location": f"/v1/items/{item.id}"})

    @router.get("/<id>")
    def get_item(id: str) -> Response:  # noqa: A002 - the name in the path
        return json_response(service.get(item_id(id)))

    @router.put("/<id>")
    def replace_item(id: str) -> Response:  # noqa: A002 - the name in the path
        body = read_json()
        return json_response(service.replace(item_id(id), valid(ItemInput, body, "pointer")))

    @router.delete("/<id>")
    def delete_item(id: str) -> Response:  # noqa: A002 - the name in the path
        service.delete(item_id(id))
        return Empty(status=204)

    return router
