"""Refusals and failures."""

import json

import pytest

from tests.support.client import client_of
from tests.support.deps import parts_of, problem_of
from tests.support.routes import failing, waiting_routes

PATH = "/v1/echoes/x"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/echoes", "/V1/echoes/x", "/v1/echoes/x/", "/health/", "/Health"])
def test_an_unknown_path_leads_to_nothing(path: str) -> None:
    assert problem_of(client_of(parts_of()).get(path)) == (404, "about:blank", [])


@pytest.mark.parametrize("path", ["/v1/echoes/%ff", "/%c3"])
def test_a_path_that_is_no_text_cannot_be_read(path: str) -> None:
    answer = client_of(parts_of()).get(path)

    assert problem_of(answer) == (400, "about:blank", [])
    assert answer.json()["instance"] == path


def test_the_path_of_a_problem_is_told_without_its_query() -> None:
    answer = client_of(parts_of()).get("/nowhere?token=not-a-real-token")

    assert answer.json()["instance"] == "/nowhere"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_a_method_that_is_not_offered_is_refused(method: str) -> None:
    answer = client_of(parts_of()).request(method, PATH, content="x")

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; other=1",
    ],
)
def test_json_in_utf_8_is_read(media_type: str) -> None:
    answer = client_of(parts_of()).post(PATH, content='{"a":[1]}', headers={"Content-Type": media_type})

    assert (answer.status_code, answer.json()) == (200, {"id": "x", "body": {"a": [1]}})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json2"},
        {"Content-Type": "application/problem+json"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "json"},
        JSON | {"Content-Encoding": "gzip"},
        JSON | {"Content-Encoding": "identity"},
    ],
    ids=str,
)
def test_another_media_type_is_refused(headers: dict[str, str]) -> None:
    answer = client_of(parts_of()).post(PATH, content=b"{}", headers=headers)

    assert problem_of(answer) == (415, "about:blank", [])


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{", b"{'a': 1}", b'{"a": 1,}', b"NaN", b"[1] 2", b"\xef\xbb\xbf{}", b'"\xff"', b'"\xed\xa0\x80"'],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    answer = client_of(parts_of()).post(PATH, content=body, headers=JSON)

    assert problem_of(answer) == (400, "/problems/malformed-json", [])


def test_json_may_not_be_too_deep() -> None:
    answer = client_of(parts_of()).post(PATH, content=b"[" * 100_000 + b"]" * 100_000, headers=JSON)

    assert problem_of(answer) == (400, "/problems/malformed-json", [])


def test_a_number_may_be_longer_than_python_reads() -> None:
    answer = client_of(parts_of()).post(PATH, content=b"9" * 5000, headers=JSON)

    assert problem_of(answer) == (422, "/problems/validation-error", ["#"])


@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 413)])
def test_a_body_may_be_as_long_as_the_limit(size: int, status: int) -> None:
    body = json.dumps({"a": 1}).encode().ljust(size)
    client = client_of(parts_of(MAX_BODY_BYTES="100"))

    announced = client.post(PATH, content=body, headers=JSON)
    in_pieces = client.post(PATH, content=iter([body[:50], body[50:]]), headers=JSON)

    assert (announced.status_code, in_pieces.status_code) == (status, status)


def test_a_failure_tells_nothing_of_its_cause() -> None:
    answer = client_of(parts_of(), failing(RuntimeError("secret"))).get("/v1/failures")

    assert problem_of(answer) == (500, "about:blank", [])
    assert "secret" not in answer.text


def test_a_request_over_its_time_is_a_time_out() -> None:
    parts = parts_of(REQUEST_TIMEOUT_MS="50")

    answer = client_of(parts, [waiting_routes]).get("/v1/waits")

    assert problem_of(answer) == (504, "/problems/timeout", [])
    assert [line["message"] for line in parts.lines] == ["request completed"]


def test_load_over_the_limit_is_turned_away_and_probes_are_not() -> None:
    parts = parts_of(MAX_IN_FLIGHT="1")
    parts.deps.lifecycle.active["GET"] = 1
    client = client_of(parts)

    refused, probe = client.get(PATH), client.get("/health")
    parts.deps.lifecycle.active["GET"] = 0

    assert (problem_of(refused), refused.headers["retry-after"]) == ((503, "about:blank", []), "1")
    assert probe.status_code == 200
    assert client.get(PATH).status_code == 200


def test_two_apps_live_in_one_process() -> None:
    assert client_of(parts_of()).get(PATH).status_code == 200
    assert client_of(parts_of(), []).get(PATH).status_code == 404
