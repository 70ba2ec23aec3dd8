"""Routes of the tests' own: they stand when the example is deleted."""

import asyncio
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from app.app import Routes
from app.body import JsonRoute
from app.deps import Deps


class Echo(BaseModel):
    """Any JSON object."""

    model_config = ConfigDict(extra="allow")


def echo_routes(_deps: Deps) -> APIRouter:
    """Offer a resource that says what it is told."""
    router = APIRouter(prefix="/v1/echoes", route_class=JsonRoute)

    @router.get("/{id}")
    async def get_echo(id: str) -> dict[str, str]:  # noqa: A002 - the name in the path
        return {"id": id}

    @router.post("/{id}")
    async def create_echo(id: str, body: Echo) -> dict[str, Any]:  # noqa: A002 - the name in the path
        return {"id": id, "body": body.model_dump()}

    return router


def failing(error: Exception) -> Routes:
    """Offer a path that fails."""

    def routes(_deps: Deps) -> APIRouter:
        router = APIRouter()

        @router.get("/v1/failures")
        async def fail() -> None:
            raise error

        return router

    return [routes]


def waiting_routes(_deps: Deps) -> APIRouter:
    """Offer a path that waits for what never comes."""
    router = APIRouter()

    @router.get("/v1/waits")
    async def wait() -> None:
        await asyncio.Event().wait()

    return router


def scraping_routes(deps: Deps) -> APIRouter:
    """Offer the metrics as they are within a request."""
    router = APIRouter()

    @router.get("/v1/scrapes")
    async def get_scrape() -> Response:
        return Response(deps.metrics.text())

    return router


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
