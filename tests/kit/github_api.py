"""GitHub's API on 127.0.0.1, as far as the gates of a pipeline ask it: environments, who wrote a commit, runs."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "acme/orders-api"
TOKEN = "the-token-of-one-job"  # noqa: S105 - the marker that no log may hold
BRANCHES = ("main",)

Answer = tuple[int, object]


@dataclass
class Environment:
    """How an environment is guarded."""

    reviewers: tuple[str, ...] = ()
    branches: tuple[str, ...] | None = BRANCHES
    """The names that may get in, as ``branch`` or ``tag:name``; None lets everything in."""
    protected: bool = False
    """Whether the policy is `every protected branch` instead."""
    wait: int = 0

    def settings(self) -> dict[str, Any]:
        """Return the environment as the API shows it."""
        rules: list[dict[str, Any]] = []
        if self.wait:
            rules.append({"id": 1, "type": "wait_timer", "wait_timer": self.wait})
        if self.reviewers:
            shown = [
                {"type": "User", "reviewer": {"id": number, "login": login}}
                for number, login in enumerate(self.reviewers, start=101)
            ]
            rules.append({"id": 2, "type": "required_reviewers", "prevent_self_review": True, "reviewers": shown})
        custom = self.branches is not None and not self.protected
        policy = {"protected_branches": self.protected, "custom_branch_policies": custom}
        return {"protection_rules": rules, "deployment_branch_policy": policy if custom or self.protected else None}

    def policies(self) -> dict[str, Any]:
        """Return the names that may get in, as the API shows them."""
        entries = []
        for number, name in enumerate(self.branches or (), start=7):
            kind, _, rest = name.rpartition(":")
            entries.append({"id": number, "name": rest, "type": kind or "branch"})
        return {"total_count": len(entries), "branch_policies": entries}


@dataclass
class Run:
    """A run of the workflow ci.yml: what became of its jobs."""

    commit: str
    jobs: Mapping[str, str]
    branch: str = "main"
    event: str = "push"


@dataclass
class GitHub:
    """What GitHub knows of the repository."""

    url: str = ""
    environments: dict[str, Environment] = field(default_factory=dict)
    authors: dict[str, str | None] = field(default_factory=dict)
    """Who wrote a commit; None is somebody without an account."""
    runs: list[Run] = field(default_factory=list)
    faults: list[tuple[str, int]] = field(default_factory=list)
    """The end of a path and what it is answered once instead."""
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, query: Mapping[str, str], token: str | None) -> Answer:
        """Answer a request for ``path``."""
        self.asked.append(path)
        for fault in self.faults:
            if path.endswith(fault[0]):
                self.faults.remove(fault)
                return fault[1], {"message": "planted by the test"}
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        return self._known(path.removeprefix(f"/repos/{REPOSITORY}/").split("/"), query)

    def _known(self, place: list[str], query: Mapping[str, str]) -> Answer:
        status = 200
        found: dict[str, Any]
        match place:
            case ["environments", name] if name in self.environments:
                found = {"name": name, **self.environments[name].settings()}
            case ["environments", name, "deployment-branch-policies"] if name in self.environments:
                found = self.environments[name].policies()
            case ["commits", commit] if commit in self.authors:
                login = self.authors[commit]
                found = {"sha": commit, "author": login and {"login": login}, "committer": {"login": "web-flow"}}
            case ["commits", commit]:
                status, found = 422, {"message": f"No commit found for SHA: {commit}"}
            case ["actions", "workflows", "ci.yml", "runs"]:
                fitting = [number for number, run in enumerate(self.runs) if _fits(run, query)]
                found = {"workflow_runs": [{"id": number} for number in fitting]}
            case ["actions", "runs", number, "jobs"]:
                jobs = self.runs[int(number)].jobs
                found = {"jobs": [{"name": name, "conclusion": result} for name, result in jobs.items()]}
            case _:
                status, found = 404, {"message": "Not Found"}
        return status, found


def _fits(run: Run, query: Mapping[str, str]) -> bool:
    return (run.commit, run.branch, run.event) == (query.get("head_sha"), query.get("branch"), query.get("event"))


@contextmanager
def github_api() -> Iterator[GitHub]:
    """Run GitHub's API beside the block."""
    github = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, body = github.answer(parts.path, query, self.headers["Authorization"])
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        github.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield github
        finally:
            server.shutdown()
