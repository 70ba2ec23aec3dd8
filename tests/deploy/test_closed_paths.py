"""What the bundle tells the nginx of every machine: readiness and metrics are not for the internet."""

import http.client
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit.nginx import nginx

CLIENT = {"X-Forwarded-For": "203.0.113.7"}
REACHED = b"the service\n"
Ask = Callable[..., tuple[int, bytes]]


class Service(http.server.BaseHTTPRequestHandler):
    """Answers whatever it is asked."""

    def do_GET(self) -> None:
        """Say that the request has come through."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(REACHED)))
        self.end_headers()
        self.wfile.write(REACHED)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def ask(repo: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """``ask("/ready", **headers)``: the status and the body that the nginx of a machine gives."""
    closed = repo() / "deploy" / "bundle" / ".platform" / "nginx" / "conf.d" / "elasticbeanstalk" / "closed.conf"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    with nginx(closed, server.server_address[1], tmp_path_factory.mktemp("nginx")) as port:

        def get(path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            answer = response.status, response.read()
            connection.close()
            return answer

        yield get
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "path", ["/ready", "/metrics", "/metrics?x=1", "//metrics", "/%6detrics", "/v1/../ready", "/./metrics"]
)
def test_a_client_of_the_internet_gets_404(ask: Ask, path: str) -> None:
    status, body = ask(path, CLIENT)

    assert status == 404
    assert body != REACHED


@pytest.mark.parametrize("path", ["/ready", "/metrics"])
def test_the_load_balancer_and_a_scraper_inside_the_network_get_through(ask: Ask, path: str) -> None:
    assert ask(path) == (200, REACHED)


@pytest.mark.parametrize(
    "path", ["/", "/health", "/version", "/v1/items?limit=1", "/v1/items/ready", "/readyx", "/metrics/"]
)
def test_everything_else_gets_through(ask: Ask, path: str) -> None:
    """The service itself knows neither ``/metrics/`` nor ``/Ready``: its contract suite says so."""
    assert ask(path, CLIENT) == (200, REACHED)
