"""Releases really run: every command from the published artifact to production and back, on an emulated cloud."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kit.act import Hub, WorkflowRun, run_workflow, start_by_hand
from kit.cloud import PASSWORD, Cloud
from kit.github_api import TOKEN, Environment, GitHub, Run
from kit.template import commit_all, git
from pipeline.environments import make_environments, serves

CHECKS = ("lint", "unit", "integration", "api", "audit", "secrets")
GREEN = dict.fromkeys((*CHECKS, "build", "ci-ok", "publish"), "success")
STAGED = {**GREEN, "deploy-staging": "success", "load-staging": "success"}
RELEASED = {**STAGED, "approve": "success", "deploy-production": "success"}
SECRETS = ("the-secret-of-the-repository", "the-session-of-one-job", TOKEN, PASSWORD)
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
        return _kept_secrets(run_workflow(self.repository, self.hub))

    def start(self, workflow: str, by: str = "grace", **inputs: str) -> WorkflowRun:
        """Start ``rollback`` or ``promote`` by hand."""
        hub = replace(self.hub, told={**self.hub.told, "GITHUB_TRIGGERING_ACTOR": by})
        return _kept_secrets(start_by_hand(self.repository, hub, workflow, **inputs))

    def serves(self) -> tuple[str, str]:
        """Return the commits that users of staging and of production meet."""
        return serves(self.cloud, "staging"), serves(self.cloud, "production")


def _kept_secrets(run: WorkflowRun) -> WorkflowRun:
    """Return the run, which printed nothing that it was trusted with."""
    printed = [*(run.said(job) for job in run.results), run.summary, *(str(run.outputs(job)) for job in run.results)]
    assert not any(secret in text for text in printed for secret in SECRETS)
    return run


@pytest.fixture
def team(
    light: Callable[..., Path], connected: Callable[[Path], Hub], cloud: Cloud, github: GitHub
) -> Callable[..., Team]:
    """``team(branching="gitflow")``: a repository whose production has a reviewer."""

    def make(**answers: str) -> Team:
        repository = light(artifact="zip", **answers)
        hub = connected(repository)
        hub = replace(hub, environments=make_environments(cloud), proved=frozenset(CHECKS))
        github.environments |= {"staging": Environment(), "production": REVIEWED}
        return Team(repository, hub, github, cloud)

    return make


def test_a_push_goes_through_staging_to_production_and_a_click_goes_back(team: Callable[..., Team]) -> None:
    it = team()
    first = it.commit

    run = it.push()

    assert run.results == RELEASED, str(run)
    assert it.serves() == (first, first)
    assert run.outputs("publish") == {"artifact": first, "staging": "true"}
    assert f"| `{first[:7]}` | `{first}` | staging | released |" in run.summary
    assert f"| `{first[:7]}` | `{first}` | production | released |" in run.summary
    assert run.outputs("deploy-staging")["url"].startswith("http://orders-api-stg.")
    assert "✓ a page lists items" in run.said("load-staging")

    second = it.change("src/double.js", "number * 2", "2 * number")
    assert it.push().results == RELEASED
    assert it.serves() == (second, second)

    back = it.start("rollback", environment="production", commit="")
    assert back.results == {"rollback": "success"}, str(back)
    assert it.serves() == (second, first)
    assert f"| `{first[:7]}` | `` | production | released |" in back.summary
