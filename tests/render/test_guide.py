"""DEPLOYMENT.md of every repository names nothing that is not there."""

import functools
import re
from typing import Any

import yaml

from kit.process import run
from kit.renderings import COMBOS, each_combination, files, rendering as rendered

SPAN = re.compile(r"`([^`\n]+)`")
# What stands for something of the reader's.
PLACEHOLDERS = {"ARTIFACT", "COMMIT", "API_KEY", "LOG_LEVEL"}
# Words of GitHub and of the pipeline's output.
WORDS = {"main", "develop", "staging", "production", "failed", "aws", "jq", "gh"}


def guide(name: str) -> str:
    """Return the document of a repository."""
    return files(name)["DEPLOYMENT.md"].text


@functools.cache
def workflow(text: str) -> dict[Any, Any]:
    """Return what a workflow says; many repositories have the same one."""
    parsed: dict[Any, Any] = yaml.safe_load(text)
    return parsed


def spans(name: str) -> list[str]:
    """Return the pieces of code in its sentences."""
    return SPAN.findall(re.sub(r"^```.*?^```$", "", guide(name), flags=re.DOTALL | re.MULTILINE))


def code(name: str) -> str:
    """Return everything that the repository brings for deploying, as one text."""
    return "\n".join(file.text for path, file in files(name).items() if path.startswith(("deploy/", ".github/")))


@each_combination
def test_every_path_exists(name: str) -> None:
    commands = re.findall(r"^([a-z.]+/[\w./-]+)(?: |$)", guide(name), re.MULTILINE)
    paths = [span.rstrip("/") for span in spans(name) if re.fullmatch(r"[a-z.]+/[\w./*-]*", span)] + commands

    assert {"deploy/setup", "deploy/release", "deploy/status", "deploy/teardown"} <= set(commands)
    assert [path for path in paths if not list(rendered(name).glob(path))] == []


@each_combination
def test_every_job_exists(name: str) -> None:
    jobs = workflow(files(name)[".github/workflows/ci.yml"].text)["jobs"]
    named = {span for span in spans(name) if re.fullmatch(r"[a-z]+(-[a-z]+)*", span)}

    assert named - WORDS - set(jobs) == set()
    assert {*jobs} & {"deploy-staging", "load-staging", "approve", "deploy-production"} <= named


@each_combination
def test_every_variable_exists(name: str) -> None:
    named = set(re.findall(r"\b[A-Z][A-Z]+(?:_[A-Z]+)+\b", guide(name)))
    known = set(re.findall(r"\b[A-Z][A-Z0-9_]*", code(name)))

    unknown = {variable for variable in named - PLACEHOLDERS if not any(one.startswith(variable) for one in known)}

    assert unknown == set()


def test_every_command_of_deploy_explains_itself() -> None:
    name = next(iter(COMBOS))
    for command in sorted(set(re.findall(r"deploy/(?:setup|release|rollback|status|teardown)\b", guide(name)))):
        outcome = run([command, "--help"], cwd=rendered(name)).succeeded()

        assert f"usage: {command}" in outcome.err


@each_combination
def test_every_option_is_one(name: str) -> None:
    shown = set(re.findall(r"(deploy/[a-z]+) [a-z]+ (--[a-z]+)", guide(name)))

    assert ("deploy/rollback", "--unfinished") in shown
    for command, option in shown:
        assert option in files(name)[command].text


@each_combination
def test_every_workflow_that_is_started_by_hand_takes_the_inputs(name: str) -> None:
    started = re.findall(r"^gh workflow run (\S+) --ref (\S+) (.*)$", guide(name), re.MULTILINE)

    assert {file for file, _, _ in started} == {"promote.yml", "rollback.yml"}
    for file, branch, words in started:
        started_by_hand = workflow(files(name)[f".github/workflows/{file}"].text)
        inputs = started_by_hand[True]["workflow_dispatch"]["inputs"]  # YAML reads the key `on` so
        assert {word.partition("=")[0] for word in words.split() if word != "-f"} <= set(inputs)
        assert f"refs/heads/{branch}" in str(started_by_hand["jobs"])


def test_it_is_no_longer_than_one_reads() -> None:
    assert {name: count for name in COMBOS if (count := len(guide(name).splitlines())) > 240} == {}
