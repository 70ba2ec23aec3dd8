"""Items over HTTP."""

from django.http import HttpResponse
from django.urls import URLPattern, path

from app.body import Empty, Request, json_response
from app.items.item import ItemInput, ItemPageQuery
from app.items.path import item_id
from app.items.service import ItemService
from app.methods import Methods
from app.problem import valid


def item_routes(service: ItemService) -> list[URLPattern]:
    """Offer the operations of a service."""

    def list_items(request: Request) -> HttpResponse:
        query = valid(ItemPageQuery, dict(request.GET.lists()), "parameter")
        return json_response(service.list(query))

    def create_item(request: Request) -> HttpResponse:
        new = valid(ItemInput, request.json(), "pointer")
        item = service.create(new)
        return json_response(item, 201, {"Location": f"/v1/items/{item.id}"})

    def get_item(_request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the path
        return json_response(service.get(item_id(id)))

    def replace_item(request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the path
        body = request.json()
        return json_response(service.replace(item_id(id), valid(ItemInput, body, "pointer")))

    def delete_item(_request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the path
        service.delete(item_id(id))
        return Empty(204)

    return [
        path("v1/items", Methods(GET=list_items, POST=create_item)),
        path("v1/items/<id>", Methods(GET=get_item, PUT=replace_item, DELETE=delete_item)),
    ]
