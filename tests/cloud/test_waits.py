"""What ``deploy/setup`` does while Elastic Beanstalk takes its time, and where somebody else was there before."""

import signal
from collections.abc import Callable

import pytest

from cloud.people import Beanstalk, Person, changes, words
from kit.beanstalk_account import SERVICE, STACK
from kit.cloud import Cloud
from kit.process import start, wait_until

People = Callable[..., Person]
NAME = "orders-api-stg"
CREATE = "elasticbeanstalk CreateEnvironment"


@pytest.fixture
def somebody(person: People) -> Person:
    """Give somebody a repository that ships bundles."""
    return person(artifact="zip")


def test_a_set_up_that_ran_out_of_time_goes_on_when_repeated(somebody: Person, cloud: Cloud) -> None:
    cloud.wish(minute=5)
    first = somebody.setup("--yes", "staging", DEPLOY_DEADLINE="0")
    cloud.plant()
    second = somebody.setup("--yes", "staging", DEPLOY_DEADLINE="60").succeeded()

    assert (first.code, first.out) == (20, "")
    assert words(first)["failed"] == ["the environments of staging come up: in vain for 0 s"]
    assert words(second)["changed"] == [f"environment {NAME}, once it is no longer Launching"]
    assert changes(cloud) == []
    assert Beanstalk(cloud).environments[NAME]["Status"] == "Ready"


def test_a_set_up_that_was_killed_goes_on_when_repeated(somebody: Person, cloud: Cloud) -> None:
    cloud.wish(minute=2)
    with start(["deploy/setup", "--yes", "staging"], cwd=somebody.folder, env=somebody.environment()) as setup:
        wait_until(lambda: CREATE in cloud.calls(), "the environment is created", deadline=60)
        setup.signal(signal.SIGTERM)
        assert setup.wait(20) == 20
        assert "\nstopped   " in setup.err()
    cloud.plant()

    somebody.setup("--yes", "staging").succeeded()

    assert changes(cloud) == []


def test_an_address_of_somebody_else_is_refused_with_the_setting_that_mends_it(somebody: Person, cloud: Cloud) -> None:
    cloud.aws("elasticbeanstalk", "create-application", "--application-name", "other")
    other = ["--application-name", "other", "--environment-name", "other-env", "--cname-prefix", NAME]
    cloud.aws("elasticbeanstalk", "create-environment", *other, "--solution-stack-name", STACK)
    cloud.plant()

    outcome = somebody.setup("--yes", "staging")

    assert (outcome.code, outcome.out) == (10, "")
    assert outcome.err.endswith(
        f"refused   somebody else has the address {NAME}\n"
        "next      set CNAME_PREFIX to a name of your own in deploy/environments/staging.env\n"
    )
    assert changes(cloud) == []
    somebody.set("staging", CNAME_PREFIX="orders-of-acme")
    assert f"environment {NAME} at orders-of-acme" in "".join(words(somebody.setup("staging"))["create"])


def test_an_environment_that_is_being_terminated_has_to_go_first(somebody: Person, cloud: Cloud) -> None:
    cloud.aws("elasticbeanstalk", "create-application", "--application-name", SERVICE)
    words_of_environment = ["--application-name", SERVICE, "--environment-name", NAME, "--cname-prefix", NAME]
    cloud.aws("elasticbeanstalk", "create-environment", *words_of_environment, "--solution-stack-name", STACK)
    wait_until(lambda: Beanstalk(cloud).environments[NAME]["Status"] == "Ready", "it is up")
    cloud.wish(minute=1000)
    cloud.aws("elasticbeanstalk", "terminate-environment", "--environment-name", NAME)
    cloud.plant()

    outcome = somebody.setup("--yes", "staging")

    assert outcome.code == 10
    assert words(outcome)["refused"] == [f"{NAME} is being terminated"]
    assert changes(cloud) == []
