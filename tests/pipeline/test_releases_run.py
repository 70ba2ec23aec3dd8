"""Releases really run: every command from the published artifact to production and back, on an emulated cloud."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kit.act import Hub, WorkflowRun, run_workflow, start_by_hand
from kit.cloud import Cloud
from kit.github_api import Environment, GitHub, Run
from kit.template import commit_all, git
from pipeline.environments import make_environments, serves
from pipeline.trusted import given_away

CHECKS = ("lint", "unit", "integration", "api", "audit", "secrets")
GREEN = dict.fromkeys((*CHECKS, "build", "ci-ok", "publish"), "success")
STAGED = {**GREEN, "deploy-staging": "success", "load-staging": "success"}
RELEASED = {**STAGED, "approve": "success", "deploy-production": "success"}
REVIEWED = Environment(reviewers=("ada",))


@dataclass
class Team:
    """A repository whose cloud has staging and production, and the people around it."""

    repository: Path
    hub: Hub
    github: GitHub
    cloud: Cloud

    @property
    def commit(self) -> str:
        """The newest commit."""
        return git(self.repository, "rev-parse", "HEAD").strip()

    def change(self, file: str, old: str, new: str) -> str:
        """Commit a change of a file and return the commit."""
        path = self.repository / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        return commit_all(self.repository, f"Change {file}")

    def push(self) -> WorkflowRun:
        """Push the newest commit; the checks are proved elsewhere."""
        run = run_workflow(self.repository, self.hub)
        assert given_away(run) == []
        return run

    def start(self, workflow: str, by: str = "grace", **inputs: str) -> WorkflowRun:
        """Start ``rollback`` or ``promote`` by hand."""
        hub = replace(self.hub, told={**self.hub.told, "GITHUB_TRIGGERING_ACTOR": by})
        run = start_by_hand(self.repository, hub, workflow, **inputs)
        assert given_away(run) == []
        return run

    def serves(self) -> tuple[str, str]:
        """Return the commits that users of staging and of production meet."""
        return serves(self.cloud, "staging"), serves(self.cloud, "production")


@pytest.fixture
def team(
    light: Callable[..., Path], connected: Callable[[Path], Hub], cloud: Cloud, github: GitHub
) -> Callable[..., Team]:
    """``team(branching="gitflow")``: a repository whose production has a reviewer."""

    def make(**answers: str) -> Team:
        repository = light(**{"artifact": "zip"} | answers)
        hub = connected(repository)
        # k6 asks no resolver that knows what ends in localhost; the front of the cloud takes it as a proxy does.
        proxy = {"load-staging": {"HTTP_PROXY": f"http://127.0.0.1:{cloud.front_port}"}}
        hub = replace(hub, environments=make_environments(cloud), proved=frozenset(CHECKS), jobs=proxy)
        github.environments |= {"staging": Environment(), "production": REVIEWED}
        return Team(repository, hub, github, cloud)

    return make


def row(commit: str, environment: str, result: str, artifact: str = "") -> str:
    """Return how the summary begins to tell of a release."""
    return f"| `{commit[:7]}` | `{artifact}` | {environment} | {result} |"


def test_a_push_goes_through_staging_to_production_and_a_click_goes_back(team: Callable[..., Team]) -> None:
    it = team()
    first = it.commit

    run = it.push()

    assert run.results == RELEASED, str(run)
    assert it.serves() == (first, first)
    assert run.outputs("publish") == {"artifact": first, "staging": "true"}
    assert row(first, "staging", "released", first) in run.summary
    assert row(first, "production", "released", first) in run.summary
    assert run.outputs("deploy-staging")["url"].startswith("http://orders-api-stg.")
    assert "✓ 'rate==1' rate=100.00%" in run.said("load-staging")
    assert all("deploy/build" not in run.said(job) for job in run.results if job != "build")

    second = it.change("src/double.js", "number * 2", "2 * number")
    assert it.push().results == RELEASED
    assert it.serves() == (second, second)

    back = it.start("rollback", environment="production", commit="")
    assert back.results == {"rollback": "success"}, str(back)
    assert it.serves() == (second, first)
    assert row(first, "production", "released") in back.summary


def test_an_image_goes_the_same_way_by_its_digest(team: Callable[..., Team], with_engine: Callable[[Hub], Hub]) -> None:
    it = team(artifact="image")
    it.hub = with_engine(it.hub)

    run = it.push()

    assert run.results == RELEASED, str(run)
    assert it.serves() == (it.commit, it.commit)
    artifact = run.outputs("publish")["artifact"]
    assert artifact.startswith(f"{it.cloud.registry}/orders-api@sha256:")
    assert row(it.commit, "production", "released", artifact) in run.summary


def test_a_failing_smoke_test_in_production_leaves_the_old_version_there(team: Callable[..., Team]) -> None:
    it = team()
    first = it.commit
    assert it.push().results == RELEASED
    second = it.change("deploy/environments/production.env", "SMOKE_PATH=/v1/items", "SMOKE_PATH=/v1/nothing")

    run = it.push()

    assert run.results == {**RELEASED, "deploy-production": "failure"}, str(run)
    assert it.serves() == (second, first)
    assert row(second, "production", "undone", second) in run.summary
    assert "nothing is unfinished" in run.said("deploy-production")

    git(it.repository, "checkout", "--quiet", "-B", "main", first)
    older = it.push()
    assert older.results == {**GREEN, "deploy-staging": "failure"}, str(older)
    assert f"staging serves {second[:7]}, which is newer than {first[:7]}" in older.said("deploy-staging")
    assert it.serves() == (second, first)


def test_a_release_that_is_killed_is_ended_by_the_next_step(team: Callable[..., Team], tmp_path: Path) -> None:
    it = team()
    first = it.commit
    assert it.push().results == RELEASED
    second = it.change("src/double.js", "number * 2", "2 * number")
    it.hub.machine["PATH"] = f"{killer(tmp_path)}:{it.hub.machine['PATH']}"  # type: ignore[index]

    run = it.push()

    assert run.results == {**RELEASED, "deploy-production": "failure"}, str(run)
    assert "Nothing came of it" in run.summary
    assert "production is as before the run that was killed" in run.said("deploy-production")
    assert it.serves() == (second, first)


def killer(folder: Path) -> Path:
    """Make a folder with a ``curl`` that kills a release to production, the first that it is called by."""
    program = folder / "killer" / "curl"
    program.parent.mkdir()
    program.write_text(f"""\
