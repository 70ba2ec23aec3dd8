"""Clients of a service without a socket; each of their answers is held against api/openapi.yaml."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import httpx2

from app.app import Routes, create_app
from app.db import Db
from tests.support.deps import Parts
from tests.support.openapi import as_promised
from tests.support.routes import echo_routes


class Transport(httpx2.BaseTransport):
    """Hands requests to an app as gunicorn does: with the path as it was sent, and repeated headers joined."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Let the app answer."""
        target = request.url.raw_path.decode("ascii")
        path = unquote_to_bytes(target.partition("?")[0]).decode("latin-1")
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}

        def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            return self._app(environ | headers | {"RAW_URI": target, "PATH_INFO": path}, start_response)

        return httpx2.WSGITransport(app, remote_addr="testclient").handle_request(request)


def client_of(parts: Parts, routes: Routes = (echo_routes,)) -> httpx2.Client:
    """Return a client of a fresh service."""
    transport = Transport(create_app(parts.deps, routes))
    return httpx2.Client(transport=transport, base_url="http://service", event_hooks={"response": [_hold]})


@contextmanager
def client_on(parts: Parts, routes: Routes) -> Iterator[httpx2.Client]:
    """Lend a client of a service on the database of its configuration."""
    db = Db(parts.deps.config, parts.deps.metrics)
    db.open()
    try:
        yield client_of(replace(parts, deps=replace(parts.deps, db=db)), routes)
    finally:
        db.close()


def _hold(answer: httpx2.Response) -> None:
    answer.read()
    as_promised(answer)
