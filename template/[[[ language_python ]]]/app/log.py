"""Log lines: the only file that knows the names of their fields."""

import json
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple, TextIO

import structlog

from app.clock import now, rfc3339
from app.config import Config

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
_PROBES = {"/health", "/ready", "/metrics"}
_SECRET = re.compile(r'("(?:authorization|cookie|password|DB_PASS)":)(?:"(?:[^"\\]|\\.)*"|[^,}\]]+)', re.IGNORECASE)
_URL_CREDENTIALS = re.compile(r'://[^\s/?#"\\]*@')


class RequestContext(NamedTuple):
    """The ids of a request."""

    request_id: str
    trace_id: str
    span_id: str


request_context: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)
"""Gives every line that is written while a request is served the ids of that request."""


@dataclass(slots=True)
class Access:
    """What the line of a request tells besides its ids."""

    method: str
    path: str
    route: str
    status: int
    milliseconds: float
    client: str
    user_agent: str


class Log:
    """The lines of the contract, and `logger` for those of the service's own."""

    def __init__(self, config: Config, file: TextIO = sys.stdout) -> None:
        self._file = file
        self._level = _LEVELS[config.log_level]
        self._service = {
            "service_name": config.service_name,
            "service_version": config.service_version,
            "deployment_environment": config.app_env,
        }
        self._constant = _compact({**self._service, "logger": "http", "message": "request completed"})[1:]
        self.logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
            structlog.WriteLogger(file),
            processors=[
                self._frame,
                structlog.processors.EventRenamer("message"),
                structlog.processors.JSONRenderer(_line),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(self._level),
        )

    def _frame(self, _logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        context = request_context.get()
        return {
            "level": "warn" if method == "warning" else method,
            "timestamp": rfc3339(now()),
            "logger": "service",
            **self._service,
            **(context._asdict() if context else {}),
            **event,
        }

    def request(self, context: RequestContext, access: Access) -> None:
        """Write the one line of each request by hand: structlog would take a quarter of a cheap request."""
        level = _level_of(access)
        if _LEVELS[level] < self._level:
            return
        self._file.write(
            f'{{"level":"{level}","timestamp":"{rfc3339(now())}",'
            f'"request_id":"{context.request_id}","trace_id":"{context.trace_id}","span_id":"{context.span_id}",'
            f'"http_request_method":"{access.method}","url_path":{_quoted(access.path)},"http_route":"{access.route}",'
            f'"http_response_status_code":{access.status},"duration_ms":{access.milliseconds:.3f},'
            f'"client_address":{_quoted(access.client)},"user_agent":{_quoted(access.user_agent)},{self._constant}\n'
        )
        self._file.flush()

    def listening(self, address: str, port: int) -> None:
        """Tell where the service listens."""
        self.logger.info("server listening", logger="server", server_address=address, server_port=port)

    def memory_store(self) -> None:
        """Warn that nothing outlives the process."""
        self.logger.warning("no database is configured; items are kept in memory and lost at exit")

    def failure(self, error: BaseException) -> None:
        """Tell why a request ended as `internal`."""
        self.logger.error("request failed", logger="http", **_fields_of(error))

    def readiness(self, failure: str | None) -> None:
        """Tell that the database is out of reach, or back."""
        if failure is None:
            self.logger.info("readiness changed", logger="health", status="UP")
        else:
            self.logger.warning("readiness changed", logger="health", status="DOWN", error_message=failure)

    def shutdown_started(self, signal: str) -> None:
        """Tell that the service drains."""
        self.logger.info("shutdown started", logger="server", signal=signal)

    def shutdown_completed(self) -> None:
        """Tell that nothing is left to do."""
        self.logger.info("shutdown completed", logger="server")

    def migration(self, text: str) -> None:
        """Tell how far a migration is."""
        self.logger.info(text, logger="migrate")

    def migration_failure(self, error: BaseException) -> None:
        """Tell why the database is not migrated."""
        self.logger.error("migration failed", logger="migrate", **_fields_of(error))


class LibraryHandler(logging.Handler):
    """Lets what libraries say through `logging` leave as lines of the same form."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        level = min(record.levelno, logging.ERROR)
        fields = _fields_of(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        self._log.logger.log(level, record.getMessage(), logger=record.name, **fields)


def adopt_libraries(log: Log) -> None:
    """Make this log that of the whole process."""
    logging.basicConfig(handlers=[LibraryHandler(log)], level=logging.WARNING, force=True)
    # A database out of reach has a line of its own.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)


def _fields_of(error: BaseException) -> dict[str, str]:
    return {
        "error_type": type(error).__name__,
        "error_message": str(error),
        "error_stack": "".join(traceback.format_exception(error)),
    }


def _compact(fields: object) -> str:
    return json.dumps(fields, separators=(",", ":"))


def _level_of(access: Access) -> str:
    if access.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "error"
    return "debug" if access.path in _PROBES else "info"


def _quoted(text: str) -> str:
    return json.dumps(_without_credentials(text))


def _line(event: object, **_: object) -> str:
    """Find a secret at any depth by one pass over the finished line."""
    return _without_credentials(_SECRET.sub(r'\1"[redacted]"', _compact(event)))


def _without_credentials(text: str) -> str:
    return _URL_CREDENTIALS.sub("://[redacted]@", text) if "://" in text else text
