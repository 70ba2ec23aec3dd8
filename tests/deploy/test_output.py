"""What people read: the output of a release, of one that fails, and of a refusal, word for word."""

import re
from collections.abc import Callable, Mapping

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


def script(text: str, address: str, commits: Mapping[str, str]) -> list[str]:
    """Return what people read, without times, and with words for commits and the address."""
    text = re.sub(r", (\d+ min )?\d+ s$", ", TIME", text, flags=re.MULTILINE)
    text = text.replace(address, "ADDRESS")
    text = re.sub(r" +\d+ s$", "", text, flags=re.MULTILINE)
    text = re.sub(r"probes: \d+", "probes: N", text)
    text = re.sub(r"\[i-[0-9a-f, i-]*\]", "[MACHINES]", text)
    for word, commit in commits.items():
        text = text.replace(commit, f"<{word}>").replace(commit[:7], f"<{word}>")
    return text.splitlines()


def printed(scene: Scene, outcome: Outcome) -> list[str]:
    """Return what a command has printed for people."""
    return script(outcome.err, scene.address, scene.commits)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_release_tells_its_steps(strategy: str, stage: Stage) -> None:
    scene = stage(strategy)

    outcome = scene.release().succeeded()

    assert printed(scene, outcome) == [f"release   orders-api <new> to production, {strategy}", *RELEASES[strategy]]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_document_shows_such_a_release(strategy: str, stage: Stage) -> None:
    text = (stage(strategy).folder / "DEPLOYMENT.md").read_text()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    shown, failed = (block for kind, block in blocks if not kind)
    commits = {"old": "4b7e0aa", "new": "9f3c1d2"}

    assert script(shown, "orders-api.example.com", commits) == [
        f"release   orders-api <new> to production, {strategy}",
        *(line.replace("http:", "https:") for line in RELEASES[strategy]),
    ]
    assert script(failed, "orders-api.example.com", commits)[1:] == NOT_RELEASED[:2]


def test_a_failed_release_says_why_and_what_serves(stage: Stage) -> None:
    scene = stage("canary")
    scene.cloud.behaves(scene.new, Behaviour.UNHEALTHY)

    outcome = scene.release()

    assert outcome.code == UNDONE
    assert printed(scene, outcome) == [
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
    assert printed(scene, outcome) == [
        "release   orders-api <new> to production, blue-green",
        *RELEASES["blue-green"][:3],
        '  failed    GET /v1/items?limit=1 gave 500: {"title": "Internal Server Error", "status": 500}',
        *NOT_RELEASED,
    ]


def test_a_refusal_is_its_reason_and_what_to_type_next(stage: Stage) -> None:
    scene = stage("canary")

    outcome = scene.release(scene.commits["older"])

    assert outcome.code == REFUSED
    assert printed(scene, outcome) == [
        "release   orders-api <older> to production, canary",
        "refused   production serves <old>, which is newer than <older>",
        "next      deploy/rollback production <older>, if that is meant",
    ]
