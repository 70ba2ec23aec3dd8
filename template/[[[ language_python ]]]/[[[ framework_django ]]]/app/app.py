"""The assembly of the service from parts that are given."""

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RegexPattern

from app.body import Request
from app.deps import Deps
from app.errors import answer_to
from app.health import health_routes
from app.methods import Methods
from app.metrics import OPERATIONAL
from app.middleware.observe import Observe
from app.wsgi import template_of

Routes = Sequence[Callable[[Deps], Sequence[URLPattern]]]

_ROUTE = "app.route"


class Api:
    """Django's URLs, views, requests and answers, without its middleware: the layer around it is the only one."""

    def __init__(self, deps: Deps, urls: Sequence[URLPattern]) -> None:
        self._log = deps.log
        self._longest_body = deps.config.max_body_bytes
        self._urls = URLResolver(RegexPattern(r"^/"), urls)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        response = self._response_to(environ)
        if isinstance(response, HttpResponse) and response.status_code != HTTPStatus.NO_CONTENT:
            response.headers["Content-Length"] = str(len(response.content))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else response

    def _response_to(self, environ: WSGIEnvironment) -> HttpResponseBase:
        try:
            request = Request(environ, self._longest_body)
            view, args, parameters = match = self._urls.resolve(request.path_info)
            environ[_ROUTE] = template_of(f"/{match.route}")
            response: HttpResponseBase = view(request, *args, **parameters)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is answered
            return answer_to(error, environ, self._log)
        return response


def create_app(deps: Deps, routes: Routes) -> WSGIApplication:
    """Build the service with these routes."""
    urls = [url for route in (*routes, health_routes) for url in route(deps)]
    for url in urls:
        _announce(url, deps)
    return Observe(Api(deps, urls), deps, route_of)


def route_of(environ: WSGIEnvironment) -> str:
    """Return the route of a request as api/openapi.yaml spells it, empty when there is none."""
    route: str = environ.get(_ROUTE, "")
    return route


def _announce(url: URLPattern, deps: Deps) -> None:
    route = template_of(f"/{url.pattern}")
    if route not in OPERATIONAL and isinstance(url.callback, Methods):
        for method in url.callback.views:
            deps.metrics.expect_route(method, route)
