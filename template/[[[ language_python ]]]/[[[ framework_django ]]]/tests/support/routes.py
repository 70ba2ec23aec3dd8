"""Routes of the tests' own: they stand when the example is deleted."""

import json
from threading import Event

from django.db import connection
from django.http import HttpResponse
from django.urls import URLPattern, path
from pydantic import BaseModel, ConfigDict

from app.app import Routes
from app.body import Request, json_response
from app.deadline import remaining
from app.deps import Deps
from app.methods import Methods
from app.problem import valid


class Echo(BaseModel):
    """Any JSON object."""

    model_config = ConfigDict(extra="allow")


def echo_routes(_deps: Deps) -> list[URLPattern]:
    """Offer a resource that says what it is told."""

    def get_echo(_request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the path
        return json_response({"id": id})

    def create_echo(request: Request, id: str) -> HttpResponse:  # noqa: A002 - the name in the path
        body = valid(Echo, request.json(), "pointer")
        return json_response({"id": id, "body": body.model_dump()})

    return [path("v1/echoes/<id>", Methods(GET=get_echo, POST=create_echo))]


def failing(error: Exception) -> Routes:
    """Offer a path that fails."""

    def fail(_request: Request) -> HttpResponse:
        raise error

    return [lambda _deps: [path("v1/failures", Methods(GET=fail))]]


def waiting_routes(_deps: Deps) -> list[URLPattern]:
    """Offer a path that waits for what never comes."""

    def wait(_request: Request) -> HttpResponse:
        while True:
            Event().wait(remaining(60))

    return [path("v1/waits", Methods(GET=wait))]


def scraping_routes(deps: Deps) -> list[URLPattern]:
    """Offer the metrics as they are within a request."""

    def get_scrape(_request: Request) -> HttpResponse:
        return HttpResponse(deps.metrics.text())

    return [path("v1/scrapes", Methods(GET=get_scrape))]


def asking(*statements: str) -> Routes:
    """Offer the rows of statements at `/v1/rows/0` and so on."""

    def routes(deps: Deps) -> list[URLPattern]:
        def get_rows(_request: Request, number: int) -> HttpResponse:
            assert deps.db
            with deps.db.statement("SELECT", "rows"), connection.cursor() as cursor:
                cursor.execute(statements[number])
                names = [column.name for column in cursor.description or ()]
                rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            return HttpResponse(json.dumps(rows), "application/json")

        return [path("v1/rows/<int:number>", Methods(GET=get_rows))]

    return [routes]
