"""Items in the path of a request."""

from uuid import UUID

from pydantic import BaseModel

from app.items.item import ItemId
from app.problem import valid


class ItemPath(BaseModel):
    """The parameters of a path."""

    id: ItemId


def item_id(text: str) -> UUID:
    """Return the id that a path names; raises `Problem`."""
    return valid(ItemPath, {"id": text}, "parameter").id
