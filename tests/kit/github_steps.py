"""What the steps of a job of GitHub Actions say, in the words of ``kit.graph``."""

import re
from collections import deque
from collections.abc import Iterable
from typing import Any

import yaml

from kit.graph import Answers, Pairs, Reading, Table, facts

JUDGE = 'jq --exit-status \'map_values(.result), ([.[].result] | all(. == "success"))\' <<<"$CHECKS"'
UNCONNECTED = re.compile(r"\$\{\{ github\.event_name == 'push' && vars\.(\w+) == '' \}\}")
KEPT_DAYS = "14"
RELEASED = "released"
EVENT = '"$RUNNER_TEMP/event.json"'
COMMANDING = re.compile(rf"exec (.+) >{re.escape(EVENT)}")
BEGUN = "steps.release.outcome != 'skipped'"
GATE = re.compile(r"\.github/scripts/(gate|promote) ([a-z]+)(?: (\S+))?")
PUBLISHED = " | .github/scripts/published"
# Credentials outlive their job by the time that a job may still take after it was told to end.
AFTERWARDS = 10


class Steps:
    """The steps of a job, read from the first to the last."""

    def __init__(self, job: str, steps: Iterable[Table], branch: str, minutes: int) -> None:
        """Begin; ``branch`` is production's, ``minutes`` the limit of the job."""
        self.job, self.left, self.branch, self.minutes = job, deque(steps), branch, minutes
        self.connected = ""

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

    def named(self, name: str) -> Reading | None:
        """Return the next step if it has this id."""
        if not self.left or self.left[0].get("id") != name:
            return None
        step = self.command()
        step.take("id")
        return step

    def command(self) -> Reading:
        """Return the next step, which must run something."""
        step = Reading(f"{self.job}, a step", self.left.popleft() if self.left else None)
        if "run" not in step.left:
            step.stop("runs nothing")
        return step

    def refuse_other_branches(self) -> bool:
        """Read the step that ends a run which was started on another branch than production's, if there is one."""
        if not self.left or self.left[0].get("if") != f"${{{{ github.ref != 'refs/heads/{self.branch}' }}}}":
            return False
        step = self.command()
        step.take("if")
        step.expect(run=f'echo "::error::Start it on the branch {self.branch}, whose files were reviewed." && exit 1')
        step.end()
        return True

    def stop(self, why: str) -> None:
        """Give up. Raises ``UnreadableError``."""
        Reading(self.job, {}).stop(why)

    def end(self) -> None:
        """No step may be left."""
        if self.left:
            self.stop(f"goes on with {self.left[0]}")


def verdict(steps: Steps) -> dict[str, Any]:
    """Read the job that judges the others; ``steps`` learns the variable that connects the cloud."""
    judge, sentence = steps.command(), steps.command()
    judge.expect(env={"CHECKS": "${{ toJSON(needs) }}"}, run=JUDGE)
    condition = UNCONNECTED.fullmatch(sentence.take("if"))
    if not condition or "deploy/setup" not in sentence.take("run"):
        sentence.stop("does not say what a release lacks")
    steps.connected = condition[1]
    for step in (judge, sentence):
        step.end()
    return {"run": "", "setup": "none", "history": "none", "asks": frozenset()}


def work(steps: Steps, answers: Answers, *, logs_in: bool, releases: bool) -> dict[str, Any]:
    """Read the steps of a job that works: whether it logs in to the cloud and releases follows from its head."""
    said = {"history": _checkout(steps), "setup": _setup(steps), "takes": _takes(steps), "asks": _asks(steps)}
    if logs_in:
        _login(steps, str(answers["cloud"]))
    if releases:
        said |= _release(steps)
    elif logs_in:
        said["run"] = _found(steps) or steps.command().stop("publishes nothing")
    else:
        said["run"] = _plain(steps)
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


def _asks(steps: Steps) -> Pairs:
    step = steps.named("gate")
    if not step:
        return frozenset()
    command = step.take("run")
    asked = GATE.fullmatch(command)
    if not asked or asked[3] not in (None, steps.branch):
        return step.stop(f"asks {command}")
    environment = {"GITHUB_TOKEN": "${{ github.token }}"}
    if asked[3]:
        environment["RELEASE_APPROVERS"] = "${{ vars.RELEASE_APPROVERS }}"
    step.expect(env=environment)
    step.end()
    question = "promotable" if asked[1] == "promote" else "guarded" if asked[3] else "ready"
    return frozenset({(asked[2], question)})


def _login(steps: Steps, cloud: str) -> None:
    snippet = facts(f"clouds/{cloud}")["github_actions"]["login"]
    lifetime = str((steps.minutes + AFTERWARDS) * 60)
    for wanted in yaml.load(snippet.replace("LIFETIME", lifetime), Loader=yaml.BaseLoader):  # noqa: S506
        found = steps.left.popleft() if steps.left else None
        if found != wanted:
            steps.stop(f"logs in by {found}, not by {wanted}")


def _found(steps: Steps) -> str:
    """Read the line whose artifact is handed on, empty if there is none."""
    step = steps.named("published")
    if not step:
        return ""
    command: str = step.take("run")
    if not command.endswith(PUBLISHED):
        step.stop("hands nothing on")
    step.end()
    return command.removesuffix(PUBLISHED)


def _release(steps: Steps) -> dict[str, Any]:
    """Read the release, the step that tells what came of it, and the one that ends what a killed release has left."""
    found = _found(steps)
    step, told, undo = steps.named("release"), steps.named(RELEASED), steps.command()
    if not step or not told:
        return Reading(steps.job, {}).stop("has no release, or tells nobody of it")
    command = COMMANDING.fullmatch(step.take("run")) or step.stop("is not the first process of its step")
    if found:
        step.expect(env={"ARTIFACT": "${{ steps.published.outputs.artifact }}"})
    spare = steps.minutes - int(step.take("timeout-minutes"))
    told.expect(**{"if": f"${{{{ !cancelled() && {BEGUN} }}}}", "run": f".github/scripts/released {EVENT}"})
    undo.expect(**{"if": f"${{{{ (failure() || cancelled()) && {BEGUN} }}}}"})
    undoing = undo.take("run")
    for rest in (step, told, undo):
        rest.end()
    finds = frozenset({("ARTIFACT", found)}) if found else frozenset()
    return {"run": command[1], "finds": finds, "spare": spare, "undo": undoing}


def _plain(steps: Steps) -> str:
    """Read a command that is a step of its own; a job that only asks has none."""
    if not steps.left:
        return ""
    step = steps.command()
    command: str = step.take("run")
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
