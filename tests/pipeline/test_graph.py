"""Every generated workflow says what ``includes/pipeline.yml`` describes, and nothing besides."""

from pathlib import Path

import pytest
import yaml

from kit import github, graph
from kit.report import fail
from kit.tools import ROOT
from pipeline import pins
from pipeline.mutants import MUTANTS
from pipeline.release_mutants import RELEASE_MUTANTS
from pipeline.repositories import PIPELINES, each_pipeline, rendered, repeat

SETUP = Path(".github/actions/setup/action.yml")
LONGEST = {"push": 345, "rollback": 70, "promote": 70}
# What the words of a description may not name, so that every platform's files can be rendered from it.
PLATFORM_WORDS = ("github actions", "gitlab", "jenkins", "circleci", "${{", "workflow", "runs-on", "rules:")


def bundle_from(branching: str) -> str:
    """Return the name of the pipeline that ships bundles from these branches, with a load test."""
    wanted = {"artifact": "zip", "branching": branching, "load_test": "k6"}
    return next(name for name, answers in PIPELINES.items() if wanted.items() <= answers.items())


def texts(name: str) -> dict[str, str]:
    """Return the workflows that were generated for the answers ``name``."""
    return {workflow: (rendered(name) / path).read_text() for workflow, path in github.WORKFLOWS.items()}


def wrong(found: dict[str, str], name: str) -> list[str]:
    """Return what is wrong with the texts of workflows that were generated for the answers ``name``."""
    answers = PIPELINES[name]
    try:
        said = github.read(found, answers)
    except graph.UnreadableError as error:
        return [str(error)]
    wanted = graph.described(answers)
    sentences = [
        f"{workflow}: {line}" for workflow in wanted for line in graph.differences(wanted[workflow], said[workflow])
    ]
    return sentences + [problem for text in found.values() for problem in pins.problems(text)]


@each_pipeline
def test_the_workflows_say_what_is_described(name: str) -> None:
    if sentences := wrong(texts(name), name):
        fail(name, "workflows", "what includes/pipeline.yml describes", "\n  ".join(sentences), repeat(name))


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


def test_there_are_three_workflows_and_they_are_short() -> None:
    for name in PIPELINES:
        workflows = (rendered(name) / github.FOLDER).iterdir()
        lengths = {path.name: len(path.read_text().splitlines()) for path in workflows}

        assert lengths.keys() == {path.name for path in github.WORKFLOWS.values()}
        assert all(lengths[path.name] <= LONGEST[workflow] for workflow, path in github.WORKFLOWS.items()), lengths


def test_no_release_job_builds_or_takes_a_cache() -> None:
    for name in PIPELINES:
        graphs = github.read(texts(name), PIPELINES[name])
        jobs = {job: facts for found in graphs.values() for job, facts in found.jobs.items()}
        releasing = {job: facts for job, facts in jobs.items() if facts.gate not in ("change", "verdict")}

        assert releasing.keys() >= {"publish", "deploy-staging", "approve", "deploy-production", "rollback"}
        assert all((facts.cache, facts.setup) == ("none", "none") for facts in releasing.values())
        assert not any("build" in facts.run for facts in releasing.values())
        assert jobs["build"].cache == "none"


def test_whoever_changes_an_environment_holds_its_lock_and_its_login() -> None:
    for name in PIPELINES:
        graphs = graph.described(PIPELINES[name])
        changing = [facts for found in graphs.values() for facts in found.jobs.values() if facts.environment]

        assert len(changing) == 4
        for facts in changing:
            assert facts.lock == f"deploy-{facts.environment}"
            assert facts.undo == f"deploy/rollback {facts.environment} --unfinished".replace(
                "$ENVIRONMENT", '"$ENVIRONMENT"'
            )
            assert ("identity", "write") in facts.token


@pytest.mark.parametrize("branching", ["trunk", "gitflow"])
def test_production_s_branch_alone_goes_on_after_staging(branching: str) -> None:
    jobs = graph.described(PIPELINES[bundle_from(branching)])["push"].jobs

    gates = {job: jobs[job].gate for job in ("deploy-staging", "load-staging", "approve", "deploy-production")}

    last = "production" if branching == "gitflow" else "release"
    assert list(gates.values()) == ["release", "release", last, last]


@pytest.mark.parametrize("load_test", ["k6", "none"])
def test_a_load_test_stands_before_the_approval_where_one_is_chosen(load_test: str) -> None:
    name = next(name for name, answers in PIPELINES.items() if answers["load_test"] == load_test)

    jobs = graph.described(PIPELINES[name])["push"].jobs

    assert ("load-staging" in jobs) == (load_test == "k6")
    assert jobs["approve"].needs == {"deploy-staging", *(["load-staging"] if load_test == "k6" else [])}


def test_one_way_leads_to_production_and_every_check_stands_in_it() -> None:
    for name in PIPELINES:
        jobs = graph.described(PIPELINES[name])["push"].jobs

        before: set[str] = set()
        waiting = {"deploy-production"}
        while waiting:
            needs = jobs[waiting.pop()].needs
            before |= needs
            waiting |= needs

        assert before == jobs.keys() - {"deploy-production"}
        assert jobs["deploy-production"].when == "approve.production"
        assert jobs["approve"].asks == {("production", "guarded")}


def test_the_description_has_the_words_of_no_platform() -> None:
    text = (ROOT / "includes" / "pipeline.yml").read_text().lower()

    assert [word for word in PLATFORM_WORDS if word in text] == []


@pytest.mark.parametrize("change", MUTANTS)
def test_a_workflow_with_one_mistake_is_refused(change: str) -> None:
    name = bundle_from("trunk")
    right = texts(name)
    old, new = MUTANTS[change]
    assert old in right["push"]

    assert wrong(right | {"push": right["push"].replace(old, new, 1)}, name) != []


@pytest.mark.parametrize("change", RELEASE_MUTANTS)
def test_a_release_with_one_mistake_is_refused(change: str) -> None:
    mutant = RELEASE_MUTANTS[change]
    name = bundle_from(mutant.branching)
    right = texts(name)

    assert wrong(right | {mutant.workflow: mutant.changed(right[mutant.workflow])}, name) != []
