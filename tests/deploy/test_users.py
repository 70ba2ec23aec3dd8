"""Users who never stop asking notice neither a release nor the way back; two who release at once do not hurt them."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from deploy.scenes import DONE, REFUSED, STRATEGIES, UNDONE, Scene, event_of
from deploy.verdicts import converges, judge
from kit.cloud import Behaviour
from kit.hammer import hammering
from kit.process import Outcome, wait_until

Stage = Callable[..., Scene]
each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)


@each_strategy
def test_no_request_fails_through_a_release_and_the_way_back(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    scene.cloud.wish(minute=0.1)

    with hammering(scene.cloud, scene.address) as user:
        judge(scene, "release", scene.release(), DONE)
        judge(scene, "rollback", scene.rollback(), DONE, wanted="old", before="new")

    assert user.failures == []
    assert user.requests > 100
    assert set(user.answered) == {scene.old, scene.new}


@each_strategy
def test_no_request_fails_while_a_release_is_undone(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    scene.cloud.wish(minute=0.1)
    scene.cloud.behaves(scene.new, Behaviour.WRONG_COMMIT)

    with hammering(scene.cloud, scene.address) as user:
        judge(scene, "release of a version that says it is another", scene.release(), UNDONE)

    assert user.failures == []


def at_once(scene: Scene, *commands: list[str]) -> list[Outcome]:
    """Run commands at the same time and return what they left."""
    with ExitStack() as stack:
        runs = [stack.enter_context(scene.begun(command)) for command in commands]
        return [one.outcome(60) for one in runs]


OTHERS: dict[str, Callable[[Scene], list[str]]] = {
    "the same commit": lambda scene: scene.release_command(),
    "another commit": lambda scene: scene.release_command(scene.commits["newer"]),
    "a rollback": lambda scene: scene.command("rollback", scene.commits["older"]),
}


@each_strategy
@pytest.mark.parametrize("other", OTHERS)
def test_two_at_once_leave_one_version(other: str, strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    scene.cloud.wish(minute=0.05)

    outcomes = at_once(scene, scene.release_command(), OTHERS[other](scene))
    scene.settle()

    said = "\n".join(map(str, outcomes))
    events = [event for outcome in outcomes if (event := event_of(outcome)) and outcome.code == DONE]
    promised = {scene.word_of(event["commit"]) for event in events} or {"old"}
    assert {outcome.code for outcome in outcomes} <= {DONE, REFUSED, UNDONE}, said
    assert scene.serves() in promised, f"{scene.serves()} serves, {promised} was promised\n{said}"
    assert {one["HealthStatus"] for one in scene.account.environments()} <= {"Ok", "Info"}, said
    converges(scene, f"a release and {other} at once", wanted="newer")


def test_a_pair_that_somebody_else_swaps_is_released(stage: Stage) -> None:
    scene = stage("blue-green").with_settings(DEPLOY_PAUSE="1")
    scene.cloud.wish(minute=0.05)
    live, idle = (scene.account.at(f"{scene.account.place}{place}")["EnvironmentName"] for place in ("", "-idle"))

    def is_up() -> bool:
        one = scene.account.at(f"{scene.account.place}-idle")
        return (one["VersionLabel"], one["Status"], one["HealthStatus"]) == (scene.new, "Ready", "Ok")

    with scene.begun(scene.release_command()) as release:
        wait_until(is_up, "the new version is up")
        scene.account.beanstalk.swap_environment_cnames(SourceEnvironmentName=live, DestinationEnvironmentName=idle)
        outcome = release.outcome(60)

    assert "live, since somebody else has swapped the addresses" in outcome.err
    judge(scene, "release whose pair somebody else swaps", outcome, DONE)


@each_strategy
def test_somebody_at_a_console_is_waited_for(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    scene.cloud.wish(minute=0.1)
    name = scene.account.at(scene.account.place)["EnvironmentName"]
    option = {"Namespace": "aws:autoscaling:asg", "OptionName": "MaxSize", "Value": "8"}
    scene.account.beanstalk.update_environment(EnvironmentName=name, OptionSettings=[option])

    judge(scene, "release while the environment is being changed", scene.release(), DONE)
