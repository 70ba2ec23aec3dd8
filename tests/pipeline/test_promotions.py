"""Who may release by hand, and what: the gate of a promotion."""

from collections.abc import Callable

import pytest

from kit.github_api import Environment, Run
from pipeline.gates import API, COMMIT, Gates

TRIED = {"approve": "success", "deploy-production": "skipped"}
FAILED = {"publish": "success", "deploy-staging": "success", "load-staging": "failure", "approve": "skipped"}


@pytest.fixture
def ready(gates: Gates) -> Gates:
    """Prepare a commit of ada's that staging has proved, and let grace be one who may release it."""
    gates.github.environments["production"] = Environment()
    gates.github.authors = {COMMIT: "ada"}
    gates.github.runs = [Run(COMMIT, TRIED)]
    gates.variables = {"RELEASE_APPROVERS": "ada,grace", "GITHUB_TRIGGERING_ACTOR": "grace"}
    return gates


def test_an_approver_who_did_not_write_the_commit_may_promote_it(ready: Gates) -> None:
    ready.call("promote", "production", "main").succeeded()

    assert ready.said("summary") == f"grace releases {COMMIT[:7]} to production.\n"


@pytest.mark.parametrize("actor", ["Grace", "GRACE"])
def test_letters_of_a_login_are_alike_in_either_case(actor: str, ready: Gates) -> None:
    ready.call("promote", "production", "main", GITHUB_TRIGGERING_ACTOR=actor).succeeded()
    ready.github.authors = {COMMIT: "gracE"}

    assert ready.call("promote", "production", "main", GITHUB_TRIGGERING_ACTOR=actor).code == 10


Spoil = Callable[[Gates], None]
REFUSED: dict[str, tuple[Spoil, str]] = {
    "by somebody who is not named": (
        lambda gates: gates.variables.update(GITHUB_TRIGGERING_ACTOR="mallory"),
        "mallory may not release to production; RELEASE_APPROVERS does not name this login.",
    ),
    "by somebody whose name begins alike": (
        lambda gates: gates.variables.update(GITHUB_TRIGGERING_ACTOR="grac"),
        "grac may not release to production",
    ),
    "by nobody": (lambda gates: gates.variables.update(GITHUB_TRIGGERING_ACTOR=""), " may not release to production"),
    "by a pattern": (
        lambda gates: gates.variables.update(GITHUB_TRIGGERING_ACTOR="*"),
        "* may not release to production",
    ),
    "by its author": (
        lambda gates: gates.variables.update(GITHUB_TRIGGERING_ACTOR="Ada"),
        f"ada wrote {COMMIT}; somebody else has to release it.",
    ),
    "by whom nobody could tell from its author": (
        lambda gates: gates.github.authors.update({COMMIT: None}),
        f"GitHub knows no account of the author of {COMMIT}",
    ),
    "that is not there": (lambda gates: gates.github.authors.clear(), f"{COMMIT} is no commit of this repository."),
    "that no run has seen": (
        lambda gates: gates.github.runs.clear(),
        f"No run of main has taken {COMMIT} through staging.",
    ),
    "that failed on staging": (
        lambda gates: gates.github.runs.__setitem__(0, Run(COMMIT, FAILED)),
        "through staging",
    ),
    "of a pull request": (
        lambda gates: gates.github.runs.__setitem__(0, Run(COMMIT, TRIED, event="pull_request")),
        "through staging",
    ),
    "of another branch": (
        lambda gates: gates.github.runs.__setitem__(0, Run(COMMIT, TRIED, branch="develop")),
        "through staging",
    ),
    "where another one was tried": (
        lambda gates: gates.github.runs.__setitem__(0, Run("0" * 40, TRIED)),
        "through staging",
    ),
    "before production is set up": (lambda gates: gates.github.environments.clear(), "production is not set up:"),
    "while GitHub is silent": (
        lambda gates: gates.github.faults.append((f"commits/{COMMIT}", 403)),
        "GitHub answered 403",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_promotion_is_refused(case: str, ready: Gates) -> None:
    spoil, sentence = REFUSED[case]
    spoil(ready)

    outcome = ready.call("promote", "production", "main")

    assert outcome.code == 10
    assert sentence in outcome.err
    assert sentence in ready.said("summary")


@pytest.mark.parametrize("commit", ["main", "9f3c1d2", "", f"{COMMIT} --force", "../../x", "$(reboot)"])
def test_what_is_no_full_commit_is_not_even_asked_for(commit: str, ready: Gates) -> None:
    outcome = ready.call("promote", "production", "main", COMMIT=commit)

    assert outcome.code == 10
    assert "That is not one full commit hash." in outcome.err
    assert ready.github.asked == [f"/{API}"]


def test_a_run_that_was_repeated_until_it_passed_counts(ready: Gates) -> None:
    ready.github.runs.insert(0, Run(COMMIT, {"approve": "failure"}))

    ready.call("promote", "production", "main").succeeded()
