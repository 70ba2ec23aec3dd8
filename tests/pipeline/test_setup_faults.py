"""``deploy/setup`` where any call to AWS fails: it says so, and the next run goes on from there."""

from collections.abc import Callable

import pytest

from kit.cloud import Cloud
from kit.process import Outcome
from pipeline.setting_up import changes, words

Setup = Callable[..., Outcome]

# Every call of a first set-up, by its number: a failure before it takes effect; and after, where it changes something.
CALLS = 22
CHANGING = (7, 10, 12, 16, 18, 21)
FAULTS = [*((number, "before") for number in range(1, CALLS + 1)), *((number, "after") for number in CHANGING)]


@pytest.mark.parametrize(("number", "when"), FAULTS)
def test_a_set_up_survives_the_failure_of_any_call(number: int, when: str, setup: Setup, cloud: Cloud) -> None:
    cloud.fail_at(number, when)
    failed = setup("--yes", artifact="zip")
    cloud.fail_at(0)
    repeated = setup("--yes", artifact="zip").succeeded()
    cloud.fail_at(0)
    third = setup("--yes", artifact="zip").succeeded()

    assert (failed.code, failed.out) == (20, "")
    assert failed.err.splitlines()[-2].startswith("failed    ")
    assert repeated.out == third.out
    assert len(words(third)["keep"]) == 4
    assert changes(cloud) == []


def test_every_call_of_a_set_up_was_made_to_fail(setup: Setup, cloud: Cloud) -> None:
    cloud.fail_at(0)
    setup("--yes", artifact="zip").succeeded()

    assert len(cloud.calls()) == CALLS
    assert [number for number, call in enumerate(cloud.calls(), 1) if call in changes(cloud)] == list(CHANGING)
