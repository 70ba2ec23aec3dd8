"""Schemathesis: generated requests, valid and invalid, and every answer held against the OpenAPI document."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kit.process import Outcome, run
from kit.tools import tool
from service.document import Document
from service.instance import Service
from service.stacks import with_first_stack

SETTINGS = Path(__file__).with_name("schemathesis.toml")
Content = dict[str, Any]
Doctor = Callable[[Content], None]


def examine(document: Path | str, service: Service, folder: Path, *options: str) -> Outcome:
    """Let Schemathesis examine a service by a document, with all its checks.

    It leaves out the operation that serves the document itself; ``test_health`` compares those bytes.
    """
    program: list[Path | str] = [tool("schemathesis"), "--config-file", SETTINGS]
    return run([*program, "run", document, "--url", service.url, "--checks=all", *options], cwd=folder, deadline=120)


def test_schemathesis_finds_nothing(service: Service, document: Document, tmp_path: Path) -> None:
    outcome = examine(f"{service.url}/openapi.yaml", service, tmp_path).succeeded()

    operations = {*document.operations("items"), *document.operations("operation")} - {("GET", "/openapi.yaml")}
    assert f"Tested: {len(operations)}\n" in outcome.out


def a_field_that_is_not_there(document: Content) -> None:
    document["components"]["schemas"]["Item"]["required"].append("price")


def a_stricter_body(document: Content) -> None:
    document["components"]["schemas"]["ItemInput"]["properties"]["name"]["maxLength"] = 5


def a_status_that_is_not_documented(document: Content) -> None:
    responses = document["paths"]["/v1/items"]["get"]["responses"]
    del responses["422"], responses["default"]


def a_header_that_is_not_there(document: Content) -> None:
    response = document["paths"]["/health"]["get"]["responses"]["200"]
    response["headers"] = {"X-Missing": {"required": True, "schema": {"type": "string"}}}


@pytest.mark.parametrize(
    ("doctor", "finding"),
    [
        (a_field_that_is_not_there, "Response violates schema"),
        (a_stricter_body, "Schema-violating request accepted"),
        (a_status_that_is_not_documented, "Undocumented status code"),
        (a_header_that_is_not_there, "Missing required response headers"),
    ],
)
@pytest.mark.parametrize("store", ["memory"], indirect=True)
@with_first_stack
def test_schemathesis_finds_a_document_that_the_service_does_not_keep(
    service: Service, document: Document, tmp_path: Path, doctor: Doctor, finding: str
) -> None:
    content = copy.deepcopy(document.content)
    doctor(content)
    doctored = tmp_path / "openapi.yaml"
    doctored.write_text(yaml.safe_dump(content))

    outcome = examine(doctored, service, tmp_path, "--phases=coverage", "--exclude-path=/openapi.yaml")

    assert outcome.code == 1
    assert finding in outcome.out
