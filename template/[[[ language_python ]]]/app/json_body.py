"""What a JSON body is by the contract; frameworks are more lenient, and answer all breaches alike."""

import json
import math
from email.message import Message
from typing import NoReturn

from app.problem import Problem

# Python refuses to read longer integers, since it would take too long.
_LONGEST_INTEGER = 4300


def is_json(media_type: str) -> bool:
    """Tell whether a `Content-Type` promises JSON in UTF-8."""
    if media_type == "application/json":
        return True
    message = Message()
    message["Content-Type"] = media_type
    charset = str(message.get_param("charset", "utf-8")).lower()
    return message.get_content_type() == "application/json" and charset in ("utf-8", "utf8")


def parsed(body: bytes) -> object:
    """Read a whole body."""
    try:
        return json.loads(body.decode(), parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError):
        raise Problem("malformed_json") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else math.inf
