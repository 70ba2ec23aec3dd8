"""Databases of known holes on 127.0.0.1 that know which packages have some, and nothing else.

Each is given as the variables by which the audit command of its language finds it.
"""

import gzip
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

Answer = Callable[[str, bytes], object]
GO_MODIFIED = "2026-01-01T00:00:00Z"


@contextmanager
def npm_advisories(vulnerable: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """Serve the advisories of npm beside the block; ``vulnerable`` names packages.

    Asked for a package that is vulnerable, it tells of one hole of high severity in every version.
    """

    def answer(path: str, asked: bytes) -> object:
        if not path.endswith("/security/advisories/bulk"):
            return None
        return {name: [_npm_hole(name)] for name in vulnerable if f'"{name}"'.encode() in asked}

    with _served(answer) as address:
        yield {"npm_config_registry": f"{address}/"}


@contextmanager
def osv_advisories(vulnerable: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """Serve the database OSV beside the block, for every audit that asks it; ``vulnerable`` names packages."""

    def answer(_path: str, asked: bytes) -> object:
        package = json.loads(asked)["package"]
        return {"vulns": [_osv_hole(package)]} if package["name"] in vulnerable else {}

    with _served(answer) as address:
        url = f"{address}/v1/query"
        yield {"OSV_URL": url, "PIP_AUDIT_VULNERABILITY_SERVICE": "osv", "PIP_AUDIT_OSV_URL": url}


@contextmanager
def go_advisories(vulnerable: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """Keep a database for govulncheck beside the block; ``vulnerable`` names modules.

    It knows a hole of another module in any case: an empty one would be no proof that somebody has looked.
    """
    with TemporaryDirectory() as folder:
        _write_go_database(Path(folder), ["example.com/other", *vulnerable])
        yield {"GOVULNDB": Path(folder).as_uri()}


def _write_go_database(folder: Path, modules: Sequence[str]) -> None:
    """Write what https://go.dev/doc/security/vuln/database tells: an index and a file for each hole."""
    holes = [_go_hole(f"GO-2026-{number:04}", module) for number, module in enumerate(modules, start=1)]
    index = {
        "db": {"modified": GO_MODIFIED},
        "modules": [
            {"path": module, "vulns": [{"id": hole["id"], "modified": GO_MODIFIED}]}
            for module, hole in zip(modules, holes, strict=True)
        ],
        "vulns": [{"id": hole["id"], "modified": GO_MODIFIED, "aliases": hole["aliases"]} for hole in holes],
    }
    files = {f"index/{name}.json": content for name, content in index.items()}
    for name, content in (files | {f"ID/{hole['id']}.json": hole for hole in holes}).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content))


@contextmanager
def _served(answer: Answer) -> Iterator[str]:
    """Serve beside the block what ``answer`` says to a path and a body; none is 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer a question; npm sends its packages compressed and does not wait for more."""
            said = answer(self.path, _read(self))
            text = json.dumps(said or {}).encode()
            self.send_response(404 if said is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

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
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read(request: BaseHTTPRequestHandler) -> bytes:
    body = request.rfile.read(int(request.headers["Content-Length"]))
    return gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body


def _npm_hole(name: str) -> dict[str, object]:
    return {
        "id": 1000000,
        "url": "https://github.com/advisories/GHSA-0000-0000-0000",
        "title": f"{name} is vulnerable, says the test",
        "severity": "high",
        "vulnerable_versions": ">=0",
        "cwe": [],
        "cvss": {"score": 0, "vectorString": None},
    }


def _osv_hole(package: dict[str, str]) -> dict[str, object]:
    return {
        "id": "GHSA-0000-0000-0000",
        "summary": f"{package['name']} is vulnerable, says the test",
        "affected": [{"package": package, "ranges": []}],
    }


def _go_hole(number: str, module: str) -> dict[str, object]:
    return {
        "schema_version": "1.3.1",
        "id": number,
        "modified": GO_MODIFIED,
        "published": GO_MODIFIED,
        "aliases": ["GHSA-0000-0000-0000"],
        "summary": f"GHSA-0000-0000-0000: {module} is vulnerable, says the test",
        "details": "",
        "affected": [
            {
                "package": {"name": module, "ecosystem": "Go"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
                "ecosystem_specific": {},
            }
        ],
        # Without it govulncheck ends by a crash, which would pass for a refusal.
        "database_specific": {"url": f"https://pkg.go.dev/vuln/{number}", "review_status": "REVIEWED"},
    }
