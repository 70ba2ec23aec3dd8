"""What platforms and operators ask."""

from pathlib import Path

from flask import Blueprint, Response

from app.body import json_response
from app.deps import Deps
from app.metrics import CONTENT_TYPE
from app.readiness import Readiness

_OPENAPI = Path(__file__).parent.parent / "api" / "openapi.yaml"


def health_routes(deps: Deps) -> Blueprint:
    """Offer the operational paths."""
    router = Blueprint("health", __name__)
    readiness = Readiness(deps)

    @router.get("/health")
    def get_health() -> Response:
        return json_response({"status": "UP"})

    @router.get("/ready")
    def get_readiness() -> Response:
        return json_response(*readiness())

    @router.get("/version")
    def get_version() -> Response:
        return json_response(deps.config.version)

    @router.get("/metrics")
    def get_metrics() -> Response:
        return Response(deps.metrics.text(), content_type=CONTENT_TYPE)

    @router.get("/openapi.yaml")
    def get_openapi() -> Response:
        return Response(_OPENAPI.read_bytes(), content_type="application/yaml")

    return router