#!/bin/bash
process=$PPID found=()
while [[ -e /proc/$process/cmdline ]]; do
  if tr '\\0' ' ' </proc/$process/cmdline | grep --quiet 'deploy/release production'; then
    found=("$process" "${{found[@]}}")
  fi
  process=$(cut -d ' ' -f 4 /proc/$process/stat)
done
if [[ ${{#found[@]}} -gt 0 && $* == */v1/items* && ! -e {folder}/killed ]]; then
  touch {folder}/killed
  kill -KILL "${{found[@]}}"
fi
PATH=${{PATH#*killer:}} exec curl "$@"
""")
    program.chmod(0o755)
    return program.parent


def test_a_missed_threshold_ends_the_release_at_staging(team: Callable[..., Team]) -> None:
    it = team()
    it.change("tests/load/items.js", "status === 200", "status === 201")

    run = it.push()

    assert run.results == {**STAGED, "load-staging": "failure"}, str(run)
    assert it.serves() == (it.commit, "")


def test_production_is_reached_by_nobody_s_leave_or_not_at_all(team: Callable[..., Team]) -> None:
    it = team()
    commit = it.commit
    del it.github.environments["production"]

    not_set_up = it.push()
    it.github.environments["production"] = Environment()
    nobody_asked = it.push()
    it.github.environments["production"] = Environment(reviewers=("ada",), branches=None)
    open_to_all = it.push()
    it.github.environments["production"] = Environment()
    it.hub = replace(it.hub, variables={**it.hub.variables, "RELEASE_APPROVERS": "ada,grace"})
    by_hand = it.push()

    assert not_set_up.results == {**STAGED, "approve": "success"}, str(not_set_up)
    assert "deploy/setup production" in not_set_up.summary
    assert nobody_asked.results == open_to_all.results == {**STAGED, "approve": "failure"}, str(nobody_asked)
    assert "gh api --method PUT repos/acme/orders-api/environments/production" in nobody_asked.summary
    assert by_hand.results == {**STAGED, "approve": "success"}, str(by_hand)
    assert f"gh workflow run promote.yml --repo acme/orders-api --ref main -f commit={commit}" in by_hand.summary
    assert it.serves() == (commit, "")

    it.github.authors, it.github.runs = {commit: "ada"}, [Run(commit, by_hand.results)]
    for stranger in ("ada", "mallory"):
        refused = it.start("promote", by=stranger, commit=commit)
        assert refused.results == {"deploy-production": "failure"}
        assert it.serves() == (commit, "")
    promoted = it.start("promote", by="grace", commit=commit)

    assert promoted.results == {"deploy-production": "success"}, str(promoted)
    assert "it is there already" in promoted.said("deploy-production")
    assert it.serves() == (commit, commit)


@pytest.mark.parametrize(("branch", "jobs"), [("develop", STAGED), ("main", RELEASED), ("feature", {})])
def test_with_gitflow_develop_ends_after_staging(branch: str, jobs: dict[str, str], team: Callable[..., Team]) -> None:
    it = team(branching="gitflow")
    git(it.repository, "branch", "--move", branch)

    run = it.push()

    assert run.results == {**dict.fromkeys((*CHECKS, "build", "ci-ok"), "success"), **jobs}, str(run)


@pytest.mark.parametrize("workflow", ["rollback", "promote"])
def test_what_is_started_on_another_branch_says_where_to_start_it(workflow: str, team: Callable[..., Team]) -> None:
    it = team()
    git(it.repository, "branch", "--move", "feature")

    run = it.start(workflow, environment="staging", commit=it.commit)

    assert set(run.results.values()) == {"failure"}
    assert "Start it on the branch main, whose files were reviewed." in str(run)
    assert it.serves() == ("", "")


def test_what_is_typed_into_a_form_stays_text(team: Callable[..., Team]) -> None:
    it = team()

    back = it.start("rollback", environment="staging", commit="$(touch typed); `touch typed`")
    promoted = it.start("promote", commit="main; touch typed")

    assert back.results == {"rollback": "failure"}
    assert "an environment is needed, and a full commit" in back.said("rollback")
    assert promoted.results == {"deploy-production": "failure"}
    assert "That is not one full commit hash." in promoted.summary
