"""The assembly of the service from parts that are given."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from app.config import Config
from app.db import Db
from app.errors import HANDLERS
from app.health import Lifecycle, health_routes
from app.log import Log
from app.metrics import OPERATIONAL, Metrics
from app.middleware.headers import Headers
from app.middleware.limits import Limits
from app.middleware.observe import Observe


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything a part of the service may need; built by `__main__` and by tests only."""

    config: Config
    log: Log
    metrics: Metrics
    db: Db | None
    lifecycle: Lifecycle
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]


Routes = Sequence[Callable[[Deps], APIRouter]]


def create_app(deps: Deps, routes: Routes) -> ASGIApp:
    """Build the service with these routes."""
    api = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers=HANDLERS,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    allowed: defaultdict[str, list[str]] = defaultdict(list)
    api.state.allowed = allowed
    api.state.log, api.state.max_body_bytes = deps.log, deps.config.max_body_bytes
    for route in (*routes, health_routes):
        router = route(deps)
        api.include_router(router)
        _announce(router, allowed, deps.metrics)
    return Observe(Headers(Limits(api, deps), deps), deps)


def _announce(router: APIRouter, allowed: defaultdict[str, list[str]], metrics: Metrics) -> None:
    """Make known which methods each path has."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                allowed[route.path].append(method)
                if route.path not in OPERATIONAL:
                    metrics.expect_route(method, route.path)
