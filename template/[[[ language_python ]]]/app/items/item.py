"""Items and their rules."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from app.clock import rfc3339
from app.problem import REFUSALS, Problem, field_error, refusal

NAME_MAX = 200
DESCRIPTION_MAX = 2000
PAGE_MAX = 100

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_UNWANTED = re.compile("[\0\ud800-\udfff]")

Timestamp = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]


def _text(expected: str, longest: int, *, shortest: int = 0) -> BeforeValidator:
    """Tell the first of type, characters, length; characters are Unicode code points."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise refusal("wrong_type", expected=expected)
        if _UNWANTED.search(value):
            raise refusal("invalid_characters")
        if len(value) < shortest:
            raise refusal("too_short")
        if len(value) > longest:
            raise refusal("too_long", longest=longest)
        return value

    return BeforeValidator(check)


def _uuid(value: object) -> object:
    if isinstance(value, str) and not _UUID.fullmatch(value.lower()):
        raise refusal("not_a_uuid")
    return value


def _limit(values: list[str]) -> int:
    if len(values) == 1 and re.fullmatch("[1-9][0-9]{0,2}", values[0]) and int(values[0]) <= PAGE_MAX:
        return int(values[0])
    raise refusal("out_of_range", low=1, high=PAGE_MAX)


def encode_cursor(item_id: UUID) -> str:
    """Return the cursor of the page that begins after an item."""
    return urlsafe_b64encode(str(item_id).encode()).decode().rstrip("=")


def _cursor(values: list[str]) -> UUID:
    try:
        (cursor,) = values
        item_id = UUID(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except ValueError:
        raise refusal("invalid_cursor") from None
    if encode_cursor(item_id) != cursor:
        raise refusal("invalid_cursor")
    return item_id


ItemId = Annotated[UUID, BeforeValidator(_uuid)]


class ItemInput(BaseModel):
    """What clients say of an item."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, _text("a string", NAME_MAX, shortest=1)]
    description: Annotated[str, _text("a string or null", DESCRIPTION_MAX)] | None = None


class Item(BaseModel):
    """Its members are the columns of the table and the members of the JSON, in this order."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    description: str | None
    created_at: Timestamp
    updated_at: Timestamp


class ItemPageQuery(BaseModel):
    """Which page: each parameter comes with all the values that it was given."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[int, BeforeValidator(_limit)] = 20
    cursor: Annotated[UUID | None, BeforeValidator(_cursor)] = None


class ItemPage(BaseModel):
    """A page of items and the way to the next."""

    data: list[Item]
    next_cursor: str | None


def name_taken() -> Problem:
    """Return the problem of a name that another item has."""
    return Problem("conflict", errors=[field_error("pointer", ["name"], "taken", REFUSALS["taken"])])
