"""Each planted fault is what it says: seen by the real client, with or without its effect in the emulated cloud."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kit.beanstalk_account import SERVICE, Account
from kit.cloud import REGION, Cloud, Fault, Planted
from kit.process import Outcome, run, start, wait_until

OLD, NEW = "1" * 40, "2" * 40
SWAP = "elasticbeanstalk SwapEnvironmentCNAMEs"
BLUE, GREEN = f"{SERVICE}-prod-blue", f"{SERVICE}-prod-green"
ARGUMENTS = ("swap-environment-cnames", "--source-environment-name", BLUE, "--destination-environment-name", GREEN)


@dataclass(frozen=True)
class Swapped:
    """What came of one call that swaps addresses."""

    outcome: Outcome
    times: int
    calls: list[str]


@pytest.fixture
def swap(cloud: Cloud) -> Callable[[Planted], Swapped]:
    """``swap(fault)``: swap two addresses by the real client, and count how often they were."""
    account = Account(cloud, "blue-green")
    account.make([OLD, NEW], OLD, NEW)
    modes = {"AWS_CLIENT_SECOND": "0.005", "AWS_RETRY_MODE": "standard", "AWS_DEFAULT_REGION": REGION}
    quick = cloud.environment() | modes

    def call(planted: Planted) -> Swapped:
        cloud.plant(planted)
        outcome = run(["aws", "--cli-read-timeout", "60", "elasticbeanstalk", *ARGUMENTS], env=quick, deadline=20)
        wait_until(lambda: all(one["Status"] == "Ready" for one in account.environments()), "it has settled")
        events = account.beanstalk.describe_events(EnvironmentName=BLUE)["Events"]
        times = sum("Completed swapping CNAMEs" in event["Message"] for event in events)
        return Swapped(outcome, times, [call for call in cloud.calls() if call == SWAP])

    return call


@pytest.mark.parametrize(
    ("fault", "code", "swaps", "says"),
    [
        (Fault.BEFORE, 255, 0, "planted by the test"),
        (Fault.AFTER, 255, 1, "planted by the test"),
        (Fault.HANG, 255, 0, "Read timeout on endpoint URL"),
        (Fault.STALL, 255, 1, "Read timeout on endpoint URL"),
        (Fault.NONSENSE, 255, 0, "invalid XML received"),
        (Fault.NOTHING, 0, 0, ""),
    ],
)
def test_a_fault_is_what_it_says(
    fault: Fault, code: int, swaps: int, says: str, swap: Callable[[Planted], Swapped]
) -> None:
    swapped = swap(Planted(fault, call=SWAP))

    assert (swapped.outcome.code, swapped.times, swapped.calls) == (code, swaps, [SWAP])
    assert says in swapped.outcome.err


def test_a_lost_answer_makes_the_client_swap_again(swap: Callable[[Planted], Swapped], cloud: Cloud) -> None:
    cloud.wish(minute=0)

    swapped = swap(Planted(Fault.LOST, call=SWAP))

    assert swapped.calls == [SWAP]
    assert swapped.times == 2 or "Must be Ready" in swapped.outcome.err


def test_faults_are_for_one_client_one_call_and_one_number(cloud: Cloud) -> None:
    ours = cloud.environment(AWS_ACCESS_KEY_ID="AKIAOURS", AWS_DEFAULT_REGION=REGION)
    calls = [["sts", "get-caller-identity"], ["iam", "list-roles"], ["iam", "list-users"], ["iam", "list-groups"]]
    cloud.plant(Planted(Fault.BEFORE, at=2, call="iam List", client="AKIAOURS"))

    cloud.aws("iam", "list-roles")
    codes = [run(["aws", *call], env=ours).code for call in calls]

    assert codes == [0, 0, 255, 0]
    assert cloud.calls("AKIAOURS") == ["sts GetCallerIdentity", "iam ListRoles", "iam ListUsers", "iam ListGroups"]


def test_a_client_that_hangs_can_be_met_there(cloud: Cloud) -> None:
    cloud.plant(Planted(Fault.HANG, call="sts"))
    quick = cloud.environment(AWS_DEFAULT_REGION=REGION)

    with start([cloud.folder / "aws", "sts", "get-caller-identity"], env=quick) as client:
        wait_until(cloud.calls, "the call has arrived")
        assert client.code is None


def test_the_client_that_is_loaded_once_keeps_nothing_from_its_rehearsal(cloud: Cloud) -> None:
    elsewhere = cloud.environment(AWS_DEFAULT_REGION="eu-west-1")
    nobody = {name: value for name, value in elsewhere.items() if "KEY" not in name}
    cloud.aws("logs", "create-log-group", "--log-group-name", "here")

    groups = run(["aws", "logs", "describe-log-groups", "--output", "text"], env=elsewhere).succeeded()
    unsigned = run(["aws", "sts", "get-caller-identity"], env=nobody | {"AWS_EC2_METADATA_DISABLED": "true"})

    assert groups.out.strip() == ""
    assert "Unable to locate credentials" in unsigned.err
