"""What single steps of a release do: they pass signals on, tell what came of it, and log in for long enough."""

import json
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from kit import graph
from kit.github import WORKFLOWS
from kit.process import Outcome, environment, run, start, wait_until
from pipeline.repositories import PIPELINES, rendered

NAME = next(iter(PIPELINES))
RELEASES = {
    ("push", "deploy-staging"),
    ("push", "deploy-production"),
    ("promote", "deploy-production"),
    ("rollback", "rollback"),
}
EVENT = {
    "service": "orders-api",
    "environment": "production",
    "kind": "release",
    "commit": "9f3c1d2e" * 5,
    "artifact": "registry.example.com/orders-api@sha256:" + "0" * 64,
    "before": "",
    "result": "released",
    "url": "https://orders.example.com",
    "began": "2026-11-25T08:00:00Z",
    "seconds": 61,
}
# Undoes for a moment when it is told to end, as a release does.
COMMAND = """\
#!/usr/bin/env bash
end() {
  echo "$1" >"$NOTES/heard"
  read -r -t 0.3 <>"$NOTES/pipe"
  echo '{"result":"undone"}'
  touch "$NOTES/undone"
  exit 20
}
trap 'end INT' INT
trap 'end TERM' TERM
touch "$NOTES/begun"
while true; do read -r -t 0.05 <>"$NOTES/pipe"; done
"""


def steps(workflow: str, job: str) -> dict[str, dict[str, str]]:
    """Return the steps of a job that have an id."""
    table = yaml.safe_load((rendered(NAME) / WORKFLOWS[workflow]).read_text())
    return {step["id"]: step for step in table["jobs"][job]["steps"] if "id" in step}


@pytest.mark.parametrize(("workflow", "job"), sorted(RELEASES))
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancelled_step_lets_its_command_undo_what_it_did(
    workflow: str, job: str, number: signal.Signals, tmp_path: Path
) -> None:
    name = "rollback" if workflow == "rollback" else "release"
    command = tmp_path / "deploy" / name
    command.parent.mkdir()
    command.write_text(COMMAND)
    command.chmod(0o755)
    run(["mkfifo", tmp_path / "pipe"]).succeeded()
    script = tmp_path / "script.sh"
    script.write_text(steps(workflow, job)["release"]["run"])
    there = environment(NOTES=tmp_path, RUNNER_TEMP=tmp_path, ENVIRONMENT="staging", COMMIT="c", ARTIFACT="a b")

    # As GitHub starts a step whose shell is bash. Only this process gets the signal.
    with start(["bash", "--noprofile", "--norc", "-eo", "pipefail", script], cwd=tmp_path, env=there) as step:
        wait_until((tmp_path / "begun").exists, "the command has begun")
        step.signal(number)
        code = step.wait()
        undone = (tmp_path / "undone").exists()

    assert (code, undone) == (20, True)
    assert (tmp_path / "heard").read_text() == f"{number.name.removeprefix('SIG')}\n"
    assert json.loads((tmp_path / "event.json").read_text()) == {"result": "undone"}


@pytest.fixture
def tell(tmp_path: Path) -> Callable[[str], Outcome]:
    """``tell(text)``: the script ``released``, called with what a release printed."""

    def call(text: str) -> Outcome:
        (tmp_path / "event.json").write_text(text)
        there = environment(GITHUB_OUTPUT=tmp_path / "output", GITHUB_STEP_SUMMARY=tmp_path / "summary")
        script = rendered(NAME) / ".github" / "scripts" / "released"
        return run([script, tmp_path / "event.json"], env=there)

    return call


@pytest.mark.parametrize("result", ["released", "kept", "undone", "stuck"])
def test_a_release_is_a_row_of_the_summary(result: str, tell: Callable[[str], Outcome], tmp_path: Path) -> None:
    tell(json.dumps(EVENT | {"result": result})).succeeded()

    assert (tmp_path / "output").read_text() == "url=https://orders.example.com\n"
    assert (tmp_path / "summary").read_text() == (
        "### release\n"
        "\n"
        "| commit | artifact | environment | result | time | link |\n"
        "|---|---|---|---|---|---|\n"
        f"| `9f3c1d2` | `{EVENT['artifact']}` | production | {result} | 61 s | <https://orders.example.com> |\n"
        "\n"
    )


def test_a_release_that_told_nothing_gives_no_address(tell: Callable[[str], Outcome], tmp_path: Path) -> None:
    outcome = tell("")

    assert outcome.code == 10
    assert not (tmp_path / "output").exists()
    assert (tmp_path / "summary").read_text() == "Nothing came of it; the log of the step before says why.\n"


def test_every_role_allows_the_login_that_its_jobs_ask_for() -> None:
    graphs = graph.described(PIPELINES[NAME]).values()
    jobs = [job for found in graphs for job in found.jobs.values() if ("identity", "write") in job.token]
    lifetimes = {
        environment: max(job.minutes + 10 for job in jobs if bool(job.environment) == environment) * 60
        for environment in (True, False)
    }
    texts = [file.read_text() for file in (rendered(NAME) / "deploy" / "cloudformation").glob("*.yaml")]
    roles = [
        role for text in texts for role in re.split(r"\n(?=  \w+:\n)", text) if "AssumeRoleWithWebIdentity" in role
    ]

    assert roles
    for role in roles:
        allowed = re.search(r"MaxSessionDuration: (\d+)", role)
        assert allowed
        assert int(allowed[1]) >= lifetimes["-deploy-" in role], role
