"""What is refused is refused before anything changes: exit 10, nothing on stdout, no call that is more than a look."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.scenes import DONE, REFUSED, STRATEGIES, Scene
from deploy.verdicts import judge, untouched
from kit.process import run
from kit.template import git

Stage = Callable[..., Scene]
NOBODY = "f" * 40


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_older_commit_never_overtakes_a_newer_one(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)

    outcome = scene.release(scene.commits["older"])

    untouched(scene, "release of an older commit", outcome)
    assert "which is newer than" in outcome.err


def test_a_commit_beside_the_one_that_serves_is_not_older(stage: Stage) -> None:
    scene = stage("rolling")
    judge(scene, "release", scene.release(), DONE)

    judge(scene, "release of another branch", scene.release(scene.commits["aside"]), DONE, wanted="aside")


def test_a_history_that_is_cut_off_is_refused(stage: Stage, tmp_path: Path) -> None:
    scene = stage("rolling")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{scene.folder}", "shallow")

    outcome = run(scene.release_command(), cwd=tmp_path / "shallow", env=scene.environment())

    untouched(scene, "release from a shallow checkout", outcome)
    assert "git fetch --unshallow" in outcome.err


REQUESTS = {
    "no arguments": ["deploy/release"],
    "unknown environment": ["deploy/release", "nowhere", NOBODY, NOBODY],
    "environment as an option": ["deploy/release", "--production", NOBODY, NOBODY],
    "short commit": ["deploy/release", "production", "abc1234", "abc1234"],
    "words as a commit": ["deploy/release", "production", "$(reboot)", "$(reboot)"],
    "artifact of another commit": ["deploy/release", "production", "e" * 40, NOBODY],
    "image where bundles are shipped": ["deploy/release", "production", f"x/y@sha256:{'a' * 64}", NOBODY],
    "rollback of nothing": ["deploy/rollback"],
    "rollback nowhere": ["deploy/rollback", "nowhere"],
    "rollback to a word": ["deploy/rollback", "production", "HEAD~1"],
    "rollback without a past": ["deploy/rollback", "production"],
    "rollback to a commit that nobody stored": ["deploy/rollback", "production", NOBODY],
    "status of nothing": ["deploy/status"],
    "status of nowhere": ["deploy/status", "nowhere"],
}


@pytest.mark.parametrize("request_of", REQUESTS)
def test_what_cannot_be_meant_is_refused(request_of: str, stage: Stage) -> None:
    scene = stage("canary")

    outcome = scene.run(REQUESTS[request_of])

    untouched(scene, request_of, outcome)
    assert [line[:9] for line in outcome.err.splitlines()[-2:]] == ["refused  ", "next     "]


@pytest.mark.parametrize("artifact", ["127.0.0.1/orders-api:latest", "orders-api", "x@sha256:abc", NOBODY])
def test_an_image_is_named_by_its_digest(artifact: str, stage: Stage) -> None:
    scene = stage("canary", "image")

    untouched(scene, "release", scene.run(scene.command("release", artifact, scene.new)))


def test_a_commit_that_was_never_published_is_not_released(stage: Stage) -> None:
    scene = stage("canary")

    outcome = scene.release(NOBODY)

    assert outcome.code in {REFUSED, 20}
    assert scene.serves() == "old"
    assert "elasticbeanstalk UpdateEnvironment" not in scene.calls()


@pytest.mark.parametrize("command", ["release", "rollback", "status"])
def test_an_environment_that_nobody_made_is_refused(command: str, stage: Stage) -> None:
    scene = stage("canary")
    arguments = [scene.new, scene.new] if command == "release" else []

    outcome = scene.run([f"deploy/{command}", "staging", *arguments])

    untouched(scene, f"{command} of staging", outcome)
    assert outcome.err.splitlines()[-1] == "next      deploy/setup staging"


@pytest.mark.parametrize("command", ["release", "rollback", "status"])
def test_help_is_no_refusal(command: str, stage: Stage) -> None:
    outcome = stage("canary").run([f"deploy/{command}", "--help"])

    assert (outcome.code, outcome.out) == (0, "")
    assert f"usage: deploy/{command} ENVIRONMENT" in outcome.err
