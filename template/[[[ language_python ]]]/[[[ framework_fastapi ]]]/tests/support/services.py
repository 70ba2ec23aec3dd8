"""Services on a PostgreSQL, or behind a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2
from fastapi import APIRouter

from app.__main__ import listen
from app.app import Deps, Routes, create_app
from app.db import Db
from app.server import Server
from tests.support.database import TestDatabase
from tests.support.deps import Parts, parts_of
from tests.support.openapi import as_promised


@asynccontextmanager
async def parts_on(database: TestDatabase, **env: str) -> AsyncIterator[Parts]:
    """Build the parts of a service on a database."""
    parts = parts_of(**database.env, **env)
    db = Db(parts.deps.config, parts.deps.metrics)
    await db.open()
    try:
        yield replace(parts, deps=replace(parts.deps, db=db))
    finally:
        await db.close()


def client_on(parts: Parts, routes: Routes) -> httpx2.AsyncClient:
    """Return a client whose answers are held against api/openapi.yaml."""

    async def hold(answer: httpx2.Response) -> None:
        await answer.aread()
        as_promised(answer)

    app = httpx2.ASGITransport(create_app(parts.deps, routes))
    return httpx2.AsyncClient(transport=app, base_url="http://service", event_hooks={"response": [hold]})


def asking(*statements: str) -> Routes:
    """Offer the rows of statements at `/v1/rows/0` and so on."""

    def routes(deps: Deps) -> APIRouter:
        router = APIRouter()

        @router.get("/v1/rows/{number}")
        async def get_rows(number: int) -> list[dict[str, object]]:
            assert deps.db
            return await deps.db.query("SELECT", "rows", statements[number])

        return router

    return [routes]


@asynccontextmanager
async def serving(parts: Parts, routes: Routes) -> AsyncIterator[int]:
    """Serve on a free port of this machine, and return it."""
    server = Server(create_app(parts.deps, routes), parts.deps)
    with listen(parts.deps.config) as listener:
        life = asyncio.create_task(server.serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await life
