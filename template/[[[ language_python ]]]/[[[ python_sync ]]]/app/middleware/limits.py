"""Limits of requests: what is readable, and how many at once."""

from threading import Lock
from wsgiref.types import WSGIEnvironment

from app.deps import Deps
from app.metrics import OPERATIONAL
from app.paths import decoded, has_encoded_slash, is_readable
from app.problem import Problem


class Places:
    """The requests under way: each has a place, and there are so many."""

    def __init__(self, deps: Deps) -> None:
        self._active = deps.lifecycle.active
        self._limit = deps.config.max_in_flight
        self._lock = Lock()

    def take(self, method: str) -> bool:
        """Take a place; tell whether it is one within the limit."""
        with self._lock:
            self._active[method] += 1
            return self._active.total() <= self._limit

    def leave(self, method: str) -> None:
        """Give a place back."""
        with self._lock:
            self._active[method] -= 1


def refusal_of(environ: WSGIEnvironment, path: str, *, has_place: bool) -> Problem | None:
    """Refuse what the HTTP parser lets through, and what comes while there is no place."""
    has_host = "HTTP_HOST" in environ or environ["SERVER_PROTOCOL"] == "HTTP/1.0"
    if not has_host or not is_readable(path):
        return Problem("bad_request")
    if path.startswith("//"):
        # Routers take the slashes at the beginning for one.
        return Problem("not_found")
    if not has_place and path not in OPERATIONAL:
        return Problem("unavailable")
    return None


def keep_slashes(environ: WSGIEnvironment, path: str) -> None:
    """Let a slash that is encoded part no path: to a router, the decoded one would."""
    if has_encoded_slash(path):
        environ["PATH_INFO"] = decoded(path).encode().decode("latin-1")
