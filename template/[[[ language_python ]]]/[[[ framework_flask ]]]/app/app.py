"""The assembly of the service from parts that are given."""

from collections.abc import Callable, Sequence
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from flask import Blueprint, Flask
from werkzeug.routing import Rule

from app.deps import Deps
from app.errors import handle_errors
from app.health import health_routes
from app.metrics import OPERATIONAL
from app.middleware.observe import Observe
from app.wsgi import template_of

Routes = Sequence[Callable[[Deps], Blueprint]]


class ExactRule(Rule):
    """A route of the methods that it names; to those of GET, Werkzeug adds HEAD."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - those of Werkzeug
        super().__init__(*args, **options)
        if self.methods:
            self.methods.discard("HEAD")


class Api(Flask):
    """A Flask whose routes are exact."""

    url_rule_class = ExactRule


def create_app(deps: Deps, routes: Routes) -> WSGIApplication:
    """Build the service with these routes."""
    api = Api("app", static_folder=None, template_folder=None)
    api.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    api.config["MAX_BODY_BYTES"] = deps.config.max_body_bytes
    api.url_map.merge_slashes = False
    handle_errors(api, deps.log)
    for route in (*routes, health_routes):
        api.register_blueprint(route(deps))
    for rule in api.url_map.iter_rules():
        _announce(rule, deps)
    return Observe(api, deps, route_of)


def route_of(environ: WSGIEnvironment) -> str:
    """Return the route of a request as api/openapi.yaml spells it, empty when there is none."""
    request = environ.get("werkzeug.request")
    return template_of(request.url_rule.rule) if request and request.url_rule else ""


def _announce(rule: Rule, deps: Deps) -> None:
    route = template_of(rule.rule)
    for method in rule.methods or ():
        if route not in OPERATIONAL:
            deps.metrics.expect_route(method, route)
