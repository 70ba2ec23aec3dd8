"""Chapters "Order of refusal" and "Problems": which problem answers, and what it says.

The client holds the bytes of every problem against ``x-problems`` and ``x-field-errors``; a test says which one it is.
"""

import json

import pytest

from service.client import JSON, Headers
from service.document import Document
from service.instance import Service
from service.items import create, walk

ABSENT = "00000000-0000-0000-0000-000000000001"
Errors = list[tuple[str, str]]


def as_type(text: str) -> Headers:
    return (("Content-Type", text),)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("#/name", "required")]),
        ({"name": None}, [("#/name", "wrong_type")]),
        ({"name": 5}, [("#/name", "wrong_type")]),
        ({"name": True}, [("#/name", "wrong_type")]),
        ({"name": ["a"]}, [("#/name", "wrong_type")]),
        ({"name": {"a": 1}}, [("#/name", "wrong_type")]),
        ({"name": ""}, [("#/name", "too_short")]),
        ({"name": "x" * 201}, [("#/name", "too_long")]),
        ({"name": "\N{GRINNING FACE}" * 201}, [("#/name", "too_long")]),
        ({"name": "a\0b"}, [("#/name", "invalid_characters")]),
        ({"name": "\0" * 201}, [("#/name", "invalid_characters")]),
        ({"name": "a\ud800"}, [("#/name", "invalid_characters")]),
        ({"name": "\udc00a"}, [("#/name", "invalid_characters")]),
        ({"name": "\udc00\ud800"}, [("#/name", "invalid_characters")]),
        ({"name": "a", "description": 5}, [("#/description", "wrong_type")]),
        ({"name": "a", "description": False}, [("#/description", "wrong_type")]),
        ({"name": "a", "description": []}, [("#/description", "wrong_type")]),
        ({"name": "a", "description": "x" * 2001}, [("#/description", "too_long")]),
        ({"name": "a", "description": "\0"}, [("#/description", "invalid_characters")]),
        ({"name": "a", "description": "\ud83d"}, [("#/description", "invalid_characters")]),
        ({"name": "a", "size": 1}, [("#/size", "unknown_field")]),
        ({"name": "a", "Name": "b"}, [("#/Name", "unknown_field")]),
        ({"name": "a", "id": ABSENT}, [("#/id", "unknown_field")]),
        ({"name": "a", "": 1}, [("#/", "unknown_field")]),
        ({"name": "a", "b/c~d": 1}, [("#/b~1c~0d", "unknown_field")]),
        ({"name": "a", "__proto__": {"name": "b"}}, [("#/__proto__", "unknown_field")]),
        ({"__proto__": {"name": "a"}}, [("#/name", "required"), ("#/__proto__", "unknown_field")]),
        ({"name": "a", "constructor": None}, [("#/constructor", "unknown_field")]),
        (
            {"zebra": 1, "description": 1, "apple": 1, "Mango": 1, "name": ""},
            [
                ("#/name", "too_short"),
                ("#/description", "wrong_type"),
                ("#/Mango", "unknown_field"),
                ("#/apple", "unknown_field"),
                ("#/zebra", "unknown_field"),
            ],
        ),
        ([], [("#", "wrong_type")]),
        ([{"name": "a"}], [("#", "wrong_type")]),
        ("name", [("#", "wrong_type")]),
        (17, [("#", "wrong_type")]),
        (True, [("#", "wrong_type")]),
        (None, [("#", "wrong_type")]),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_each_wrong_field_is_named_once(
    service: Service, document: Document, verb: str, body: object, errors: Errors
) -> None:
    target = f"/v1/items/{ABSENT}" if verb == "PUT" else "/v1/items"

    answer = service.client.send(verb, target, body, JSON)

    assert (answer.status, document.refusal(answer)) == (422, ("validation_error", errors))


def test_an_unknown_field_may_have_a_name_that_is_no_text(service: Service) -> None:
    answer = service.client.post("/v1/items", {"name": "a", "\ud800": 1})

    assert (answer.status, [error["code"] for error in answer.json["errors"]]) == (422, ["unknown_field"])


@pytest.mark.parametrize(
    "limit",
    [
        "",
        "0",
        "101",
        "-1",
        "+5",
        "05",
        "5.0",
        "1e1",
        "0x10",
        "five",
        "%205",
        "5%00",
        "5,6",
        "9" * 40,
        "%D9%A5",
        "1&limit=2",
        "%zz",
        "1;cursor",
    ],
)
def test_a_limit_is_a_plain_number_from_1_to_100(service: Service, document: Document, limit: str) -> None:
    answer = service.client.get(f"/v1/items?limit={limit}")

    assert (answer.status, document.refusal(answer)) == (422, ("validation_error", [("limit", "out_of_range")]))


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="empty"),
        pytest.param("x", id="too short"),
        pytest.param("%00", id="NUL"),
        pytest.param("%ED%A0%80", id="a surrogate"),
        pytest.param("bm90LWEtdXVpZA", id="no UUID"),
        pytest.param("MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAx%3D%3D", id="padded"),
        pytest.param("!DAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAx", id="foreign characters"),
        pytest.param("MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAxJyBPUiAx", id="more than a UUID"),
        pytest.param("00000000-0000-0000-0000-000000000001", id="a bare UUID"),
        pytest.param("A" * 9000, id="9000 characters"),
    ],
)
def test_a_cursor_is_the_one_of_another_page(service: Service, document: Document, cursor: str) -> None:
    answer = service.client.get(f"/v1/items?cursor={cursor}")

    assert (answer.status, document.refusal(answer)) == (422, ("validation_error", [("cursor", "invalid_cursor")]))


