"""The jobs really run: every command of the workflow, from the push to the published artifact, on a light service."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kit.act import Hub, run_workflow
from kit.advisories import npm_advisories
from kit.cloud import Cloud
from kit.github_api import GitHub
from kit.template import commit_all, git
from pipeline.trusted import given_away

CHECKS = ("lint", "unit", "integration", "api", "audit", "secrets", "build")
GREEN = dict.fromkeys((*CHECKS, "ci-ok"), "success")
FORK = {"pull_request": {"number": 7, "head": {"ref": "patch-1", "repo": {"fork": True}}, "base": {"ref": "main"}}}
# Built here, or a scan of this repository would find it.
LEAKED = "ghp_" + "9fK2mQ7xLr4TzB1vWc8YpN3sDh6JgA5uEeR0"

Light = Callable[..., Path]
Connected = Callable[[Path], Hub]


def commit_of(repository: Path) -> str:
    """Return the commit that is checked out."""
    return git(repository, "rev-parse", "HEAD").strip()


def test_a_push_publishes_the_bundle_that_was_built_and_a_second_run_finds_it(
    light: Light, connected: Connected, cloud: Cloud, tmp_path: Path
) -> None:
    repository = light(artifact="zip")
    hub = connected(repository)
    commit = commit_of(repository)

    first = run_workflow(repository, hub)
    again = run_workflow(repository, hub)

    for run in (first, again):
        assert run.results == {**GREEN, "publish": "success"}, str(run)
        assert run.outputs("publish")["artifact"] == commit
        assert f"`{commit}`" in run.summary
        assert given_away(run) == []
    assert "registered" in first.said("publish")
    assert "it is there already" in again.said("publish")
    version = cloud.aws("elasticbeanstalk", "describe-application-versions", "--application-name", "orders-api")
    source = version["ApplicationVersions"][0]["SourceBundle"]
    stored = tmp_path / "bundle.zip"
    cloud.aws("s3api", "get-object", "--bucket", source["S3Bucket"], "--key", source["S3Key"], str(stored))
    assert stored.read_bytes() == (first.kept / "dist" / "bundle.zip").read_bytes()


def test_a_push_publishes_the_image_that_was_built(
    light: Light, connected: Connected, with_engine: Callable[[Hub], Hub], cloud: Cloud
) -> None:
    repository = light(artifact="image")
    hub = with_engine(connected(repository))
    commit = commit_of(repository)

    run = run_workflow(repository, hub)

    assert run.results == {**GREEN, "publish": "success"}, str(run)
    assert "the registry has what was built" in run.said("publish")
    assert given_away(run) == []
    wanted = ["ecr", "batch-get-image", "--repository-name", "orders-api", "--image-ids", f"imageTag={commit}"]
    (image,) = cloud.aws(*wanted)["images"]
    assert run.outputs("publish")["artifact"] == f"{cloud.registry}/orders-api@{image['imageId']['imageDigest']}"
    # One image and not a list of them, as attestations would make it.
    assert json.loads(image["imageManifest"])["mediaType"].endswith("manifest.v2+json")


def test_without_a_cloud_the_checks_are_green_and_the_summary_names_the_next_step(light: Light, hub: Hub) -> None:
    run = run_workflow(light(artifact="zip"), hub)

    assert run.results == GREEN, str(run)
    assert "deploy/setup" in run.summary


@pytest.mark.parametrize(
    ("branching", "branch", "last"),
    [
        ("gitflow", "develop", {"publish": "success"}),
        ("trunk", "develop", {}),
    ],
)
def test_the_release_branches_publish_and_no_other(
    branching: str, branch: str, last: dict[str, str], light: Light, connected: Connected
) -> None:
    repository = light(artifact="zip", branching=branching)
    hub = connected(repository)
    git(repository, "branch", "--move", branch)

    run = run_workflow(repository, hub)  # act takes a push to any branch for one that the workflow waits for

    assert run.results == {**GREEN, **last}, str(run)


def test_a_pull_request_of_a_fork_is_checked_and_publishes_nothing(
    light: Light, connected: Connected, cloud: Cloud, github: GitHub
) -> None:
    repository = light(artifact="zip")
    hub = connected(repository)
    cloud.fail_at(0)

    run = run_workflow(repository, hub, "pull_request", FORK)

    assert run.results == GREEN, str(run)
    assert not (run.kept / "dist").exists()
    assert (cloud.calls(), github.asked) == ([], [])
    assert "deploy/setup" not in run.summary


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        ("unit", "the double of 21 is 42"),
        ("secrets", "github-pat"),
        ("build", "failed    packing the bundle"),
        ("audit", "uuid is vulnerable, says the test"),
    ],
)
def test_a_failing_check_says_why_and_stops_everything_after_it(
    job: str, reason: str, light: Light, connected: Connected, cloud: Cloud
) -> None:
    repository = light(artifact="zip")
    hub = connected(repository)
    break_check(job, repository)
    cloud.fail_at(0)
    with npm_advisories(["uuid"] if job == "audit" else []) as advisories:
        run = run_workflow(repository, replace(hub, jobs={"audit": advisories}))

    assert run.results == {**GREEN, job: "failure", "ci-ok": "failure"}, str(run)
    assert reason in run.said(job) + run.summary
    assert LEAKED not in run.said(job)
    assert cloud.calls() == []


def break_check(job: str, repository: Path) -> None:
    """Commit what one check has to find."""
    match job:
        case "unit":
            (repository / "src" / "double.js").write_text("export const double = (number) => number * 3;\n")
        case "secrets":
            (repository / ".env.example").write_text(f"GITHUB_TOKEN={LEAKED}\n")
            commit_all(repository, "Leak a token")
            (repository / ".env.example").write_text("# nothing to see\n")
        case "build":
            (repository / "Procfile").unlink()
    commit_all(repository, "Break a check")
