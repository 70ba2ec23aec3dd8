"""Moments as the contract writes them: in UTC, to the millisecond."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment, without what no answer would show."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """Write a moment with three fraction digits and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