def test_a_repeated_cursor_is_wrong(service: Service, document: Document) -> None:
    for name in ("anchor", "chain", "buoy"):
        create(service.client, name)
    cursor = service.client.get("/v1/items?limit=1").json["next_cursor"]

    answer = service.client.get(f"/v1/items?cursor={cursor}&cursor={cursor}")

    assert document.refusal(answer) == ("validation_error", [("cursor", "invalid_cursor")])


def test_all_wrong_query_parameters_are_named(service: Service, document: Document) -> None:
    answer = service.client.get("/v1/items?cursor=x&limit=x")

    assert document.refusal(answer) == ("validation_error", [("limit", "out_of_range"), ("cursor", "invalid_cursor")])


@pytest.mark.parametrize("query", ["size=1", "Limit=x", "limit%5B%5D=x", "a=1&a=2", "&&=&", "__proto__=x", "%00=%ff"])
def test_unknown_query_parameters_are_ignored(service: Service, query: str) -> None:
    assert service.client.get(f"/v1/items?{query}").status == 200


@pytest.mark.parametrize(
    "one",
    [
        "1",
        "anchor",
        "%00",
        "%2e%2e",
        ABSENT.replace("-", ""),
        f"%7B{ABSENT}%7D",
        f"urn:uuid:{ABSENT}",
        f"{ABSENT}0",
        f"{ABSENT}%0A",
        f"%20{ABSENT}",
        ABSENT.replace("0", "g"),
        ABSENT.replace("0", "%D9%A0"),
        "x" * 4000,
    ],
)
@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
def test_an_id_is_a_uuid(service: Service, document: Document, verb: str, one: str) -> None:
    body, headers = ({"name": "a"}, JSON) if verb == "PUT" else (b"", ())

    answer = service.client.send(verb, f"/v1/items/{one}", body, headers)

    assert (answer.status, document.refusal(answer)) == (422, ("validation_error", [("id", "not_a_uuid")]))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \n", id="white space"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b'{"name": "a"} x', id="something after it"),
        pytest.param(b'{"name": "a"}{"name": "b"}', id="two values"),
        pytest.param(b"{'name': 'a'}", id="single quotes"),
        pytest.param(b'{"name": "a",}', id="trailing comma"),
        pytest.param(b'{"name": "a" /* b */}', id="comment"),
        pytest.param(b'{"name": NaN}', id="NaN"),
        pytest.param(b'{"name": -Infinity}', id="Infinity"),
        pytest.param(b'{"name": 01}', id="leading zero"),
        pytest.param(b'{"name": "a\nb"}', id="line feed in a string"),
        pytest.param(b'{"name": "a\0b"}', id="NUL in a string"),
        pytest.param(b'{"name": "\\x41"}', id="unknown escape"),
        pytest.param(b'{"name": "a"}\0', id="NUL after it"),
        pytest.param(b'{"name": "\xff"}', id="not UTF-8"),
        pytest.param(b'{"name": "\xc0\xaf"}', id="overlong UTF-8"),
        pytest.param(b'{"name": "\xed\xa0\x80"}', id="surrogate in UTF-8"),
        pytest.param(b'{"name": "\xf0\x9f\x98"}', id="UTF-8 cut short"),
        pytest.param('{"name": "a"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"name=a", id="a form"),
    ],
)
@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_a_body_is_json_in_utf_8(service: Service, document: Document, verb: str, body: bytes) -> None:
    target = f"/v1/items/{ABSENT}" if verb == "PUT" else "/v1/items"

    answer = service.client.send(verb, target, body, JSON)

    assert (answer.status, document.refusal(answer)) == (400, ("malformed_json", []))


@pytest.mark.parametrize(
    "text",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json; profile=x",
    ],
)
def test_json_in_utf_8_is_accepted(service: Service, text: str) -> None:
    assert service.client.post("/v1/items", {"name": "a"}, as_type(text)).status == 201


@pytest.mark.parametrize(
    "headers",
    [
        (),
        as_type(""),
        as_type("text/plain"),
        as_type("application/problem+json"),
        as_type("application/jsonx"),
        as_type("text/json"),
        as_type("application/json; charset=latin1"),
        as_type("application/json; charset=utf-16"),
        as_type("application/x-www-form-urlencoded"),
        as_type("multipart/form-data; boundary=x"),
        as_type("*/*"),
        as_type("application"),
        (*JSON, ("Content-Encoding", "gzip")),
        (*JSON, ("Content-Encoding", "identity")),
        (*JSON, ("Content-Encoding", "br, gzip")),
    ],
    ids=str,
)
@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_other_media_types_are_refused(service: Service, document: Document, verb: str, headers: Headers) -> None:
    target = f"/v1/items/{ABSENT}" if verb == "PUT" else "/v1/items"

    answer = service.client.send(verb, target, {"name": "a"}, headers)

    assert (answer.status, document.refusal(answer)) == (415, ("unsupported_media_type", []))
    assert next(walk(service.client, 20)) == []
