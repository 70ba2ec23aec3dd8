"""A package registry on 127.0.0.1 that knows which packages have holes, and nothing else."""

import gzip
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def npm_advisories(vulnerable: Sequence[str] = ()) -> Iterator[str]:
    """Serve the advisories of npm beside the block and give the registry's address; ``vulnerable`` names packages.

    Asked for a package that is vulnerable, it tells of one hole of high severity in every version.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer ``npm audit``, which sends its packages compressed and does not wait for more."""
            asked = _read(self)
            holes = {name: [_hole(name)] for name in vulnerable if f'"{name}"'.encode() in asked}
            answer = json.dumps(holes).encode()
            self.send_response(200 if self.path.endswith("/security/advisories/bulk") else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            """Know no package: npm asks for newer versions that would mend a hole."""
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read(request: BaseHTTPRequestHandler) -> bytes:
    body = request.rfile.read(int(request.headers["Content-Length"]))
    return gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body


def _hole(name: str) -> dict[str, object]:
    return {
        "id": 1000000,
        "url": "https://github.com/advisories/GHSA-0000-0000-0000",
        "title": f"{name} is vulnerable, says the test",
        "severity": "high",
        "vulnerable_versions": ">=0",
        "cwe": [],
        "cvss": {"score": 0, "vectorString": None},
    }
