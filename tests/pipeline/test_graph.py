"""Every generated workflow says what ``includes/pipeline.yml`` describes, and nothing besides."""

from pathlib import Path

import pytest
import yaml

from kit import github, graph
from kit.report import fail
from pipeline import pins
from pipeline.mutants import MUTANTS
from pipeline.repositories import PIPELINES, each_pipeline, rendered, repeat

SETUP = Path(".github/actions/setup/action.yml")
BUNDLE_FROM_TRUNK = next(
    name for name, answers in PIPELINES.items() if (answers["artifact"], answers["branching"]) == ("zip", "trunk")
)


def wrong(text: str, name: str) -> list[str]:
    """Return what is wrong with the text of a workflow that was generated for the answers ``name``."""
    answers = PIPELINES[name]
    try:
        found = github.read(text, answers)
    except graph.UnreadableError as error:
        return [str(error)]
    return graph.differences(graph.described(answers), found) + pins.problems(text)


@each_pipeline
def test_the_workflow_says_what_is_described(name: str) -> None:
    workflow = (rendered(name) / github.WORKFLOW).read_text()

    if sentences := wrong(workflow, name):
        fail(name, str(github.WORKFLOW), "what includes/pipeline.yml describes", "\n  ".join(sentences), repeat(name))


@each_pipeline
def test_the_setup_installs_the_dependencies_as_locked(name: str) -> None:
    action = yaml.safe_load((rendered(name) / SETUP).read_text())
    stack = graph.facts(f"languages/{PIPELINES[name]['language']}")

    *toolchain, install = action["runs"]["steps"]

    assert toolchain == yaml.safe_load(stack["github_actions"]["setup"])
    assert install == {
        "if": "${{ inputs.dependencies == 'true' }}",
        "shell": "bash",
        "run": stack["commands"]["setup"],
    }


def test_there_is_one_workflow_and_it_is_short() -> None:
    for name in PIPELINES:
        workflows = list((rendered(name) / ".github" / "workflows").iterdir())
        lengths = {path.name: len(path.read_text().splitlines()) for path in workflows}

        assert list(lengths) == ["ci.yml"]
        assert lengths["ci.yml"] <= 280


def test_no_release_job_builds_or_takes_a_cache() -> None:
    for name in PIPELINES:
        jobs = github.read((rendered(name) / github.WORKFLOW).read_text(), PIPELINES[name]).jobs
        releasing = {job for job, facts in jobs.items() if facts.gate == "release"}

        assert releasing == {"publish"}
        assert all((jobs[job].cache, jobs[job].setup) == ("none", "none") for job in releasing)
        assert not any("build" in jobs[job].run for job in releasing)
        assert jobs["build"].cache == "none"


@pytest.mark.parametrize("change", MUTANTS)
def test_a_workflow_with_one_mistake_is_refused(change: str) -> None:
    right = (rendered(BUNDLE_FROM_TRUNK) / github.WORKFLOW).read_text()
    old, new = MUTANTS[change]
    assert old in right

    assert wrong(right.replace(old, new, 1), BUNDLE_FROM_TRUNK) != []
