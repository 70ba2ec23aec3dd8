"""Paths as they were sent, which no framework tells apart as strictly as the contract does."""

import re
from urllib.parse import unquote, unquote_to_bytes

_NO_ENCODING = re.compile("%(?![0-9A-Fa-f]{2})")
_ENCODED_SLASH = re.compile("%2f", re.IGNORECASE)


def is_readable(raw_path: str) -> bool:
    """Tell whether a path is a percent-encoding of UTF-8."""
    if "%" not in raw_path:
        return True
    try:
        unquote_to_bytes(raw_path).decode()
    except UnicodeDecodeError:
        return False
    return not _NO_ENCODING.search(raw_path)


def has_encoded_slash(raw_path: str) -> bool:
    """Tell whether a slash is encoded, which a router would take for one that parts the path."""
    return "%" in raw_path and _ENCODED_SLASH.search(raw_path) is not None


def decoded(raw_path: str) -> str:
    """Decode a path for a router, save encoded slashes."""
    return unquote(_ENCODED_SLASH.sub("%252F", raw_path))
