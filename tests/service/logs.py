"""The log lines of the contract: their fields and types, and a reader that follows a running service."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Line = dict[str, Any]

TEXT, WHOLE, NUMBER = (str,), (int,), (int, float)
Fields = dict[str, tuple[type, ...]]

BASE: Fields = dict.fromkeys(
    ("timestamp", "level", "message", "logger", "service_name", "service_version", "deployment_environment"), TEXT
)
REQUEST: Fields = dict.fromkeys(("request_id", "trace_id", "span_id"), TEXT)
FIELDS: dict[str, Fields] = {
    "server listening": {"server_address": TEXT, "server_port": WHOLE},
    "no database is configured; items are kept in memory and lost at exit": {},
    "request completed": REQUEST
    | {
        "http_request_method": TEXT,
        "url_path": TEXT,
        "http_route": TEXT,
        "http_response_status_code": WHOLE,
        "duration_ms": NUMBER,
        "client_address": TEXT,
        "user_agent": TEXT,
    },
    "request failed": REQUEST | {"error_type": TEXT, "error_message": TEXT, "error_stack": TEXT},
    "readiness changed": {"status": TEXT},
    "shutdown started": {"signal": TEXT},
    "shutdown completed": {},
}
LEVELS = {
    "server listening": "info",
    "no database is configured; items are kept in memory and lost at exit": "warn",
    "request failed": "error",
    "shutdown started": "info",
    "shutdown completed": "info",
}
FORMS = {
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "level": r"debug|info|warn|error",
    "trace_id": r"[0-9a-f]{32}",
    "span_id": r"[0-9a-f]{16}",
    "request_id": r"[A-Za-z0-9._-]{1,128}",
    "url_path": r"[^?]*",
}
PROBES = ("/health", "/ready", "/metrics")


@dataclass(frozen=True)
class Log:
    """What a service prints on standard output."""

    file: Path

    def end(self) -> int:
        """Return the place after which later lines stand; a line that is being written is one of them."""
        with self.file.open("rb") as stream:
            return stream.read().rfind(b"\n") + 1

    def text(self, since: int = 0) -> str:
        """Return the whole lines after byte ``since``."""
        with self.file.open("rb") as stream:
            stream.seek(since)
            whole, newline, _ = stream.read().rpartition(b"\n")
            return (whole + newline).decode()

    def lines(self, since: int = 0) -> list[Line]:
        """Return the lines after byte ``since``; a line that is no JSON raises ``JSONDecodeError``."""
        return [json.loads(line) for line in self.text(since).splitlines()]


def faults(line: Line) -> list[str]:
    """Say in which ways a line breaks the contract; nothing if it keeps it."""
    return _misshapen(line, _fields(line)) or _misplaced(line)


def _fields(line: Line) -> Fields:
    fields = BASE | FIELDS.get(line.get("message", ""), {})
    if line.get("message") == "readiness changed" and line.get("status") != "UP":
        fields = fields | {"error_message": TEXT}
    if "request_id" in line:
        fields = fields | REQUEST
    return fields


def _misshapen(line: Line, fields: Fields) -> list[str]:
    said = [f"lacks {name}" for name in fields if name not in line]
    if line.get("message") in FIELDS:
        said += [f"has a foreign field {name}" for name in line if name not in fields]
    said += [
        f"has {name}={line[name]!r}, which is no {'/'.join(kind.__name__ for kind in kinds)}"
        for name, kinds in fields.items()
        if name in line and (not isinstance(line[name], kinds) or isinstance(line[name], bool))
    ]
    said += [
        f"has {name}={line[name]!r}, which does not match {form}"
        for name, form in FORMS.items()
        if isinstance(line.get(name), str) and not re.fullmatch(form, line[name])
    ]
    return said


def _misplaced(line: Line) -> list[str]:
    wanted = LEVELS.get(line["message"]) or _level(line)
    return [f"has level {line.get('level')}, not {wanted}"] if wanted and line.get("level") != wanted else []


def _level(line: Line) -> str | None:
    if line["message"] == "readiness changed":
        return "info" if line["status"] == "UP" else "warn"
    if line["message"] != "request completed":
        return None
    if line["http_response_status_code"] >= 500:
        return "error"
    return "debug" if line["url_path"] in PROBES else "info"
