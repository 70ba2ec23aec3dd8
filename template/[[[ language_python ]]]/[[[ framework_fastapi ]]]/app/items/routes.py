"""Items over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from app.body import JsonRoute
from app.items.item import Item, ItemId, ItemInput, ItemPage, ItemPageQuery
from app.items.service import ItemService
from app.problem import valid


def page_query(request: Request) -> ItemPageQuery:
    """Read the query with every value of each parameter; FastAPI would take the last of several."""
    values: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        values.setdefault(name, []).append(value)
    return valid(ItemPageQuery, values, "parameter")


def item_routes(service: ItemService) -> APIRouter:
    """Offer the operations of a service."""
    router = APIRouter(prefix="/v1/items", route_class=JsonRoute)

    @router.get("")
    async def list_items(query: Annotated[ItemPageQuery, Depends(page_query)]) -> ItemPage:
        return await service.list(query)

    @router.post("", status_code=201)
    async def create_item(new: ItemInput, response: Response) -> Item:
        item = await service.create(new)
        response.headers["Location"] = f"/v1/items/{item.id}"
        return item

    @router.get("/{id}")
    async def get_item(item_id: Annotated[ItemId, Path(alias="id")]) -> Item:
        return await service.get(item_id)

    @router.put("/{id}")
    async def replace_item(item_id: Annotated[ItemId, Path(alias="id")], new: ItemInput) -> Item:
        return await service.replace(item_id, new)

    @router.delete("/{id}", status_code=204, response_class=Response)
    async def delete_item(item_id: Annotated[ItemId, Path(alias="id")]) -> None:
        await service.delete(item_id)

    return router
