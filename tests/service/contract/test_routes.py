"""Chapter "Order of refusal": routes, methods, and which of several faults answers."""

import pytest

from service.client import JSON, Headers
from service.document import Document
from service.instance import Service
from service.items import create

ABSENT = "00000000-0000-0000-0000-000000000001"
ALLOWED = {
    "/v1/items": "GET, POST",
    f"/v1/items/{ABSENT}": "GET, PUT, DELETE",
    "/health": "GET",
    "/ready": "GET",
    "/version": "GET",
    "/metrics": "GET",
    "/openapi.yaml": "GET",
}
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
TEXT: Headers = (("Content-Type", "text/plain"),)
LONG = b'"' + b"x" * 100 + b'"'


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/v1",
        "/v1/",
        "/v1/items/",
        "/V1/items",
        "/v1/Items",
        "/v1/items//",
        "//v1/items",
        "/v1//items",
        "/v1/items/../items",
        "/v1/./items",
        f"/v1/items/{ABSENT}/",
        f"/v1/items/{ABSENT}/name",
        "/v1/items;x=1",
        "/v1/items%20",
        "/Health",
        "/health/",
        "/healthz",
        "/openapi.json",
        "/metrics/",
        "/favicon.ico",
        "/..%2f..%2fetc%2fpasswd",
        "/src/server.ts",
        "/.env",
        "/x?limit=x",
        "/" + "x" * 8000,
        "/%F0%9F%98%80",
    ],
)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_path_that_is_not_documented_is_not_found(
    service: Service, document: Document, verb: str, target: str
) -> None:
    answer = service.client.send(verb, target, b"{}" if verb == "POST" else b"")

    assert (answer.status, document.refusal(answer)) == (404, ("not_found", []))


@pytest.mark.parametrize(
    "target", ["/v1/items/%", "/v1/items/%zz", "/v1/items/%4", "/%", "/x%gg", "/v1/%ite/ms", "/health%"]
)
def test_a_path_that_is_no_percent_encoding_is_a_bad_request(service: Service, document: Document, target: str) -> None:
    answer = service.client.get(target)

    assert (answer.status, document.refusal(answer)) == (400, ("bad_request", []))


@pytest.mark.parametrize(
    ("verb", "target"),
    [(verb, target) for target in ALLOWED for verb in METHODS if verb not in ALLOWED[target].split(", ")],
)
def test_a_method_that_is_not_offered_is_refused(service: Service, document: Document, verb: str, target: str) -> None:
    answer = service.client.send(verb, target)

    assert (answer.status, answer.header("allow")) == (405, ALLOWED[target])
    assert answer.media_type == "application/problem+json"
    assert verb == "HEAD" or document.refusal(answer) == ("method_not_allowed", [])


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        pytest.param(("POST", "/nowhere", LONG, TEXT), "not_found", id="route before media type"),
        pytest.param(("PATCH", "/nowhere", LONG, TEXT), "not_found", id="route before method"),
        pytest.param(("POST", "/nowhere", LONG, JSON), "not_found", id="route before size"),
        pytest.param(("PATCH", "/v1/items", LONG, TEXT), "method_not_allowed", id="method before media type"),
        pytest.param(("PATCH", "/v1/items/x", b"{", JSON), "method_not_allowed", id="method before JSON"),
        pytest.param(("POST", "/v1/items", LONG, TEXT), "unsupported_media_type", id="media type before size"),
        pytest.param(("POST", "/v1/items", b"{", TEXT), "unsupported_media_type", id="media type before JSON"),
        pytest.param(("POST", "/v1/items", b"", ()), "unsupported_media_type", id="media type before emptiness"),
        pytest.param(("PUT", "/v1/items/x", b"{}", TEXT), "unsupported_media_type", id="media type before parameters"),
        pytest.param(("POST", "/v1/items", b"{" * 100, JSON), "body_too_large", id="size before JSON"),
        pytest.param(("PUT", "/v1/items/x", LONG, JSON), "body_too_large", id="size before parameters"),
        pytest.param(("PUT", "/v1/items/x", b"{", JSON), "malformed_json", id="JSON before parameters"),
    ],
)
def test_the_first_fault_answers(
    narrow: Service, document: Document, refused: tuple[str, str, bytes, Headers], code: str
) -> None:
    answer = narrow.client.send(*refused)

    assert document.refusal(answer) == (code, [])


def test_parameters_are_refused_before_fields(service: Service, document: Document) -> None:
    answer = service.client.put("/v1/items/x", {"name": ""})

    assert document.refusal(answer) == ("validation_error", [("id", "not_a_uuid")])


def test_fields_are_refused_before_the_store_is_asked(service: Service, document: Document) -> None:
    answer = service.client.put(f"/v1/items/{ABSENT}", {"name": ""})

    assert document.refusal(answer) == ("validation_error", [("#/name", "too_short")])


def test_an_absent_item_is_not_found_before_its_name_is_compared(service: Service, document: Document) -> None:
    create(service.client, "anchor")

    answer = service.client.put(f"/v1/items/{ABSENT}", {"name": "anchor"})

    assert document.refusal(answer) == ("not_found", [])


def test_a_problem_names_its_path_without_the_query(service: Service) -> None:
    answer = service.client.get("/v1/items/%41%2f?limit=1")

    assert answer.json["instance"] == "/v1/items/%41%2f"


def test_a_problem_carries_the_id_of_its_request(service: Service) -> None:
    answer = service.client.get("/nowhere", (("X-Request-Id", "abc-123"),))

    assert answer.json["request_id"] == "abc-123"
