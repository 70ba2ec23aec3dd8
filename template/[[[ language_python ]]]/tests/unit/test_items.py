"""Rules of items."""

from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from app.items.item import ItemId, ItemInput, ItemPageQuery, encode_cursor
from app.problem import Place, Problem, valid
from tests.support.deps import id_of

IDS: TypeAdapter[UUID] = TypeAdapter(ItemId)


def refusals(model: type[ItemInput | ItemPageQuery], value: object, place: Place) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        valid(model, value, place)
    return [(error[place], error["code"]) for error in caught.value.errors]


@pytest.mark.parametrize("name", ["a", "x" * 200, "\N{GRINNING FACE}" * 200, " ", "e\N{COMBINING ACUTE ACCENT}"])
def test_a_name_has_1_to_200_characters(name: str) -> None:
    assert valid(ItemInput, {"name": name}, "pointer") == ItemInput(name=name, description=None)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (None, "wrong_type"),
        (5, "wrong_type"),
        ("", "too_short"),
        ("x" * 201, "too_long"),
        ("\0" * 201, "invalid_characters"),
        ("a\ud800", "invalid_characters"),
    ],
)
def test_the_first_rule_that_a_name_breaks_is_told(name: object, code: str) -> None:
    assert refusals(ItemInput, {"name": name}, "pointer") == [("#/name", code)]


@pytest.mark.parametrize(("description", "code"), [(5, "wrong_type"), ("x" * 2001, "too_long")])
def test_a_description_is_text_or_null(description: object, code: str) -> None:
    wrong = refusals(ItemInput, {"name": "a", "description": description}, "pointer")

    assert wrong == [("#/description", code)]
    assert valid(ItemInput, {"name": "a", "description": "x" * 2000}, "pointer").description == "x" * 2000


def test_a_name_is_required() -> None:
    assert refusals(ItemInput, {}, "pointer") == [("#/name", "required")]


def test_unknown_fields_are_told_in_alphabetical_order() -> None:
    wrong = refusals(ItemInput, {"zebra": 1, "name": "a", "apple": 1}, "pointer")

    assert wrong == [("#/apple", "unknown_field"), ("#/zebra", "unknown_field")]


def test_an_id_is_accepted_in_either_case() -> None:
    text = str(id_of(1))

    assert IDS.validate_python(text) == IDS.validate_python(text.upper()) == id_of(1)


@pytest.mark.parametrize("text", ["", "x", id_of(1).hex, f"{id_of(1)}0", f"{{{id_of(1)}}}"])
def test_an_id_is_a_whole_uuid(text: str) -> None:
    with pytest.raises(ValidationError, match="must be a UUID"):
        IDS.validate_python(text)


@pytest.mark.parametrize("limit", ["1", "20", "99", "100"])
def test_a_page_has_1_to_100_items(limit: str) -> None:
    assert valid(ItemPageQuery, {"limit": [limit], "other": ["ignored"]}, "parameter").limit == int(limit)


def test_the_first_page_has_20_items_by_default() -> None:
    assert valid(ItemPageQuery, {}, "parameter") == ItemPageQuery.model_construct(limit=20, cursor=None)


@pytest.mark.parametrize("limit", [[""], ["0"], ["101"], ["-1"], ["+1"], ["01"], ["1.0"], [" 1"], ["1", "2"]])
def test_another_limit_is_refused(limit: list[str]) -> None:
    assert refusals(ItemPageQuery, {"limit": limit}, "parameter") == [("limit", "out_of_range")]


@pytest.mark.parametrize(
    "cursor",
    [
        [""],
        ["anchor"],
        [str(id_of(1))],
        [f"{encode_cursor(id_of(1))}="],
        [encode_cursor(id_of(1)).upper()],
        [encode_cursor(id_of(1)), encode_cursor(id_of(2))],
        ["\N{GRINNING FACE}"],
    ],
)
def test_a_cursor_is_the_one_of_another_page(cursor: list[str]) -> None:
    assert refusals(ItemPageQuery, {"cursor": cursor}, "parameter") == [("cursor", "invalid_cursor")]
