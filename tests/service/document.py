"""The OpenAPI document of a generated service as an oracle: what an answer may look like, to the byte."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

URN = "urn:openapi"
PROBLEM_MEMBERS = ("type", "title", "status", "detail", "instance", "request_id", "errors")
ITEM = ("id", "name", "description", "created_at", "updated_at")
ITEM_FIELDS = ("name", "description")
HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
FORBIDDEN_HEADERS = ("server", "x-powered-by", "etag")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
BELOW_ROUTER = (400, 408, 431)


@dataclass(frozen=True)
class Answer:
    """A response as it came over the wire."""

    method: str
    target: str
    status: int
    headers: Sequence[tuple[str, str]] = field(repr=False)
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the value of a header, several joined by a comma as RFC 9110 does, or None."""
        values = [value for known, value in self.headers if known.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def media_type(self) -> str:
        """The content type without parameters, or ``""``."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON has no narrower type
        """The body read as JSON."""
        return json.loads(self.body)

    @property
    def path(self) -> str:
        """The path of the request as it was sent."""
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Document:
    """``api/openapi.yaml`` of a generated repository."""

    source: bytes

    @classmethod
    def of(cls, repository: Path) -> "Document":
        """Read the document of a generated repository."""
        return cls((repository / "api" / "openapi.yaml").read_bytes())

    @cached_property
    def content(self) -> dict[str, Any]:
        """The document as data."""
        content: dict[str, Any] = yaml.safe_load(self.source)
        return content

    def operations(self, tag: str) -> list[tuple[str, str]]:
        """Return method and path of the operations that carry a tag."""
        return [
            (verb.upper(), path)
            for path, item in self.content["paths"].items()
            for verb, operation in item.items()
            if verb != "parameters" and tag in operation["tags"]
        ]

    def problem(self, code: str, instance: str, request_id: str, errors: Sequence[tuple[str, str]] = ()) -> bytes:
        """Return the exact bytes of a problem; ``errors`` are pairs of place (``#/name`` or ``limit``) and code."""
        row = self.content["x-problems"][code]
        problem = {name: row[name] for name in ("type", "title", "status", "detail")}
        problem |= {"instance": instance, "request_id": request_id}
        if errors:
            problem["errors"] = [self._entry(place, error) for place, error in errors]
        return json.dumps(problem, separators=(",", ":"), ensure_ascii=False).encode(errors="backslashreplace")

    def refusal(self, answer: Answer) -> tuple[str, list[tuple[str, str]]]:
        """Return the code of a problem and its pairs of place and error code; raises KeyError if it has none."""
        problem = answer.json
        key = tuple(problem[name] for name in ("status", "type", "detail"))
        codes = {(row["status"], row["type"], row["detail"]): code for code, row in self.content["x-problems"].items()}
        return codes[key], [(_place(entry), entry["code"]) for entry in problem.get("errors", [])]

    def faults(self, answer: Answer, commit: str) -> list[str]:
        """Say in which ways an answer breaks the contract, whatever the test was about; nothing if it keeps it."""
        said = _header_faults(answer, commit)
        if answer.method == "HEAD" or answer.status == 204:
            return said + ([f"has a body of {len(answer.body)} bytes"] if answer.body else [])
        if answer.media_type == "application/problem+json":
            said += self._problem_faults(answer)
        return said + self._operation_faults(answer)

    def _entry(self, place: str, error: str) -> dict[str, str]:
        texts = self.content["x-field-errors"][error]
        detail = texts if isinstance(texts, str) else texts[place.removeprefix("#/")]
        kind = "pointer" if place.startswith("#") else "parameter"
        return {kind: place, "detail": detail, "code": error}

    def _problem_faults(self, answer: Answer) -> list[str]:
        try:
            problem = answer.json
            code, errors = self.refusal(answer)
            below = answer.status in BELOW_ROUTER and answer.header("connection") == "close"
            instance = problem["instance"] if below else answer.path
            wanted = self.problem(code, instance, answer.header("x-request-id") or "", errors)
        except (ValueError, KeyError) as error:
            return [f"is no problem of x-problems ({error!r}): {answer.body!r}"]
        said = [f"differs from x-problems:\n    {wanted!r}\n    {answer.body!r}"] if answer.body != wanted else []
        if problem["status"] != answer.status:
            said.append(f"says status {problem['status']} in its body")
        if bool(errors) != (answer.status in (409, 422)):
            said.append(f"{answer.status} with {len(errors)} errors")
        places = [place for place, _ in errors]
        if places != in_order(places):
            said.append(f"names its fields in the order {places}")
        return said

    def _operation_faults(self, answer: Answer) -> list[str]:
        place = self._place_of(answer)
        if place is None:
            wrong = answer.media_type != "application/problem+json"
            return ["is no problem, though no operation is documented here"] if wrong else []
        response = self._at(place)
        said = [
            f"lacks the header {name}"
            for name, header in response.get("headers", {}).items()
            if answer.header(name) is None and self._resolved(header).get("required")
        ]
        if answer.media_type not in response.get("content", {}):
            return [*said, f"has the undocumented content type {answer.media_type!r}"]
        if not answer.media_type.endswith("json"):
            return said
        pointer = f"{self._pointer(place)}/content/{answer.media_type.replace('/', '~1')}/schema"
        try:
            said += [str(error.message) for error in self._validator(pointer).iter_errors(answer.json)]
        except ValueError as error:
            return [*said, f"is no JSON: {error}"]
        return said or _order_faults(answer.json)

    def _place_of(self, answer: Answer) -> tuple[str, ...] | None:
        for path, item in self.content["paths"].items():
            form = "/".join("[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/"))
            if re.fullmatch(form, answer.path) and answer.method.lower() in item:
                responses = item[answer.method.lower()]["responses"]
                status = str(answer.status) if str(answer.status) in responses else "default"
                return ("paths", path, answer.method.lower(), "responses", status)
        return None

    def _at(self, place: Sequence[str]) -> Mapping[str, Any]:
        node: Any = self.content
        for part in place:
            node = node[part]
        return self._resolved(node)

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._at(node["$ref"].removeprefix("#/").split("/")) if "$ref" in node else node

    def _pointer(self, place: Sequence[str]) -> str:
        reference = self.content
        for part in place:
            reference = reference[part]
        if "$ref" in reference:
            return str(reference["$ref"])
        return "#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in place)

    def _validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        if pointer not in self._validators:
            schema = {"$ref": f"{URN}{pointer.replace('{', '%7B').replace('}', '%7D')}"}
            registry = jsonschema_rs.Registry([(URN, self.content)], draft=jsonschema_rs.Draft202012)
            validator = jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)
            self._validators[pointer] = validator
        return self._validators[pointer]

    @cached_property
    def _validators(self) -> dict[str, jsonschema_rs.Draft202012Validator]:
        return {}


