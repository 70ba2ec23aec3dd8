"""Run a workflow of GitHub Actions on this machine: ``act`` executes every step, in the order of the workflow.

Actions of others are stood in for by those in ``kit/actions``, which hand over real files; a service container by a
PostgreSQL that runs here. ``act`` does not know the keys of 2026, so it gets a copy of the workflow without them.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from ruamel.yaml import YAML

from kit.folders import run_folder
from kit.github import RUNNER, WORKFLOWS
from kit.process import Outcome, run
from kit.tools import tool

ACTIONS = Path(__file__).parent / "actions"
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
VARIABLE = re.compile(r"\bvars\.(\w+)")
YOUNGER_THAN_ACT = ("cache-mode", "queue", "services")


@dataclass(frozen=True)
class Hub:
    """What GitHub and its machines have for a workflow."""

    machine: Mapping[str, str]
    """The environment of every job."""
    services: Mapping[str, str] = field(default_factory=dict)
    """Where services are: values for the variables that jobs set for them."""
    jobs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What single jobs have besides."""
    variables: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The variables of each environment, which hide those of the repository."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    proved: frozenset[str] = frozenset()
    """Jobs whose steps are left out, because another test runs them."""
    told: Mapping[str, str] = field(default_factory=dict)
    """What GitHub tells every step, such as where its API is."""


@dataclass(frozen=True)
class WorkflowRun:
    """What one run left: the result of each job that ran, what it said, and the files that it kept."""

    outcome: Outcome
    records: tuple[Mapping[str, Any], ...]
    kept: Path

    @property
    def results(self) -> dict[str, str]:
        """The result of each job that ran."""
        return {record["jobID"]: record["jobResult"] for record in self.records if "jobResult" in record}

    @property
    def summary(self) -> str:
        """The summary page."""
        return "\n".join(record["content"] for record in self.records if record.get("command") == "summary")

    def outputs(self, job: str) -> dict[str, str]:
        """Return what the steps of a job set as outputs."""
        return {record["name"]: record["arg"] for record in self._of(job) if record.get("command") == "set-output"}

    def said(self, job: str) -> str:
        """Return what the commands of a job printed, without colours."""
        return COLOUR.sub("", "".join(record["msg"] for record in self._of(job) if record.get("raw_output")))

    def __str__(self) -> str:
        """Return the results, and what the jobs that failed have said."""
        failed = [job for job, result in self.results.items() if result != "success"]
        return "\n".join([str(self.results), *(f"{job}: {self._everything(job)}" for job in failed), self.outcome.err])

    def _everything(self, job: str) -> str:
        return "\n".join(record["msg"].rstrip() for record in self._of(job))

    def _of(self, job: str) -> list[Mapping[str, Any]]:
        return [record for record in self.records if record.get("jobID") == job]


def run_workflow(
    repository: Path,
    hub: Hub,
    event: str = "push",
    payload: Mapping[str, object] | None = None,
    deadline: float = 300,
) -> WorkflowRun:
    """Run ci of a committed repository as ``event`` starts it on the branch that is checked out.

    ``payload`` is what GitHub tells of the event.
    """
    return _run(repository, hub, _Start("push", event, payload or {}), deadline)


def start_by_hand(repository: Path, hub: Hub, workflow: str, **inputs: str) -> WorkflowRun:
    """Run ``rollback`` or ``promote`` of a committed repository, its form filled in."""
    return _run(repository, hub, _Start(workflow, "workflow_dispatch", {"inputs": inputs}), 300)


@dataclass(frozen=True)
class _Start:
    """What begins a run."""

    workflow: str
    event: str
    payload: Mapping[str, Any]


def _run(repository: Path, hub: Hub, start: _Start, deadline: float) -> WorkflowRun:
    folder = Path(mkdtemp(prefix="act-", dir=run_folder()))
    kept, workflow, told = folder / "kept", folder / "workflow.yml", folder / "event.json"
    kept.mkdir()
    text = (repository / WORKFLOWS[start.workflow]).read_text()
    workflow.write_text(_for_act(text, hub, start.payload.get("inputs", {})))
    told.write_text(json.dumps(start.payload))
    options: list[str | Path] = [
        *("--workflows", workflow, "--eventpath", told, "--platform", f"{RUNNER}=-self-hosted"),
        # Secrets stay readable: a mask would hide from the tests what a command gave away.
        *("--no-cache-server", "--pull=false", "--json", "--insecure-secrets", "--action-cache-path", folder / "cache"),
        *(part for name in ("env", "var", "secret", "input") for part in (f"--{name}-file", os.devnull)),
        *_pairs("--env", {**hub.told, "KEPT": str(kept)}),
        *_pairs("--var", hub.variables),
        *_pairs("--secret", hub.secrets),
        *_stand_ins(repository),
    ]
    outcome = run([tool("act"), start.event, *options], cwd=repository, env=hub.machine, deadline=deadline)
    records = [json.loads(line) for line in outcome.out.splitlines() if line.startswith("{")]
    return WorkflowRun(outcome, tuple(records), kept)


def _for_act(text: str, hub: Hub, inputs: Mapping[str, str]) -> str:
    """Return a workflow that act can read: without younger keys, local actions by the older spelling.

    A job learns who it is, as its token would say. act knows no environments, so their variables are written out.
    """
    yaml = YAML()
    yaml.width = 1000
    workflow = yaml.load(text.replace("uses: $/", "uses: ./"))
    for name, job in workflow["jobs"].items():
        for table in (job, job.get("concurrency", {})):
            for key in YOUNGER_THAN_ACT:
                table.pop(key, None)
        if name in hub.proved:
            job["steps"] = [{"run": "true"}]
        own = job.setdefault("env", {})
        own |= {key: value for key, value in hub.services.items() if key in own}
        own |= hub.jobs.get(name, {})
        place = (
            job.get("environment", {})
            .get("name", "")
            .replace("${{ inputs.environment }}", inputs.get("environment", ""))
        )
        own["SUBJECT"] = f"environment:{place}" if place else "ref:${{ github.ref }}"
        _write_out(job, hub.environments.get(place, {}))
    stream = StringIO()
    yaml.dump(workflow, stream)
    return stream.getvalue()


def _write_out(node: Any, variables: Mapping[str, str]) -> None:  # noqa: ANN401 - whatever YAML holds
    """Put values in place of the variables that an environment has."""

    def written(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            return VARIABLE.sub(lambda found: f"'{variables[found[1]]}'" if found[1] in variables else found[0], value)
        _write_out(value, variables)
        return value

    for key, value in list(
        node.items() if isinstance(node, dict) else enumerate(node if isinstance(node, list) else [])
    ):
        node[key] = written(value)


def _stand_ins(repository: Path) -> list[str]:
    """Map each action that a repository uses to the one of the same name in ``kit/actions``."""
    texts = [file.read_text() for file in sorted((repository / ".github").rglob("*.yml"))]
    uses = {use for text in texts for use in re.findall(r"uses: ([^$\s]\S*)", text)}
    places = {use: ACTIONS / use.partition("@")[0].rpartition("/")[2] for use in sorted(uses)}
    return _pairs("--local-repository", {use: str(place) for use, place in places.items() if place.is_dir()})


def _pairs(option: str, values: Mapping[str, str]) -> list[str]:
    return [part for name, value in values.items() for part in (option, f"{name}={value}")]
