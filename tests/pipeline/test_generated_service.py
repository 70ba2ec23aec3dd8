"""The generated service itself goes through its own pipeline, and what comes out starts."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from kit.act import Hub, run_workflow
from kit.process import environment, free_port, run, start, wait_until
from kit.template import git
from kit.tools import node

CHECKS = ("lint", "unit", "integration", "api", "audit", "secrets", "build")


@pytest.mark.language("node")
def test_the_service_passes_its_pipeline_and_its_bundle_starts(
    scratch: Callable[..., Path], connected: Callable[[Path], Hub], tmp_path: Path
) -> None:
    repository = scratch({"service_name": "orders-api", "artifact": "zip"})
    commit = git(repository, "rev-parse", "HEAD").strip()

    pipeline = run_workflow(repository, connected(repository), deadline=600)

    assert pipeline.results == dict.fromkeys((*CHECKS, "ci-ok", "publish"), "success"), str(pipeline)
    for suite in ("unit", "integration", "api"):
        assert f"### {suite}\n" in pipeline.summary
    assert "No test has reported a result" not in pipeline.summary
    assert pipeline.outputs("publish") == {"artifact": commit, "staging": "false"}
    with zipfile.ZipFile(pipeline.kept / "dist" / "bundle.zip") as bundle:
        bundle.extractall(tmp_path / "bundle")
    assert_runs(tmp_path / "bundle", commit)


def assert_runs(bundle: Path, commit: str) -> None:
    """Start what the platform would start: in production it wants a database, elsewhere it tells its commit."""
    web = next(line.removeprefix("web: ").split() for line in (bundle / "Procfile").read_text().splitlines())
    port = free_port()
    clean = environment(without=("APP_ENV", "DB_", "SERVICE_"), PORT=str(port), HOST="127.0.0.1")
    clean["PATH"] = f"{node('24') / 'bin'}:{os.environ['PATH']}"

    refused = run(web, cwd=bundle, env=clean)
    with start(web, cwd=bundle, env=clean | {"APP_ENV": "development"}) as service:
        wait_until(lambda: "server listening" in service.out() or service.code is not None, "the service listens")
        version = httpx.get(f"http://127.0.0.1:{port}/version").json()

    assert refused.code == 1
    assert "DB_HOST" in refused.err + refused.out
    assert version["commit"] == commit
