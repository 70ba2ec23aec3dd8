"""Headers of every answer."""

import pytest

from tests.support.client import client_of
from tests.support.deps import parts_of
from tests.support.routes import failing

PATHS = ["/health", "/v1/echoes/x", "/nowhere", "/%ff", "/v1/failures"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers_of_the_contract(path: str) -> None:
    answer = client_of(parts_of(), failing(RuntimeError())).get(path)

    assert answer.headers["x-service-version"] == "0123abc"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["traceparent"].split("-")[1] == answer.headers["x-request-id"]
    assert not {"server", "x-powered-by", "etag", "connection"} & set(answer.headers)


@pytest.mark.parametrize("path", PATHS)
def test_while_it_drains_every_answer_sends_its_client_elsewhere(path: str) -> None:
    parts = parts_of()
    parts.deps.lifecycle.draining = True

    assert client_of(parts, failing(RuntimeError())).get(path).headers["connection"] == "close"


def test_two_parents_are_none() -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    header = ("traceparent", f"00-{trace}-00f067aa0ba902b7-01")

    answer = client_of(parts_of()).get("/health", headers=[header, header])

    assert trace not in answer.headers["traceparent"]