def in_order(places: Sequence[str]) -> list[str]:
    """Return the places of errors as the contract orders them: the document's order, then the alphabet."""
    known = ["id", "limit", "cursor", "#", *(f"#/{name}" for name in ITEM_FIELDS)]
    return [*(place for place in known if place in places), *sorted(set(places) - set(known))]


def _place(entry: Mapping[str, str]) -> str:
    return entry["pointer"] if "pointer" in entry else entry["parameter"]


def _order_faults(body: Mapping[str, Any]) -> list[str]:
    orders = [list(item) for item in [body, *body.get("data", [])] if "created_at" in item]
    return [f"names the members of an item in the order {order}" for order in orders if order != list(ITEM)]


def _header_faults(answer: Answer, commit: str) -> list[str]:
    exact = HEADERS | {"x-service-version": commit}
    if answer.status == 503:
        exact = exact | {"retry-after": "1"}
    said = [
        f"has the header {name}: {answer.header(name)}, not {value}"
        for name, value in exact.items()
        if answer.header(name) != value
    ]
    said += [f"has the header {name}" for name in FORBIDDEN_HEADERS if answer.header(name) is not None]
    said += [
        f"has the header {name}: {answer.header(name)}"
        for name, form in (("x-request-id", REQUEST_ID), ("traceparent", TRACEPARENT))
        if not form.fullmatch(answer.header(name) or "")
    ]
    return said
