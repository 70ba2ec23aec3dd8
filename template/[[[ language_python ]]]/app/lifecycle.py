"""How the service is faring."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Lifecycle:
    """Whether the service is about to end, and how many requests of each method it serves."""

    draining: bool = False
    active: Counter[str] = field(default_factory=Counter)
