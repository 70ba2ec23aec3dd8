"""All parts of a service without a socket: its time stands still, its ids are counted, its log is collected."""

import io
import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2

from app.config import Config, load_config
from app.deps import Deps
from app.lifecycle import Lifecycle
from app.log import Log
from app.metrics import Metrics

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def config_of(**env: str) -> Config:
    """Return a configuration of tests."""
    service = {"SERVICE_NAME": "anchor-api", "SERVICE_VERSION": "1.2.3", "SERVICE_COMMIT": "0123abc"}
    patience = {"DB_CONNECT_TIMEOUT_MS": "30000"}  # a busy machine is no failure
    return load_config({"APP_ENV": "test", **service, **patience, **env})


def id_of(number: int) -> UUID:
    """Return the id that the n-th new thing gets."""
    return UUID(f"0198cafe-0000-7000-8000-{number:012}")


@dataclass
class Parts:
    """The parts of a service, and what it has logged."""

    deps: Deps
    file: io.StringIO = field(default_factory=io.StringIO)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return the lines so far."""
        return [json.loads(line) for line in self.file.getvalue().splitlines()]


def parts_of(**env: str) -> Parts:
    """Build the parts."""
    config, file, lifecycle = config_of(**env), io.StringIO(), Lifecycle()
    ids = map(id_of, itertools.count(1))
    metrics = Metrics(config, lifecycle.active)
    return Parts(Deps(config, Log(config, file), metrics, None, lifecycle, lambda: NOW, lambda: next(ids)), file)


def problem_of(answer: httpx2.Response) -> tuple[int, str, list[str]]:
    """Return status, type and the places of the errors."""
    problem = answer.json()
    places = [error.get("pointer") or error["parameter"] for error in problem.get("errors", [])]
    return answer.status_code, problem["type"], places
