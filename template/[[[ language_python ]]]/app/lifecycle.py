"""How the service is faring."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["UP", "DOWN"]
"""Of a part of the service."""


@dataclass(slots=True)
class Lifecycle:
    """Whether the service is about to end, and how many requests of each method it serves."""

    draining: bool = False
    active: Counter[str] = field(default_factory=Counter)

    def readiness(self, db: Status | None) -> dict[str, object]:
        """Return what `/ready` tells; in memory there is no database."""
        status = "OUT_OF_SERVICE" if self.draining else db or "UP"
        return {"status": status, "components": {"db": {"status": db}} if db else {}}
