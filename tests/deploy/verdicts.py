"""Whether a run ended as it must: users on one version, the designed exit code, a journal that agrees, and a way on."""

import os
from hashlib import sha256
from typing import NoReturn

from deploy.scenes import DONE, REFUSED, STUCK, UNDONE, Scene, event_of
from kit import report
from kit.folders import made_once
from kit.process import Outcome

RESULTS = {DONE: {"released", "kept"}, UNDONE: {"undone"}, STUCK: {"stuck"}}


def _fail(scene: Scene, what: str, wanted: str, found: str, outcome: Outcome) -> NoReturn:
    name = f"{scene.account.strategy}-{scene.account.artifact}"
    case = os.environ["PYTEST_CURRENT_TEST"].partition("::")[2].rpartition(" ")[0]
    place = f"{what}; {scene.serves()} serves"
    report.fail(name, place, wanted, f"{found}\n{outcome}", f"make test LAYER=deploy ARGS=\"-k '{case}'\"")


def judge(scene: Scene, what: str, outcome: Outcome, *codes: int, wanted: str = "new", before: str = "old") -> None:
    """Judge a run that was to bring ``wanted`` in place of ``before``.

    ``what`` says what was done to it. Whatever the exit code, all users are on one version, and it is the one that the
    code promises; nothing is under way; the event on stdout is the last one of the journal, and there is none after
    a refusal.
    """
    if outcome.code not in codes:
        _fail(scene, what, f"exit {' or '.join(map(str, codes))}", f"exit {outcome.code}", outcome)
    moving = [one["Status"] for one in scene.account.environments() if one["Status"] != "Ready"]
    if moving:
        _fail(scene, what, "nothing is under way any more", f"environments that are {moving}", outcome)
    serving = wanted if outcome.code == DONE else before
    heard = scene.serves()
    if heard != serving:
        _fail(scene, what, f"{serving} serves 100 %", f"{heard} answers", outcome)
    event = event_of(outcome)
    if (event["result"] if event else None) not in RESULTS.get(outcome.code, {None}):
        _fail(scene, what, f"an event that says {RESULTS.get(outcome.code)}", str(event), outcome)
    if event and (scene.word_of(event["commit"]), event["url"]) != (wanted, f"http://{scene.address}"):
        _fail(scene, what, f"an event for {wanted} at {scene.address}", str(event), outcome)


def agrees(scene: Scene, what: str, outcome: Outcome) -> None:
    """Judge that the event on stdout is what the journal says last."""
    event, journal = event_of(outcome), scene.account.journal()
    if event and journal[-1:] != [event]:
        _fail(scene, what, f"the journal ends with {event}", str(journal[-1:]), outcome)


def converges(scene: Scene, what: str, *, wanted: str = "new") -> None:
    """Judge that the release, repeated from here without a fault, brings the new version.

    A state that is left twice in a run of the tests is tried once.
    """
    scene.cloud.plant()
    scene.settle()
    left = sha256(f"{scene.state()} {wanted}".encode()).hexdigest()
    with made_once(f"converges/{left}") as untried:
        if untried:
            outcome = scene.release(scene.commits[wanted])
            judge(scene, f"{what}, then repeated", outcome, DONE, wanted=wanted)
            agrees(scene, f"{what}, then repeated", outcome)


def ended(scene: Scene, what: str, outcome: Outcome) -> None:
    """Judge that ``deploy/rollback --unfinished`` left the old version serving and nothing under way."""
    event = event_of(outcome)
    if outcome.code != DONE or (event and event["result"] != "undone"):
        _fail(scene, what, "exit 0 and an event that says undone, or none", f"exit {outcome.code}", outcome)
    moving = [one["Status"] for one in scene.account.environments() if one["Status"] != "Ready"]
    if moving or scene.serves() != "old":
        _fail(scene, what, "old serves 100 %, all is at rest", f"{scene.serves()}, {moving}", outcome)
    agrees(scene, what, outcome)


def untouched(scene: Scene, what: str, outcome: Outcome) -> None:
    """Judge that a refusal has changed nothing: no call to AWS was more than a look."""
    judge(scene, what, outcome, REFUSED)
    changes = [call for call in scene.calls() if not call.split()[1].startswith(("Get", "Describe", "List"))]
    if changes:
        _fail(scene, what, "only looks at the cloud", str(changes), outcome)
