"""A release, its repetition, the way back and the status, with every strategy and both artifacts."""

import json
from collections.abc import Callable

import pytest

from deploy.scenes import ARTIFACTS, DONE, STRATEGIES, Scene, event_of
from deploy.verdicts import agrees, judge
from kit.process import Outcome

Stage = Callable[..., Scene]
each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)
each_artifact = pytest.mark.parametrize("artifact", ARTIFACTS)


@each_artifact
@each_strategy
def test_a_release_reaches_the_users_and_is_kept_when_repeated(strategy: str, artifact: str, stage: Stage) -> None:
    scene = stage(strategy, artifact)

    first = scene.release()
    judge(scene, "release", first, DONE)
    agrees(scene, "release", first)
    again = scene.release()
    judge(scene, "release, repeated", again, DONE, before="new")

    events = [event_of(first), event_of(again)]
    assert [event and event["result"] for event in events] == ["released", "kept"]
    assert [end[1] for end in scene.ends()] == ["begun", "released", "kept"]


@each_artifact
@each_strategy
@pytest.mark.parametrize("named", [False, True], ids=["unnamed", "named"])
def test_the_way_back_leads_to_what_served_before(
    named: bool,  # noqa: FBT001 - a parameter
    artifact: str,
    strategy: str,
    stage: Stage,
) -> None:
    scene = stage(strategy, artifact)
    judge(scene, "release", scene.release(), DONE)

    outcome = scene.rollback(*[scene.old] * named)

    judge(scene, "rollback", outcome, DONE, wanted="old", before="new")
    agrees(scene, "rollback", outcome)
    assert scene.ends()[-2:] == [("rollback", "begun", "old", "new"), ("rollback", "released", "old", "new")]


@each_strategy
def test_a_version_from_before_the_last_is_reached_by_its_name(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    judge(scene, "release", scene.release(), DONE)

    outcome = scene.rollback(scene.commits["older"])

    judge(scene, "rollback", outcome, DONE, wanted="older", before="new")


@each_strategy
def test_after_the_way_back_a_release_is_as_any_other(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    judge(scene, "release", scene.release(), DONE)
    judge(scene, "rollback", scene.rollback(), DONE, wanted="old", before="new")

    judge(scene, "a newer release", scene.release(scene.commits["newer"]), DONE, wanted="newer")
    judge(scene, "its rollback", scene.rollback(), DONE, wanted="old", before="newer")


def test_going_back_twice_leads_two_releases_back(stage: Stage) -> None:
    scene = stage("canary")
    judge(scene, "release", scene.release(), DONE)
    judge(scene, "a newer release", scene.release(scene.commits["newer"]), DONE, wanted="newer", before="new")

    judge(scene, "rollback", scene.rollback(), DONE, wanted="new", before="newer")
    judge(scene, "another rollback", scene.rollback(), DONE, wanted="old")


@each_artifact
@each_strategy
def test_the_first_release_takes_the_place_of_the_sample(strategy: str, artifact: str, stage: Stage) -> None:
    scene = stage(strategy, artifact, live=None)

    outcome = scene.release()

    judge(scene, "the first release", outcome, DONE, before="nothing")
    agrees(scene, "the first release", outcome)


@each_strategy
def test_the_status_says_what_serves(strategy: str, stage: Stage) -> None:
    scene = stage(strategy, live=None)
    command = scene.command("status")

    empty = status(scene.run(command))
    scene.release().succeeded()
    serving = status(scene.run(command))
    scene.cloud.wish(minute=3)
    name = scene.account.at(scene.account.place)["EnvironmentName"]
    scene.account.beanstalk.update_environment(EnvironmentName=name, VersionLabel=scene.old)
    releasing = status(scene.run(command))

    assert (empty["commit"], empty["state"]) == ("", "empty")
    assert (serving["commit"], serving["state"], serving["url"]) == (scene.new, "serving", f"http://{scene.address}")
    assert releasing["state"] == "releasing"


def status(outcome: Outcome) -> dict[str, str]:
    """Return what ``deploy/status`` printed for programs."""
    answer: dict[str, str] = json.loads(outcome.succeeded().out)
    assert set(answer) == {"environment", "commit", "url", "state"}
    return answer
