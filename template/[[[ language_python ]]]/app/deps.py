"""What the parts of the service are given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.config import Config
from app.db import Db
from app.lifecycle import Lifecycle
from app.log import Log
from app.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything a part of the service may need; built by `life` and by tests only."""

    config: Config
    log: Log
    metrics: Metrics
    db: Db | None
    lifecycle: Lifecycle
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
