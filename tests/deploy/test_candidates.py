"""New versions that are no good: whatever the strategy, users end on the old one, and the release says so."""

from collections.abc import Callable

import pytest

from deploy.scenes import DONE, STRATEGIES, UNDONE, Scene
from deploy.verdicts import agrees, converges, judge
from kit.cloud import Behaviour
from kit.hammer import hammering

Stage = Callable[..., Scene]
each_strategy = pytest.mark.parametrize("strategy", STRATEGIES)

BAD = [
    Behaviour.UNHEALTHY,
    Behaviour.WRONG_COMMIT,
    Behaviour.NO_ITEMS,
    Behaviour.NOT_MIGRATED,
    Behaviour.HALF,
]


@each_strategy
@pytest.mark.parametrize("behaviour", BAD, ids=[word.name.lower() for word in BAD])
@pytest.mark.parametrize("pace", [0, 0.2], ids=["at-once", "watched"])
def test_a_bad_version_is_undone(pace: float, behaviour: Behaviour, strategy: str, stage: Stage) -> None:
    if strategy == "blue-green" and behaviour is Behaviour.HALF:
        pytest.skip("all machines are one batch")
    scene = stage(strategy)
    scene.cloud.behaves(scene.new, behaviour)
    scene.cloud.wish(minute=pace)
    what = f"release of a version that is {behaviour}"

    outcome = scene.release()

    judge(scene, what, outcome, UNDONE)
    agrees(scene, what, outcome)
    scene.cloud.behaves(scene.new, Behaviour.HEALTHY)
    scene.cloud.wish(minute=0.02)
    converges(scene, f"{what}, mended")


@each_strategy
def test_a_bad_first_version_leaves_the_sample(strategy: str, stage: Stage) -> None:
    scene = stage(strategy, live=None)
    scene.cloud.behaves(scene.new, Behaviour.UNHEALTHY)

    outcome = scene.release()

    assert outcome.code in {UNDONE, 21}
    scene.cloud.behaves(scene.new, Behaviour.HEALTHY)
    converges(scene, "a bad first release, mended")


@pytest.mark.parametrize("claim", ["new", "old"])
@pytest.mark.parametrize("behaviour", [Behaviour.HALF, Behaviour.UNHEALTHY], ids=["half", "unhealthy"])
def test_a_mixed_fleet_is_made_one_again(behaviour: Behaviour, claim: str, stage: Stage) -> None:
    scene = stage("rolling")
    scene.cloud.behaves(scene.new, behaviour)
    scene.cloud.wish(label_after_failure=claim)
    what = f"release that leaves a mixed fleet whose label is the {claim} one"

    outcome = scene.release()

    judge(scene, what, outcome, UNDONE)
    assert {one["HealthStatus"] for one in scene.account.environments()} <= {"Ok", "Info"}


@each_strategy
def test_a_deployment_that_hangs_is_aborted(strategy: str, stage: Stage) -> None:
    scene = stage(strategy).with_settings(DEPLOY_DEADLINE="2")
    scene.cloud.behaves(scene.new, Behaviour.NEVER_READY)

    outcome = scene.release()

    judge(scene, "release of a version that never becomes ready", outcome, UNDONE)
    assert "elasticbeanstalk AbortEnvironmentUpdate" in scene.calls()
    scene.cloud.behaves(scene.new, Behaviour.HEALTHY)
    converges(scene, "a hanging release, mended")


@each_strategy
def test_a_slow_deployment_is_waited_for(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    scene.cloud.behaves(scene.new, Behaviour.SLOW)

    judge(scene, "release of a version that is slow to deploy", scene.release(), DONE)


@pytest.mark.parametrize("strategy", ["canary", "rolling"])
def test_what_fails_its_first_users_is_aborted_before_the_others_get_it(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    half = {"Namespace": "aws:elasticbeanstalk:trafficsplitting", "OptionName": "NewVersionPercent", "Value": "50"}
    scene.account.beanstalk.update_environment(EnvironmentName=scene.account.place, OptionSettings=[half])
    scene.settle()
    scene.cloud.behaves(scene.new, Behaviour.NO_ITEMS)
    scene.cloud.wish(minute=0.7)

    with hammering(scene.cloud, scene.address) as user:
        outcome = scene.release()

    judge(scene, "release of a version whose reads fail", outcome, UNDONE)
    assert 0 < user.answered[scene.new] < user.answered[scene.old]
    assert "elasticbeanstalk AbortEnvironmentUpdate" in scene.calls()


@each_strategy
def test_who_leads_users_astray_after_a_release_is_left_by_a_rollback(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)
    judge(scene, "release", scene.release(), DONE)
    scene.cloud.behaves(scene.new, Behaviour.UNHEALTHY)

    outcome = scene.rollback()

    judge(scene, "rollback from a version that fell ill", outcome, DONE, wanted="old", before="new")
