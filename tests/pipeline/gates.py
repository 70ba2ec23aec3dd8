"""The gates of a pipeline as its jobs call them, against a server that plays GitHub's API."""

from dataclasses import dataclass, field
from pathlib import Path

from kit.github_api import REPOSITORY, TOKEN, GitHub
from kit.process import Outcome, environment, run
from pipeline.repositories import PIPELINES, rendered

COMMIT = "9f3c1d2e" * 5
API = f"repos/{REPOSITORY}/environments/production"


@dataclass
class Gates:
    """A repository on GitHub, and what the gates of its pipeline said."""

    github: GitHub
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def call(self, script: str, *arguments: str, **env: str) -> Outcome:
        """Run a script as a step of a job does."""
        told = {
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "COMMIT": COMMIT,
        }
        clean = environment(without=("GITHUB_", "RELEASE_"), **(told | self.variables | env))
        repository = rendered(next(iter(PIPELINES)))
        return run([repository / ".github" / "scripts" / script, *arguments], cwd=repository, env=clean)

    def said(self, name: str) -> str:
        """Return what was written to a file of the step: ``output`` or ``summary``."""
        return (self.folder / name).read_text() if (self.folder / name).exists() else ""
