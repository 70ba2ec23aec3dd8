"""Clients of a service without a socket; each of their answers is held against api/openapi.yaml."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx2
from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from app.app import Routes, create_app
from app.db import Db
from tests.support.deps import Parts
from tests.support.openapi import as_promised
from tests.support.routes import echo_routes


def client_of(parts: Parts, routes: Routes = (echo_routes,)) -> TestClient:
    """Return a client of a fresh service."""
    client = TestClient(create_app(parts.deps, routes), base_url="http://service")
    client.event_hooks = {"response": [_hold]}
    return client


@contextmanager
def client_on(parts: Parts, routes: Routes) -> Iterator[httpx2.Client]:
    """Lend a client of a service on the database of its configuration."""
    db = Db(parts.deps.config, parts.deps.metrics)
    client = client_of(replace(parts, deps=replace(parts.deps, db=db)), routes)
    with start_blocking_portal() as portal:
        client.portal = portal
        portal.call(db.open)
        try:
            yield client
        finally:
            portal.call(db.close)


def _hold(answer: httpx2.Response) -> None:
    answer.read()
    as_promised(answer)
