"""What a workflow of GitHub Actions says, in the words of ``kit.graph``."""

import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kit.graph import Answers, Graph, Job, Reading, Table, facts, single

WORKFLOW = Path(".github/workflows/ci.yml")
RUNNER = "ubuntu-24.04"
# A run of a pull request gives way to a newer one; a run of a release branch has a group of its own.
CONCURRENCY = {
    "group": "ci-${{ github.event_name == 'pull_request' && github.ref || github.run_id }}",
    "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
}
JUDGE = 'jq --exit-status \'map_values(.result), ([.[].result] | all(. == "success"))\' <<<"$CHECKS"'
UNCONNECTED = re.compile(r"\$\{\{ github\.event_name == 'push' && vars\.(\w+) == '' \}\}")
RELEASE = re.compile(r"\$\{\{ github\.event_name == 'push' && (.*) && vars\.(\w+) != '' \}\}")
RIGHTS = {"contents": "code", "id-token": "identity"}
KEPT_DAYS = "14"


@dataclass
class Steps:
    """The steps of a job, read from the first to the last."""

    job: str
    left: deque[Table]
    variables: list[str] = field(default_factory=list)

    def action(self, name: str) -> Reading | None:
        """Return the next step if it uses the action ``name``, whatever its version."""
        if not self.left or str(self.left[0].get("uses", "")).partition("@")[0] != name:
            return None
        step = Reading(f"{self.job}, {name}", self.left.popleft())
        step.take("uses")
        return step

    def needed(self, name: str) -> Reading:
        """Return the next step, which must use the action ``name``."""
        step = self.action(name)
        return step or Reading(self.job, {}).stop(f"uses no {name} but {self.left[0] if self.left else 'ends'}")

    def command(self) -> Reading:
        """Return the next step, which must run something."""
        step = Reading(f"{self.job}, a step", self.left.popleft() if self.left else None)
        if "run" not in step.left:
            step.stop("runs nothing")
        return step

    def end(self) -> None:
        """No step may be left."""
        if self.left:
            Reading(self.job, {}).stop(f"goes on with {self.left[0]}")


