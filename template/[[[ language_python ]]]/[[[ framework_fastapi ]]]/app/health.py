"""What platforms and operators ask."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from app.db import Db
from app.db_errors import reason_of
from app.deps import Deps
from app.lifecycle import Status
from app.metrics import CONTENT_TYPE

_OPENAPI = Path(__file__).parent.parent / "api" / "openapi.yaml"


def health_routes(deps: Deps) -> APIRouter:
    """Offer the operational paths."""
    router = APIRouter()
    check = DatabaseCheck(deps.db, deps) if deps.db else None

    @router.get("/health")
    async def get_health() -> dict[str, str]:
        return {"status": "UP"}

    @router.get("/ready")
    async def get_readiness() -> JSONResponse:
        body = deps.lifecycle.readiness(await check() if check else None)
        if body["status"] == "UP":
            return JSONResponse(body)
        return JSONResponse(body, status_code=503, headers={"Retry-After": "1"})

    @router.get("/version")
    async def get_version() -> dict[str, str]:
        return deps.config.version

    @router.get("/metrics")
    async def get_metrics() -> Response:
        return Response(deps.metrics.text(), media_type=CONTENT_TYPE)

    @router.get("/openapi.yaml")
    async def get_openapi() -> Response:
        return Response(_OPENAPI.read_bytes(), media_type="application/yaml")

    return router


class DatabaseCheck:
    """However many ask, the database is asked once a second."""

    def __init__(self, db: Db, deps: Deps) -> None:
        self._db = db
        self._deps = deps
        self._asked_at = float("-inf")
        self._answer: asyncio.Task[Status] | None = None
        self._previous: Status = "UP"

    async def __call__(self) -> Status:
        """Tell whether the database is there."""
        time = self._deps.now().timestamp()
        if self._answer is None or time - self._asked_at >= 1:
            self._asked_at = time
            self._answer = asyncio.create_task(self._ask())
        return await asyncio.shield(self._answer)

    async def _ask(self) -> Status:
        failure = await _failure_of(self._db.ping)
        status: Status = "UP" if failure is None else "DOWN"
        if status != self._previous:
            self._deps.log.readiness(failure)
        self._previous = status
        return status


async def _failure_of(ping: Callable[[], Awaitable[None]]) -> str | None:
    try:
        async with asyncio.timeout(1):
            await ping()
    except TimeoutError:
        return "the database did not answer within 1 s"
    except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
        return reason_of(error)
    return None
