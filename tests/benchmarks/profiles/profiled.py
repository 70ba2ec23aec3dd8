"""Run in a generated repository: serve, or call the app, and write the seconds of each package and file.

What serves in one thread is profiled as a whole, until it is ended. A profiler sees one thread alone, so an app that
is served by many is called without its server.

usage: python -P profiled.py FILE
"""

import cProfile
import io
import json
import pstats
import socket
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, "")

from app import life
from app.__main__ import main
from app.config import load_config
from app.routes import ROUTES

CALLS = 20_000
ITEM = json.dumps({"name": "anchor", "description": "Holds the ship"}).encode()


class Caller:
    """Stands in for the server: it calls the app that it is given."""

    def __init__(self, application: Any, *_: Any) -> None:  # noqa: ANN401 - what the service hands to its server
        """Take the app."""
        self._app = application.load()

    def init_process(self) -> None:
        """Read one item again and again, and profile that."""
        path = f"/v1/items/{json.loads(self._call('POST', '/v1/items', ITEM))['id']}"
        for _ in range(CALLS // 10):
            self._call("GET", path)
        with cProfile.Profile() as profiler:
            for _ in range(CALLS):
                self._call("GET", path)
        _write(profiler)

    def _call(self, method: str, path: str, body: bytes = b"") -> bytes:
        environ = {
            "REQUEST_METHOD": method,
            "RAW_URI": path,
            "PATH_INFO": path,
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8080",
            "HTTP_HOST": "127.0.0.1:8080",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/json" if body else "",
            "CONTENT_LENGTH": str(len(body) or ""),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        answer = self._app(environ, lambda *_: None)
        text = b"".join(answer)
        answer.close()
        return text


def _write(profiler: cProfile.Profile) -> None:
    Path(sys.argv[1]).write_text(json.dumps(_times(profiler)))


def _times(profiler: cProfile.Profile) -> Counter[str]:
    """Give the time of what belongs to Python to its callers."""
    times: Counter[str] = Counter()
    calls: Any = pstats.Stats(profiler)
    for (path, _, _), (_, _, own, _, callers) in calls.stats.items():
        part = _part(path)
        if part:
            times[part] += own
            continue
        for (caller, _, _), (_, _, seconds, _) in callers.items():
            times[_part(caller) or "Python itself"] += seconds
    return times


def _part(path: str) -> str | None:
    if "/site-packages/" in path:
        return path.partition("/site-packages/")[2].partition("/")[0]
    here = f"{Path.cwd()}/"
    return path.removeprefix(here) if path.startswith(f"{here}app/") else None


if __name__ == "__main__":
    if hasattr(life, "Worker"):
        life.Worker = Caller
        life.serve(load_config({"APP_ENV": "test"}), socket.socket(), ROUTES)
    else:
        with cProfile.Profile() as profiler:
            main()
        _write(profiler)
