"""Problem documents."""

from typing import Annotated

import pytest
from pydantic import BaseModel, BeforeValidator, ConfigDict

from app.problem import KINDS, REFUSALS, Problem, field_error, refusal, valid
from tests.support.openapi import OPENAPI


def _size(value: object) -> object:
    if value == 0:
        raise refusal("too_short")
    return value


class Box(BaseModel):
    """A model of the tests' own."""

    model_config = ConfigDict(extra="forbid")

    size: Annotated[int, BeforeValidator(_size)]


def errors_of(value: object) -> list[dict[str, str]]:
    with pytest.raises(Problem) as caught:
        valid(Box, value, "pointer")
    return caught.value.errors


def test_the_table_of_problems_is_that_of_the_openapi_document() -> None:
    assert {code: kind._asdict() for code, kind in KINDS.items()} == OPENAPI["x-problems"]


def test_the_refusals_of_fields_are_those_of_the_openapi_document() -> None:
    fixed = {code: text for code, text in REFUSALS.items() if "{" not in text}

    assert list(REFUSALS) == list(OPENAPI["x-field-errors"])
    assert fixed == {code: text for code, text in OPENAPI["x-field-errors"].items() if code in fixed}


def test_a_problem_is_written_in_the_order_of_the_contract() -> None:
    problem = Problem("conflict", errors=[field_error("pointer", ["name"], "taken", REFUSALS["taken"])])

    assert problem.body("/v1/items", "abc") == (
        b'{"type":"/problems/conflict","title":"Conflict with an existing resource","status":409,'
        b'"detail":"A value that must be unique is taken.","instance":"/v1/items","request_id":"abc",'
        b'"errors":[{"pointer":"#/name","detail":"is already taken","code":"taken"}]}'
    )


def test_a_problem_without_errors_has_no_such_member() -> None:
    assert b"errors" not in Problem("not_found").body("/x", "abc")


def test_a_valid_value_comes_back() -> None:
    assert valid(Box, {"size": 1}, "pointer") == Box(size=1)


@pytest.mark.parametrize("body", [None, [], "text", 1])
def test_another_body_is_refused_as_a_whole(body: object) -> None:
    assert errors_of(body) == [{"pointer": "#", "detail": "must be an object", "code": "wrong_type"}]


def test_known_fields_come_first_and_unknown_ones_by_name() -> None:
    errors = errors_of({"b": 1, "a": 1, "size": 0, "__proto__": 1})

    assert [error["pointer"] for error in errors] == ["#/size", "#/__proto__", "#/a", "#/b"]
    assert [error["code"] for error in errors] == ["too_short", *["unknown_field"] * 3]


def test_a_name_that_is_no_text_is_an_unknown_field() -> None:
    assert [error["code"] for error in errors_of({"size": 1, "\ud800": 1})] == ["unknown_field"]


def test_names_are_escaped_in_a_pointer_and_not_in_a_parameter() -> None:
    assert field_error("pointer", ["a/b~c"], "required", "")["pointer"] == "#/a~1b~0c"
    assert field_error("parameter", ["a/b~c"], "required", "")["parameter"] == "a/b~c"
