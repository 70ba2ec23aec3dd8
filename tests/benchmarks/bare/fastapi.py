"""The yardstick: FastAPI as its own tutorial writes it, one route, no telemetry."""

import json
import os

from fastapi import FastAPI, HTTPException

item = json.loads(os.environ["ITEM"])
items = {item["id"]: item}

app = FastAPI()


@app.get("/v1/items/{id}")
async def read_item(id: str) -> dict[str, str]:  # noqa: A002 - as the path names it
    """Return an item."""
    if id not in items:
        raise HTTPException(status_code=404)
    found: dict[str, str] = items[id]
    return found
