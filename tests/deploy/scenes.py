"""A generated repository beside an emulated account: what a release, a rollback and a status are tried on."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kit.beanstalk_account import SERVICE, Account, image_of
from kit.cloud import MINUTE, Cloud
from kit.folders import made_once, run_folder
from kit.process import Outcome, Running, run, start, wait_until
from kit.template import Answers, commit_all, git

STRATEGIES = ("canary", "blue-green", "rolling")
ARTIFACTS = ("zip", "image")
CLIENT = "AKIAOFTHERELEASE0000"  # whose calls are made to fail
DONE, REFUSED, UNDONE, STUCK = 0, 10, 20, 21
# Each commit is the parent of the next; aside has a parent that no other has.
COMMITS = ("older", "old", "new", "newer")

Repositories = Callable[[Answers], Path]


@dataclass(frozen=True)
class Scene:
    """An environment that serves the old version, and a repository that has more."""

    account: Account
    folder: Path
    commits: dict[str, str]
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def cloud(self) -> Cloud:
        """Return the cloud."""
        return self.account.cloud

    @property
    def old(self) -> str:
        """Return the commit that serves."""
        return self.commits["old"]

    @property
    def new(self) -> str:
        """Return the commit that is to serve."""
        return self.commits["new"]

    @property
    def address(self) -> str:
        """Return the live address."""
        return f"{self.account.place}.localhost:{self.cloud.front_port}"

    def with_settings(self, **settings: str) -> "Scene":
        """Return the scene with other variables for the commands."""
        return replace(self, settings=self.settings | settings)

    def environment(self) -> dict[str, str]:
        """Return the environment of the commands: no real waiting, and faults are for them alone."""
        own = {
            "AWS_ACCESS_KEY_ID": CLIENT,
            "AWS_CLIENT_SECOND": "0.015",
            "DEPLOY_PAUSE": "0.02",
            "DEPLOY_DEADLINE": "8",
        }
        return self.cloud.environment() | own | self.settings

    def artifact_of(self, commit: str) -> str:
        """Return the artifact of a commit as ``deploy/publish`` names it."""
        return commit if self.account.artifact == "zip" else image_of(commit)

    def command(self, name: str, *arguments: str) -> list[str]:
        """Return a command of the repository."""
        return [f"deploy/{name}", self.account.environment, *arguments]

    def release_command(self, commit: str = "") -> list[str]:
        """Return the command that releases a commit, by default the new one."""
        commit = commit or self.new
        return self.command("release", self.artifact_of(commit), commit)

    def run(self, command: list[str]) -> Outcome:
        """Run a command to its end."""
        return run(command, cwd=self.folder, env=self.environment(), deadline=60)

    def release(self, commit: str = "") -> Outcome:
        """Release a commit, by default the new one."""
        return self.run(self.release_command(commit))

    def rollback(self, *arguments: str) -> Outcome:
        """Go back."""
        return self.run(self.command("rollback", *arguments))

    @contextmanager
    def begun(self, command: list[str]) -> Iterator[Running]:
        """Run a command beside the block."""
        with start(command, cwd=self.folder, env=self.environment()) as running:
            yield running

    def calls(self) -> list[str]:
        """Return the calls that the commands made since faults were planted."""
        return self.cloud.calls(CLIENT)

    def word_of(self, commit: str | None) -> str:
        """Return the word for a commit."""
        words = {digits: word for word, digits in self.commits.items()}
        return words.get(commit or "", commit or "nothing")

    def settle(self) -> None:
        """Wait until the platform has done what it was asked for."""
        wait_until(lambda: all(one["Status"] == "Ready" for one in self.account.environments()), "all is at rest")

    def serves(self) -> str:
        """Say who answers: ``old``, ``new`` or another word for a commit at 100 %, else everything that was heard."""
        heard = sorted({self.word_of(answer.removeprefix("200 ")) for answer in self.account.answers()})
        return " and ".join(heard)

    def ends(self) -> list[tuple[str, str, str, str]]:
        """Return what the journal says: kind, result, commit and the commit before of each event."""
        words = ("kind", "result", "commit", "before")
        events = self.account.journal()
        return [tuple(self.word_of(event[word]) for word in words) for event in events]  # type: ignore[misc]

    def state(self) -> str:
        """Return everything that another run would find, wherever the emulated cloud listens."""
        fields = ("CNAME", "VersionLabel", "Status", "HealthStatus", "AbortableOperationInProgress")
        found = sorted([str(one[name]) for name in fields] for one in self.account.environments())
        words = [found, self.account.labels(), self.account.policies(), self.ends(), self.serves()]
        return json.dumps(words).replace(f":{self.cloud.front_port}", "")


def event_of(outcome: Outcome) -> dict[str, Any] | None:
    """Return the event that a command printed, or nothing if it printed nothing."""
    lines = outcome.out.splitlines()
    assert len(lines) < 2, outcome
    event: dict[str, Any] | None = json.loads(lines[0]) if lines else None
    return event


def repository(repo: Repositories, strategy: str, artifact: str) -> Path:
    """Return the generated repository with a history, made once a run; no test may change it."""
    name = f"scenes/{strategy}-{artifact}"
    with made_once(name) as folder:
        if folder:
            answers = {"service_name": SERVICE, "artifact": artifact, "deployment_strategy": strategy}
            shutil.copytree(repo(answers), folder, symlinks=True)
            settings = folder / "deploy" / "environments" / "production.env"
            settings.write_text(settings.read_text().replace("BAKE_MINUTES=5", "BAKE_MINUTES=0"))
            for word in COMMITS:
                git(folder, "tag", word, commit_all(folder, word))
            git(folder, "checkout", "--quiet", "-b", "aside", "old")
            git(folder, "tag", "aside", commit_all(folder, "aside"))
            git(folder, "checkout", "--quiet", "main")
    return run_folder() / name


def scene(cloud: Cloud, repo: Repositories, strategy: str, artifact: str = "zip", *, live: str | None = "old") -> Scene:
    """Return an environment that serves a version (or the sample application), and the repository."""
    cloud.forget()
    folder = repository(repo, strategy, artifact)
    words = git(folder, "rev-parse", *COMMITS, "aside").split()
    commits = dict(zip((*COMMITS, "aside"), words, strict=True))
    account = Account(cloud, strategy, artifact)
    stored = [commits["older"], commits["old"]] if artifact == "image" else list(commits.values())
    cloud.wish(minute=0)
    account.make(stored, live and commits[live], live and commits["older"])
    cloud.wish(minute=MINUTE)
    cloud.plant()
    return Scene(account, folder, commits)
