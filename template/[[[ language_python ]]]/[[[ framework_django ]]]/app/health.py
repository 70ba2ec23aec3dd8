"""What platforms and operators ask."""

from pathlib import Path

from django.http import HttpResponse
from django.urls import URLPattern, path

from app.body import Request, json_response
from app.deps import Deps
from app.methods import Methods
from app.metrics import CONTENT_TYPE
from app.readiness import Readiness

_OPENAPI = Path(__file__).parent.parent / "api" / "openapi.yaml"


def health_routes(deps: Deps) -> list[URLPattern]:
    """Offer the operational paths."""
    readiness = Readiness(deps)

    def get_health(_request: Request) -> HttpResponse:
        return json_response({"status": "UP"})

    def get_readiness(_request: Request) -> HttpResponse:
        return json_response(*readiness())

    def get_version(_request: Request) -> HttpResponse:
        return json_response(deps.config.version)

    def get_metrics(_request: Request) -> HttpResponse:
        return HttpResponse(deps.metrics.text(), CONTENT_TYPE)

    def get_openapi(_request: Request) -> HttpResponse:
        return HttpResponse(_OPENAPI.read_bytes(), "application/yaml")

    return [
        path("health", Methods(GET=get_health)),
        path("ready", Methods(GET=get_readiness)),
        path("version", Methods(GET=get_version)),
        path("metrics", Methods(GET=get_metrics)),
        path("openapi.yaml", Methods(GET=get_openapi)),
    ]
