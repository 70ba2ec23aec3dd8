"""Ids that grow with time."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7): milliseconds, then 74 random bits around version and variant."""
    milliseconds = time.time_ns() // 1_000_000
    version, variant = 7, 0b10
    return UUID(
        int=milliseconds << 80 | version << 76 | secrets.randbits(12) << 64 | variant << 62 | secrets.randbits(62)
    )