def read(text: str, answers: Answers) -> Graph:
    """Return what the text of a workflow says that was generated for ``answers``. Raises ``UnreadableError``."""
    workflow = Reading("the workflow", yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - makes nothing but text
    workflow.expect(
        name="ci",
        permissions={},
        concurrency=CONCURRENCY,
        defaults={"run": {"shell": "bash"}},
        env={"COMMIT": "${{ github.sha }}"},
    )
    triggers = Reading("on", workflow.take("on"))
    if triggers.take("pull_request") != "":
        triggers.stop("does not check every pull request")
    push = Reading("on.push", triggers.take("push"))
    branches = tuple(push.take("branches"))
    jobs = workflow.take("jobs")
    for rest in (workflow, triggers, push):
        rest.end()

    variables: list[str] = []
    found = {name: _job(name, Reading(name, job), branches, answers, variables) for name, job in jobs.items()}
    return Graph(branches, single("the variable that connects the cloud", variables), found)


def _job(name: str, job: Reading, branches: tuple[str, ...], answers: Answers, variables: list[str]) -> Job:
    job.expect(name=name, runs_on=RUNNER)
    gate = _gate(job, branches, variables)
    needs, minutes = frozenset(job.take("needs", [])), int(job.take("timeout-minutes"))
    token = frozenset((RIGHTS.get(what, what), right) for what, right in job.take("permissions").items())
    services, lock, cache = _services(job), _lock(job), job.take("cache-mode", "dependencies")
    steps = Steps(name, deque(job.take("steps")))
    said = _verdict(steps, variables) if gate == "verdict" else _work(steps, answers, ("identity", "write") in token)
    steps.end()
    job.end()
    return Job(needs=needs, gate=gate, minutes=minutes, token=token, services=services, lock=lock, cache=cache, **said)


def _gate(job: Reading, branches: tuple[str, ...], variables: list[str]) -> str:
    condition = job.take("if", "")
    if condition in ("", "${{ always() }}"):
        return "verdict" if condition else "change"
    release = RELEASE.fullmatch(condition)
    refs = " || ".join(f"github.ref == 'refs/heads/{branch}'" for branch in branches)
    if not release or release[1] != (refs if len(branches) == 1 else f"({refs})"):
        job.stop(f"has a gate of its own: {condition}")
    variables.append(release[2])
    return "release"


def _services(job: Reading) -> frozenset[tuple[str, str]]:
    """Read services with the variables by which the steps find them, which must be those that are described."""
    images = set()
    environment: Table = {}
    for name, given in job.take("services", {}).items():
        fact = facts("pipeline")["services"][name]
        service = Reading(f"{job.place}, {name}", given)
        images.add((name, service.take("image")))
        service.expect(env=fact["server"], ports=[f"127.0.0.1:{fact['port']}:{fact['port']}"])
        if not service.take("options").startswith(f'--health-cmd "{fact["healthy"]}" --health-interval '):
            service.stop("is not waited for")
        service.end()
        environment |= fact["environment"]
    if environment:
        job.expect(env=environment)
    return frozenset(images)


def _lock(job: Reading) -> str:
    if "concurrency" not in job.left:
        return ""
    lock = Reading(f"{job.place}, concurrency", job.take("concurrency"))
    lock.expect(cancel_in_progress="false", queue="max")
    job.expect(outputs={"artifact": "${{ steps.publish.outputs.artifact }}"})
    name: str = lock.take("group")
    lock.end()
    return name


def _verdict(steps: Steps, variables: list[str]) -> dict[str, Any]:
    judge, sentence = steps.command(), steps.command()
    judge.expect(env={"CHECKS": "${{ toJSON(needs) }}"}, run=JUDGE)
    condition = UNCONNECTED.fullmatch(sentence.take("if"))
    if not condition or "deploy/setup" not in sentence.take("run"):
        sentence.stop("does not say what a release lacks")
    variables.append(condition[1])
    for step in (judge, sentence):
        step.end()
    return {"run": "", "setup": "none", "history": "none"}


def _work(steps: Steps, answers: Answers, logs_in: bool) -> dict[str, Any]:  # noqa: FBT001 - a fact of the job
    said = {"history": _checkout(steps), "setup": _setup(steps), "takes": _takes(steps)}
    if logs_in:
        _login(steps, str(answers["cloud"]))
    said["run"] = _command(steps, published=logs_in)
    said["reports"] = _reports(steps, str(answers["language"]))
    said["keeps"] = _keeps(steps)
    return said


def _checkout(steps: Steps) -> str:
    step = steps.needed("actions/checkout")
    options = Reading(step.place, step.take("with"))
    options.expect(persist_credentials="false")
    depth: str = options.take("fetch-depth", "1")
    options.end()
    step.end()
    return {"0": "whole", "1": "commit"}.get(depth, depth)


def _setup(steps: Steps) -> str:
    for toolchain, version in facts("pipeline")["toolchains"].items():
        if step := steps.action(f"actions/setup-{toolchain}"):
            step.expect(**{"with": {f"{toolchain}-version": version, "cache": "false"}})
            step.end()
            return str(toolchain)
    step = steps.action("$/.github/actions/setup")
    if not step:
        return "none"
    options = step.take("with", {})
    step.end()
    known = {"": "dependencies", "cache=false dependencies=false": "language"}
    said = " ".join(sorted(f"{key}={value}" for key, value in options.items()))
    return known.get(said, said)


def _takes(steps: Steps) -> str:
    step = steps.action("actions/download-artifact")
    if not step:
        return ""
    options = Reading(step.place, step.take("with"))
    name: str = options.take("name")
    options.expect(path=name)
    options.end()
    step.end()
    return name


def _login(steps: Steps, cloud: str) -> None:
    for wanted in yaml.load(facts(f"clouds/{cloud}")["github_actions"]["login"], Loader=yaml.BaseLoader):  # noqa: S506
        found = steps.left.popleft()
        if found != wanted:
            Reading(steps.job, {}).stop(f"logs in by {found}, not by {wanted}")


def _command(steps: Steps, *, published: bool) -> str:
    step = steps.command()
    command: str = step.take("run")
    if published:
        step.expect(id=steps.job)
        command = command.removesuffix(" | .github/scripts/published")
    step.end()
    return command


def _reports(steps: Steps, language: str) -> str:
    if not steps.left or steps.left[0].get("if") != "${{ !cancelled() }}":
        return "none"
    files = facts(f"languages/{language}")["reports"].values()
    summary = steps.command()
    summary.expect(**{"if": "${{ !cancelled() }}", "run": " ".join([".github/scripts/report.py", steps.job, *files])})
    upload = steps.needed("actions/upload-artifact")
    upload.expect(**{"if": "${{ !cancelled() }}"})
    paths = "".join(f"{file}\n" for file in files)
    upload.expect(**{"with": {"name": f"reports-{steps.job}", "path": paths, "retention-days": KEPT_DAYS}})
    for step in (summary, upload):
        step.end()
    return "tests"


def _keeps(steps: Steps) -> str:
    step = steps.action("actions/upload-artifact")
    if not step:
        return ""
    step.expect(**{"if": "${{ github.event_name == 'push' }}"})
    options = Reading(step.place, step.take("with"))
    name: str = options.take("name")
    options.expect(path=f"{name}/", if_no_files_found="error", retention_days=KEPT_DAYS)
    options.end()
    step.end()
    return name
