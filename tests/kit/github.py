"""What the workflows of GitHub Actions say, in the words of ``kit.graph``: files and jobs, their steps elsewhere."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from kit.github_steps import RELEASED, Steps, verdict, work
from kit.graph import Answers, Graph, Job, Pairs, Reading, Table, facts, single

FOLDER = Path(".github/workflows")
WORKFLOWS = {"push": FOLDER / "ci.yml", "rollback": FOLDER / "rollback.yml", "promote": FOLDER / "promote.yml"}
RUNNER = "ubuntu-24.04"
# A run of a pull request gives way to a newer one; a run of a release branch has a group of its own.
CONCURRENCY = {
    "group": "ci-${{ github.event_name == 'pull_request' && github.ref || github.run_id }}",
    "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
}
RUN_NAMES = {"rollback": "rollback of ${{ inputs.environment }}", "promote": "promote ${{ inputs.commit }}"}
CONNECTED = re.compile(r" && vars\.(\w+) != ''")
ANSWERED = re.compile(r" && needs\.([\w-]+)\.outputs\.(\w+) == 'true'")
NEEDED = re.compile(r"\$\{\{ needs\.([\w-]+)\.outputs\.(\w+) \}\}")
FROM_STEP = re.compile(r"\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}")
FILLED_IN = re.compile(r"\$\{\{ inputs\.(\w+) \}\}")
RIGHTS = {"contents": "code", "actions": "settings", "id-token": "identity"}


def read(texts: Mapping[str, str], answers: Answers) -> dict[str, Graph]:
    """Return what the texts of ``WORKFLOWS`` say that were generated for ``answers``. Raises ``UnreadableError``."""
    return {name: (_read_push if name == "push" else _read_manual)(name, text, answers) for name, text in texts.items()}


def _read_push(name: str, text: str, answers: Answers) -> Graph:
    workflow = _workflow(name, text)
    workflow.expect(name="ci", concurrency=CONCURRENCY, env={"COMMIT": "${{ github.sha }}"})
    triggers = Reading("on", workflow.take("on"))
    if triggers.take("pull_request") != "":
        triggers.stop("does not check every pull request")
    push = Reading("on.push", triggers.take("push"))
    branches = tuple(push.take("branches"))
    variables: list[str] = []
    jobs = _jobs(workflow, branches, answers, variables)
    for rest in (workflow, triggers, push):
        rest.end()
    return Graph(branches, single("the variable that connects the cloud", variables), {}, jobs)


def _read_manual(name: str, text: str, answers: Answers) -> Graph:
    workflow = _workflow(name, text)
    triggers = Reading("on", workflow.take("on"))
    dispatch = Reading("on.workflow_dispatch", triggers.take("workflow_dispatch"))
    inputs = {key: _input(key, asked) for key, asked in dispatch.take("inputs").items()}
    variables = {key.upper(): f"${{{{ inputs.{key} }}}}" for key in inputs}
    workflow.expect(**{"name": name, "run-name": RUN_NAMES[name], "env": variables})
    branches = tuple(facts("pipeline")["branches"][answers["branching"]])
    jobs = _jobs(workflow, branches, answers, [])
    for rest in (workflow, triggers, dispatch):
        rest.end()
    return Graph(branches, "", inputs, jobs)


def _workflow(name: str, text: str) -> Reading:
    workflow = Reading(f"the workflow {name}", yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - makes nothing but text
    workflow.expect(permissions={}, defaults={"run": {"shell": "bash"}})
    return workflow


def _input(name: str, asked: Table) -> tuple[str, tuple[str, ...], bool]:
    reading = Reading(f"the input {name}", asked)
    what, choices = reading.take("description"), tuple(reading.take("options", ()))
    reading.expect(type="choice" if choices else "string")
    optional = reading.take("required") == "false"
    reading.end()
    return what, choices, optional


def _jobs(workflow: Reading, branches: tuple[str, ...], answers: Answers, variables: list[str]) -> dict[str, Job]:
    jobs = workflow.take("jobs")
    return {name: _job(name, Reading(name, job), branches, answers, variables) for name, job in jobs.items()}


def _job(name: str, job: Reading, branches: tuple[str, ...], answers: Answers, variables: list[str]) -> Job:
    job.expect(name=name, runs_on=RUNNER)
    gate, when = _gate(job, branches, variables)
    needs, minutes = frozenset(job.take("needs", [])), int(job.take("timeout-minutes"))
    token = frozenset((RIGHTS.get(what, what), right) for what, right in job.take("permissions").items())
    services, reads = _environment_variables(job)
    environment, lock, cache = _environment(job), _lock(job), job.take("cache-mode", "dependencies")
    steps = Steps(name, job.take("steps"), branches[-1], minutes)
    if gate == "change" and steps.refuse_other_branches():
        gate = "manual"
    if gate == "verdict":
        said = verdict(steps)
        variables.append(steps.connected)
    else:
        said = work(steps, answers, logs_in=("identity", "write") in token, releases=bool(environment))
    steps.end()
    said["gives"] = _gives(job, said["asks"], "released" if environment else "published")
    job.end()
    return Job(
        needs=needs,
        gate=gate,
        when=when,
        minutes=minutes,
        token=token,
        services=services,
        reads=reads,
        environment=environment,
        lock=lock,
        cache=cache,
        **said,
    )


def _gate(job: Reading, branches: tuple[str, ...], variables: list[str]) -> tuple[str, str]:
    """Return the gate and what is asked besides."""
    condition: str = job.take("if", "")
    if condition in ("", "${{ always() }}"):
        return ("verdict" if condition else "change"), ""
    refs = [f"github.ref == 'refs/heads/{branch}'" for branch in branches]
    any_ref = f"({' || '.join(refs)})" if len(refs) > 1 else refs[0]
    pushed = "github.event_name == 'push' && "
    for gate, test in {"release": pushed + any_ref, "production": pushed + refs[-1]}.items():
        if not condition.startswith(f"${{{{ {test}"):
            continue
        rest = condition.removeprefix(f"${{{{ {test}").removesuffix(" }}")
        if connected := CONNECTED.fullmatch(rest):
            variables.append(connected[1])
            return gate, "connected"
        if answered := ANSWERED.fullmatch(rest):
            return gate, f"{answered[1]}.{answered[2]}"
        if not rest:
            return gate, ""
    return job.stop(f"has a gate of its own: {condition}")


def _environment_variables(job: Reading) -> tuple[Pairs, Pairs]:
    """Read services, and the variables of the job: how to find these services, or values of other jobs."""
    images = set()
    found: Table = {}
    for name, given in job.take("services", {}).items():
        fact = facts("pipeline")["services"][name]
        service = Reading(f"{job.place}, {name}", given)
        images.add((name, service.take("image")))
        service.expect(env=fact["server"], ports=[f"127.0.0.1:{fact['port']}:{fact['port']}"])
        if not service.take("options").startswith(f'--health-cmd "{fact["healthy"]}" --health-interval '):
            service.stop("is not waited for")
        service.end()
        found |= fact["environment"]
    if found:
        job.expect(env=found)
    reads = set()
    for variable, value in job.take("env", {}).items():
        needed = NEEDED.fullmatch(value) or job.stop(f"reads {variable} from {value}")
        reads.add((variable, f"{needed[1]}.{needed[2]}"))
    return frozenset(images), frozenset(reads)


def _environment(job: Reading) -> str:
    if "environment" not in job.left:
        return ""
    environment = Reading(f"{job.place}, environment", job.take("environment"))
    name = FILLED_IN.sub(lambda found: f"${found[1].upper()}", environment.take("name"))
    environment.expect(url=f"${{{{ steps.{RELEASED}.outputs.url }}}}")
    environment.end()
    return name


def _lock(job: Reading) -> str:
    if "concurrency" not in job.left:
        return ""
    lock = Reading(f"{job.place}, concurrency", job.take("concurrency"))
    lock.expect(cancel_in_progress="false", queue="max")
    name = FILLED_IN.sub(lambda found: f"${found[1].upper()}", lock.take("group"))
    lock.end()
    return name


def _gives(job: Reading, asks: Pairs, step: str) -> frozenset[str]:
    """Read the outputs: the gate's answers, each under the name of its environment, and what the command gave."""
    answers = {environment for environment, question in asks if question != "promotable"}
    found = set()
    for name, value in job.take("outputs", {}).items():
        given = FROM_STEP.fullmatch(value)
        if not given or given[1] != ("gate" if name in answers else step) or given[2] != name:
            job.stop(f"gives {value} for {name}")
        found.add(name)
    if missing := answers - found:
        job.stop(f"keeps the answer about {sorted(missing)} to itself")
    return frozenset(found - answers)
