"""The yardstick: Flask as its own quickstart writes it, one route, no telemetry."""

import json
import os

from flask import Flask, abort

item = json.loads(os.environ["ITEM"])
items = {item["id"]: item}

app = Flask(__name__)


@app.get("/v1/items/<id>")
def read_item(id: str) -> dict[str, str]:  # noqa: A002 - as the path names it
    """Return an item."""
    if id not in items:
        abort(404)
    found: dict[str, str] = items[id]
    return found
