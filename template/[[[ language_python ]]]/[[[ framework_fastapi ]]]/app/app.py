"""The assembly of the service from parts that are given."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from app.deps import Deps
from app.errors import HANDLERS
from app.health import health_routes
from app.metrics import OPERATIONAL, Metrics
from app.middleware.headers import Headers
from app.middleware.limits import Limits
from app.middleware.observe import Observe

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
