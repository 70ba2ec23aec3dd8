"""Headers that frameworks leave to the service."""

from collections.abc import Iterable

from app.config import Config

_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")


def static_headers(config: Config) -> list[tuple[str, str]]:
    """Return those that every answer carries."""
    return [
        ("x-service-version", config.service_commit),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ]


def allow(methods: Iterable[str]) -> str:
    """Return the one that lists the methods of a path."""
    return ", ".join(sorted(methods, key=_METHODS.index))
