"""Holds answers against api/openapi.yaml."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx2
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

OPENAPI: dict[str, Any] = yaml.safe_load(Path("api/openapi.yaml").read_text(encoding="utf-8"))
_METHODS = ("get", "post", "put", "delete")
_REGISTRY = Registry().with_resource("openapi", Resource.from_contents(OPENAPI, default_specification=DRAFT202012))

answered: set[str] = set()
"""Every `operationId status` that was answered as the document promises."""


def promised(tag: str) -> set[str]:
    """Return every `operationId status` that the document promises for a tag."""
    operations = [path[method] for path in OPENAPI["paths"].values() for method in _METHODS if method in path]
    return {
        f"{operation['operationId']} {status}"
        for operation in operations
        if tag in operation["tags"]
        for status in operation["responses"]
        if status != "default"
    }


def as_promised(answer: httpx2.Response) -> None:
    """Fail when an answer is not what the document promises."""
    request = answer.request
    what = f"{request.method} {request.url.path} {answer.status_code}"
    operation = _operation_at(request.method.lower(), request.url.raw_path.decode().partition("?")[0])
    if operation is None and answer.status_code < 400:
        return
    responses = operation["responses"] if operation else {}
    name = str(answer.status_code) if str(answer.status_code) in responses else "default"
    response = _resolved(responses.get(name, {"$ref": "#/components/responses/Problem"}))
    missing = [header for header in response.get("headers", {}) if header not in answer.headers]
    assert missing == [], f"{what} lacks headers"
    if "content" in response:
        _check_content(answer, response["content"], what)
    if operation:
        answered.add(f"{operation['operationId']} {name}")


def _check_content(answer: httpx2.Response, content: dict[str, Any], what: str) -> None:
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in content, f"{what} has another media type"
    if media_type.endswith("json") and answer.request.method != "HEAD":
        # References inside the document are relative to it.
        schema = json.loads(json.dumps(content[media_type]["schema"]).replace('"$ref": "#', '"$ref": "openapi#'))
        Draft202012Validator(schema, registry=_REGISTRY, format_checker=FormatChecker()).validate(answer.json())


def _operation_at(method: str, path: str) -> dict[str, Any] | None:
    segments = unquote(path).split("/")
    for template, operations in OPENAPI["paths"].items():
        parts = template.split("/")
        pairs = zip(parts, segments, strict=False)
        if len(parts) == len(segments) and all(part.startswith("{") or part == segment for part, segment in pairs):
            operation: dict[str, Any] | None = operations.get(method)
            return operation
    return None


def _resolved(response: dict[str, Any]) -> dict[str, Any]:
    reference = response.get("$ref")
    if reference is None:
        return response
    shared: dict[str, Any] = OPENAPI["components"]["responses"][reference.rpartition("/")[2]]
    return shared
