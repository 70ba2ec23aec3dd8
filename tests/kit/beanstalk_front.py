"""The web side of the emulated Elastic Beanstalk: an HTTP server for each version, and the front before all of them.

The front stands for every load balancer. It knows an environment by the host that a request names, in its ``Host``
header or, from a client that takes it for a proxy, in its target.
"""

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import urlsplit

from kit.cloud import Behaviour

CLOSED = ("/ready", "/metrics")  # to the internet, by the proxy that each bundle brings along
Answer = tuple[int, str, bytes]


@dataclass(eq=False)
class Version:
    """What runs on the machines of an environment: a version of the service, or what AWS starts with (no label)."""

    service: str
    label: str | None
    commit: str
    behaviour: Callable[[], Behaviour]
    server: "VersionServer" = field(init=False)

    def __post_init__(self) -> None:
        """Start its HTTP server."""
        self.server = VersionServer(self)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self) -> None:
        """Stop its HTTP server."""
        self.server.shutdown()
        self.server.server_close()

    @property
    def shown_label(self) -> str:
        """Return what Elastic Beanstalk calls it."""
        return self.label or "Sample Application"

    @property
    def ready(self) -> bool:
        """Return whether it passes a health check."""
        return self.behaviour() not in {Behaviour.UNHEALTHY, Behaviour.NEVER_READY}

    def reported_commit(self) -> str:
        """Return the commit that it says it is."""
        return self.commit[::-1] if self.behaviour() is Behaviour.WRONG_COMMIT else self.commit

    def answer(self, path: str, *, outside: bool) -> Answer:
        """Answer a GET; ``outside`` means that it came through the load balancer."""
        if self.label is None:
            return 200, "text/html", b"<h1>Congratulations</h1> Your first application now runs.\n"
        if outside and path in CLOSED:
            return 404, "text/html", b"<h1>404 Not Found</h1>\n"
        answers: dict[str, tuple[int, object]] = {
            "/health": (200, {"status": "UP"}),
            "/ready": (200, {"status": "UP"}) if self.ready else (503, {"status": "DOWN"}),
            "/version": (200, {"service": self.service, "version": "1.0.0", "commit": self.reported_commit()}),
            "/metrics": (200, {}),
            "/v1/items": self._items(),
        }
        return _json(*answers.get(path, (404, {"title": "Not Found", "status": 404})))

    def _items(self) -> tuple[int, object]:
        if not self.ready:
            return 503, {"title": "Service Unavailable", "status": 503}
        if self.behaviour() is Behaviour.NO_ITEMS:
            return 500, {"title": "Internal Server Error", "status": 500}
        return 200, {"data": [], "next_cursor": None}


def _json(status: int, body: object) -> Answer:
    return status, "application/json" if status < 400 else "application/problem+json", json.dumps(body).encode()


class _Handler(BaseHTTPRequestHandler):
    """Keep connections open, answer in one write, keep quiet."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Send an answer."""
        self.send_response_only(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _VersionHandler(_Handler):
    server: "VersionServer"

    def do_GET(self) -> None:
        """Answer as the version does."""
        version = self.server.version
        path = urlsplit(self.path).path
        status, kind, body = version.answer(path, outside="X-Forwarded-For" in self.headers)
        commit = {} if version.label is None else {"X-Service-Version": version.reported_commit()}
        self.reply(status, {"Content-Type": kind} | commit, body)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - how http.server finds them


class Server(ThreadingHTTPServer):
    """A server on 127.0.0.1 for many clients at once."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that went away."""


class VersionServer(Server):
    """Plays all machines that run one version."""

    def __init__(self, version: Version) -> None:
        """Listen on a port that the system chooses."""
        self.version = version
        super().__init__(("127.0.0.1", 0), _VersionHandler)


class Target(Protocol):
    """A machine behind a load balancer."""

    version: Version


class Front(Server):
    """All load balancers on one port; ``find(host)`` says which machine gets a request, or fails: no such host."""

    def __init__(self, port: int, find: Callable[[str], Target | None]) -> None:
        """Listen."""
        self.find = find
        super().__init__(("127.0.0.1", port), _FrontHandler)


class _FrontHandler(_Handler):
    server: Front

    def do_GET(self) -> None:
        """Hand a request to a machine of the environment that it is for."""
        target = urlsplit(self.path)
        path = target._replace(scheme="", netloc="").geturl() or "/"
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            machine = self.server.find((target.netloc or self.headers.get("Host", "")).partition(":")[0])
        except LookupError:
            self.close_connection = True  # where no name leads, nobody answers
            return
        if machine is None:
            self.reply(503, {"Content-Type": "text/html"}, b"<h1>503 Service Temporarily Unavailable</h1>\n")
            return
        connection = http.client.HTTPConnection("127.0.0.1", machine.version.server.server_port, timeout=30)
        try:
            kept = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            connection.request(self.command, path, body, kept | {"X-Forwarded-For": self.client_address[0]})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        headers = {name: value for name, value in answer.getheaders() if name.lower() != "content-length"}
        self.reply(answer.status, headers, content)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815 - how http.server finds them
