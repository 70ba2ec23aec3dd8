"""``deploy/setup`` and ``deploy/teardown`` where any call to AWS fails: both say so; the next run goes on from there.

A call that changes something fails in an account where all before it was done: once without, once with its effect. So
each fault finds what a run that stopped there leaves behind, and the run after the last one has nothing to do.
"""

from collections.abc import Callable

import pytest

from cloud.people import Person, changes, stack_names, words
from kit.cloud import Cloud, Fault, Planted
from kit.process import Outcome

People = Callable[..., Person]

STACK = ["cloudformation CreateChangeSet", "cloudformation ExecuteChangeSet"]
BASE = [
    "iam CreateOpenIDConnectProvider",
    *STACK,  # the role of the pipeline
    *STACK,  # the bucket
    "elasticbeanstalk CreateApplication",
]
ENVIRONMENT = [
    *STACK,  # the journal
    *STACK,  # the roles
    *STACK,  # the database
    "elasticbeanstalk CreateEnvironment",
]
TEARDOWN = ["elasticbeanstalk TerminateEnvironment", "cloudformation DeleteStack", "cloudformation DeleteStack"]
LOOKS = 10  # of a plan on an empty account


def break_at_each(cloud: Cloud, calls: list[str], command: Callable[[], Outcome]) -> None:
    """Run a command with a fault at each of these calls, before and after it takes effect."""
    for call in calls:
        for fault in (Fault.BEFORE, Fault.AFTER):
            cloud.plant(Planted(fault, call=call))
            broken = command()
            assert (broken.code, broken.out) == (20, ""), f"{call} {fault}\n{broken}"
            assert "planted by the test" in broken.err
            assert broken.err.splitlines()[-2].startswith("failed    ")
    cloud.plant()


def test_a_first_set_up_survives_the_failure_of_any_change(person: People, cloud: Cloud) -> None:
    somebody = person(artifact="zip")

    break_at_each(cloud, BASE, lambda: somebody.setup("--yes"))

    assert words(somebody.setup("--yes").succeeded())["kept"] == ["everything is in place"]
    assert changes(cloud) == []


def test_an_environment_survives_the_failure_of_any_change(person: People, cloud: Cloud) -> None:
    somebody = person(artifact="zip")
    somebody.setup("--yes").succeeded()

    break_at_each(cloud, ENVIRONMENT, lambda: somebody.setup("--yes", "staging"))
    assert words(somebody.setup("--yes", "staging").succeeded())["kept"] == ["everything is in place"]
    assert changes(cloud) == []

    somebody.set("staging", MAX_INSTANCES="3")
    break_at_each(cloud, ["elasticbeanstalk UpdateEnvironment"], lambda: somebody.setup("--yes", "staging"))
    assert words(somebody.setup("--yes", "staging").succeeded())["kept"] == ["everything is in place"]

    break_at_each(cloud, TEARDOWN, lambda: somebody.teardown("--yes", "staging"))
    assert words(somebody.teardown("--yes", "staging").succeeded())["gone"] == ["there is nothing of staging"]
    assert not [name for name in stack_names(cloud) if "staging" in name]


def test_those_are_all_the_changes_of_a_set_up(person: People, cloud: Cloud) -> None:
    cloud.plant()
    person(artifact="zip").setup("--yes", "staging").succeeded()

    assert changes(cloud) == [*BASE, *ENVIRONMENT]


@pytest.mark.parametrize("number", range(1, LOOKS + 1))
def test_a_look_that_fails_changes_nothing(number: int, person: People, cloud: Cloud) -> None:
    cloud.fail_at(number)

    outcome = person(artifact="zip").setup("--yes", "staging")

    assert (outcome.code, outcome.out) == (20, "")
    assert "planted by the test" in outcome.err
    assert changes(cloud) == []


def test_those_are_all_the_looks_of_a_plan(person: People, cloud: Cloud) -> None:
    cloud.plant()
    assert person(artifact="zip").setup("staging").code == 10

    assert len(cloud.calls()) == LOOKS


def test_a_look_that_fails_while_it_waits_is_repeated(person: People, cloud: Cloud) -> None:
    somebody = person(artifact="zip")
    cloud.plant(Planted(Fault.BEFORE, at=3, call="elasticbeanstalk DescribeEnvironments"))

    outcome = somebody.setup("--yes", "staging").succeeded()

    assert "planted by the test" in outcome.err
    assert words(outcome)["ready"] == ["orders-api can be released to staging"]
