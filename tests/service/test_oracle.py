"""The oracles of the contract suite: each deviation from the contract is seen, whatever the test was about."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from service import logs
from service.document import Answer, Document
from service.instance import COMMIT, Service

NOON, NOBODY = "2026-11-24T12:00:00.000Z", "00000000-0000-0000-0000-000000000000"
Alter = Callable[[Answer], Answer]


def without(name: str) -> Alter:
    return lambda answer: replace(answer, headers=[one for one in answer.headers if one[0].lower() != name.lower()])


def having(name: str, value: str) -> Alter:
    return lambda answer: replace(answer, headers=[*without(name)(answer).headers, (name, value)])


def saying(old: str, new: str) -> Alter:
    def alter(answer: Answer) -> Answer:
        assert old.encode() in answer.body
        return replace(answer, body=answer.body.replace(old.encode(), new.encode()))

    return alter


def turned_item(answer: Answer) -> Answer:
    item = {"updated_at": NOON, "id": NOBODY, "name": "x", "description": None, "created_at": NOON}
    return replace(answer, body=json.dumps({"data": [item], "next_cursor": None}).encode())


def turned(answer: Answer) -> Answer:
    members = list(answer.json.items())
    return replace(answer, body=json.dumps(dict(members[::-1]), separators=(",", ":")).encode())


@pytest.mark.parametrize("store", ["memory"], indirect=True)
@pytest.mark.parametrize(
    ("target", "alter"),
    [
        ("/v1/items", without("X-Request-Id")),
        ("/v1/items", without("traceparent")),
        ("/v1/items", without("X-Service-Version")),
        ("/v1/items", without("Cache-Control")),
        ("/v1/items", having("X-Content-Type-Options", "sniff")),
        ("/v1/items", having("Server", "x")),
        ("/v1/items", having("ETag", "x")),
        ("/v1/items", having("Content-Type", "text/html")),
        ("/v1/items", lambda answer: replace(answer, status=503)),
        ("/v1/items", lambda answer: replace(answer, body=b"[]")),
        ("/v1/items", lambda answer: replace(answer, body=b"{")),
        ("/v1/items", lambda answer: replace(answer, method="HEAD")),
        ("/v1/items", saying("next_cursor", "next")),
        ("/v1/items?limit=1", turned_item),
        ("/v1/items?limit=x&cursor=x", turned),
        ("/v1/items?limit=x&cursor=x", saying('"errors":[', '"errors" : [')),
        ("/v1/items?limit=x&cursor=x", saying("integer from 1", "integer of 1")),
        ("/v1/items?limit=x&cursor=x", saying('"limit"', '"size"')),
        ("/v1/items?limit=x&cursor=x", saying("invalid_cursor", "out_of_range")),
        ("/v1/items?limit=x&cursor=x", saying("/v1/items", "/v1/items?limit=x")),
        ("/v1/items?limit=x&cursor=x", saying("Request is invalid", "Request is wrong")),
        ("/v1/items?limit=x&cursor=x", saying("tell what is wrong.", "tell.")),
        ("/nowhere", saying("about:blank", "/problems/not-found")),
        ("/nowhere", saying("}", ',"stack":"x"}')),
        ("/nowhere", having("X-Request-Id", "another")),
        ("/nowhere", having("Content-Type", "application/json")),
        ("/nowhere", lambda answer: replace(answer, status=200)),
        ("/ready", saying("UP", "OK")),
        ("/version", saying("commit", "sha")),
    ],
)
def test_an_answer_that_breaks_the_contract_is_seen(
    service: Service, document: Document, target: str, alter: Alter
) -> None:
    answer = service.client.get(target)

    assert document.faults(answer, COMMIT) == []
    assert document.faults(alter(answer), COMMIT) != []


@pytest.mark.parametrize("store", ["memory"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        {"level": "warn"},
        {"level": "INFO"},
        {"timestamp": "2026-11-24T03:00:00Z"},
        {"duration_ms": "1.5"},
        {"http_response_status_code": "200"},
        {"http_response_status_code": True},
        {"http_response_status_code": 500},
        {"url_path": "/v1/items?limit=1"},
        {"trace_id": "X" * 32},
        {"user_agent": None},
        {"http.route": "/v1/items"},
        {"span_id": 7},
    ],
    ids=str,
)
def test_a_line_that_breaks_the_contract_is_seen(service: Service, change: logs.Line) -> None:
    since = service.log.end()
    service.client.get("/v1/items")
    line = service.until_logged("request completed", since)

    assert logs.faults(line) == []
    assert logs.faults(line | change) != []


@pytest.mark.parametrize("name", [*logs.BASE, *logs.FIELDS["request completed"]])
@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_a_line_that_lacks_a_field_is_seen(service: Service, name: str) -> None:
    since = service.log.end()
    service.client.get("/v1/items")
    line = service.until_logged("request completed", since)

    assert logs.faults({field: value for field, value in line.items() if field != name}) != []
