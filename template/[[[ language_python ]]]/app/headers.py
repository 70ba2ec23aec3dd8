"""Headers that every answer carries."""

from app.config import Config


def static_headers(config: Config) -> list[tuple[str, str]]:
    """Return those that never change."""
    return [
        ("x-service-version", config.service_commit),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ]
