"""Headers of every answer."""

import pytest

from tests.support.deps import client_of, failing, parts_of

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
