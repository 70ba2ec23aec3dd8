"""Whether the service is ready, and its database there."""

from threading import Lock

from app.db import Db
from app.db_errors import reason_of
from app.deadline import within
from app.deps import Deps
from app.lifecycle import Status


class Readiness:
    """Whether the service can serve, which it cannot without its database, nor while it ends."""

    def __init__(self, deps: Deps) -> None:
        self._lifecycle = deps.lifecycle
        self._check = DatabaseCheck(deps.db, deps) if deps.db else None

    def __call__(self) -> tuple[dict[str, object], int, dict[str, str]]:
        """Return body, status and headers of the answer."""
        body = self._lifecycle.readiness(self._check() if self._check else None)
        return (body, 200, {}) if body["status"] == "UP" else (body, 503, {"Retry-After": "1"})


class DatabaseCheck:
    """However many ask, the database is asked once a second."""

    def __init__(self, db: Db, deps: Deps) -> None:
        self._db = db
        self._deps = deps
        self._lock = Lock()
        self._asked_at = float("-inf")
        self._answer: Status = "UP"

    def __call__(self) -> Status:
        """Tell whether the database is there."""
        with self._lock:
            time = self._deps.now().timestamp()
            if time - self._asked_at >= 1:
                self._asked_at = time
                self._ask()
            return self._answer

    def _ask(self) -> None:
        failure = self._failure()
        answer: Status = "UP" if failure is None else "DOWN"
        if answer != self._answer:
            self._deps.log.readiness(failure)
        self._answer = answer

    def _failure(self) -> str | None:
        try:
            with within(1):
                self._db.ping()
        except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
            return reason_of(error)
        return None
