"""Routes of the tests' own: they stand when the example is deleted."""

import json
from threading import Event

from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict

from app.app import Routes
from app.body import json_response, read_json
from app.deadline import remaining
from app.deps import Deps
from app.problem import valid


class Echo(BaseModel):
    """Any JSON object."""

    model_config = ConfigDict(extra="allow")


def echo_routes(_deps: Deps) -> Blueprint:
    """Offer a resource that says what it is told."""
    router = Blueprint("echoes", __name__, url_prefix="/v1/echoes")

    @router.get("/<id>")
    def get_echo(id: str) -> Response:  # noqa: A002 - the name in the path
        return json_response({"id": id})

    @router.post("/<id>")
    def create_echo(id: str) -> Response:  # noqa: A002 - the name in the path
        body = valid(Echo, read_json(), "pointer")
        return json_response({"id": id, "body": body.model_dump()})

    return router


def failing(error: Exception) -> Routes:
    """Offer a path that fails."""

    def routes(_deps: Deps) -> Blueprint:
        router = Blueprint("failures", __name__)

        @router.get("/v1/failures")
        def fail() -> Response:
            raise error

        return router

    return [routes]


def waiting_routes(_deps: Deps) -> Blueprint:
    """Offer a path that waits for what never comes."""
    router = Blueprint("waits", __name__)

    @router.get("/v1/waits")
    def wait() -> Response:
        while True:
            Event().wait(remaining(60))

    return router


def scraping_routes(deps: Deps) -> Blueprint:
    """Offer the metrics as they are within a request."""
    router = Blueprint("scrapes", __name__)

    @router.get("/v1/scrapes")
    def get_scrape() -> Response:
        return Response(deps.metrics.text())

    return router


def asking(*statements: str) -> Routes:
    """Offer the rows of statements at `/v1/rows/0` and so on."""

    def routes(deps: Deps) -> Blueprint:
        router = Blueprint("rows", __name__)

        @router.get("/v1/rows/<int:number>")
        def get_rows(number: int) -> Response:
            assert deps.db
            rows = deps.db.query("SELECT", "rows", statements[number])
            return Response(json.dumps(rows), mimetype="application/json")

        return router

    return [routes]
