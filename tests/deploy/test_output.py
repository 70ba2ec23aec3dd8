"""What people read: the output of a release, of one that fails, and of a refusal, word for word."""

import re
from collections.abc import Callable

import pytest

from deploy.scenes import REFUSED, STRATEGIES, UNDONE, Scene
from kit.cloud import Behaviour
from kit.process import Outcome

Stage = Callable[..., Scene]
SMOKE = "  smoke     health, version, GET /v1/items?limit=1; closed: /ready, /metrics"
MIGRATES = "  migrates  on the machines, before the new version starts"
BEFORE = "  before    <old> serves 100%"
RELEASED = ["released  http://ADDRESS runs <new>, TIME"]
RELEASES = {
    "canary": [BEFORE, MIGRATES, "  shifted   100%, canary by the platform, probes: N, failed: 0", SMOKE, *RELEASED],
    "rolling": [BEFORE, MIGRATES, "  shifted   100%, rolling by the platform, probes: N, failed: 0", SMOKE, *RELEASED],
    "blue-green": [
        BEFORE,
        MIGRATES,
        "  staged    <new> is up, no traffic",
        SMOKE,
        "  shifted   100% to <new>",
        SMOKE,
        *RELEASED,
    ],
}
SICK = (
    "Following instances have not passed health checks in the allowed time: [MACHINES]. "
    "You can find more information in Health."
)
NOT_RELEASED = [
    "  undone    <old> serves 100%, seen 5 of 5",
    "not released production is as before",
    "next      deploy/status production; monitoring/runbooks/release-failed.md",
]


def script(scene: Scene, outcome: Outcome) -> list[str]:
    """Return what people read, without times, and with words for commits and the address."""
    text = re.sub(r", (\d+ min )?\d+ s$", ", TIME", outcome.err, flags=re.MULTILINE)
    text = text.replace(scene.address, "ADDRESS")
    text = re.sub(r" +\d+ s$", "", text, flags=re.MULTILINE)
    text = re.sub(r"probes: \d+", "probes: N", text)
    text = re.sub(r"\[i-[0-9a-f, i-]*\]", "[MACHINES]", text)
    for word, commit in scene.commits.items():
        text = text.replace(commit, f"<{word}>").replace(commit[:7], f"<{word}>")
    return text.splitlines()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_release_tells_its_steps(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)

    outcome = scene.release().succeeded()

    assert script(scene, outcome) == [f"release   orders-api <new> to production, {strategy}", *RELEASES[strategy]]


def test_a_failed_release_says_why_and_what_serves(stage: Stage) -> None:
    scene = stage("canary")
    scene.cloud.behaves(scene.new, Behaviour.UNHEALTHY)

    outcome = scene.release()

    assert outcome.code == UNDONE
    assert script(scene, outcome) == [
        "release   orders-api <new> to production, canary",
        BEFORE,
        MIGRATES,
        f"  failed    Elastic Beanstalk went back to <old>: Failed to deploy application.: {SICK}",
        *NOT_RELEASED,
    ]


def test_a_red_smoke_test_says_what_it_met(stage: Stage) -> None:
    scene = stage("blue-green")
    scene.cloud.behaves(scene.new, Behaviour.NO_ITEMS)

    outcome = scene.release()

    assert outcome.code == UNDONE
    assert script(scene, outcome) == [
        "release   orders-api <new> to production, blue-green",
        *RELEASES["blue-green"][:3],
        '  failed    GET /v1/items?limit=1 gave 500: {"title": "Internal Server Error", "status": 500}',
        *NOT_RELEASED,
    ]


def test_a_refusal_is_its_reason_and_what_to_type_next(stage: Stage) -> None:
    scene = stage("canary")

    outcome = scene.release(scene.commits["older"])

    assert outcome.code == REFUSED
    assert script(scene, outcome) == [
        "release   orders-api <older> to production, canary",
        "refused   production serves <old>, which is newer than <older>",
        "next      deploy/rollback production <older>, if that is meant",
    ]
