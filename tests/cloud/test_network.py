"""The network of an environment: the account's default one, or the one that is named; two zones at least."""

from collections.abc import Callable

import pytest

from cloud.people import Person, changes, words
from kit.cloud import Cloud

People = Callable[..., Person]


@pytest.fixture
def somebody(person: People) -> Person:
    """Give somebody a repository that ships images."""
    return person(artifact="image")


def subnets(cloud: Cloud) -> list[str]:
    """Return the subnets of the default network."""
    found = cloud.aws("ec2", "describe-subnets", "--filters", "Name=default-for-az,Values=true")["Subnets"]
    return sorted(subnet["SubnetId"] for subnet in found)


def network(cloud: Cloud) -> str:
    """Return the default network."""
    (found,) = cloud.aws("ec2", "describe-vpcs")["Vpcs"]
    return str(found["VpcId"])


def test_a_named_network_is_used(somebody: Person, cloud: Cloud) -> None:
    chosen = subnets(cloud)[:2]
    somebody.set("staging", VPC_ID=network(cloud), SUBNET_IDS=",".join(reversed(chosen)))

    outcome = somebody.ask("staging", "find_network; echo $NETWORK $SUBNETS").succeeded()

    assert outcome.out == f"{network(cloud)} {','.join(chosen)}\n"


def test_one_zone_is_too_few(somebody: Person, cloud: Cloud) -> None:
    subnet = subnets(cloud)[0]
    somebody.set("staging", VPC_ID=network(cloud), SUBNET_IDS=subnet)

    outcome = somebody.setup("--yes", "staging")

    assert (outcome.code, outcome.out) == (10, "")
    assert outcome.err == (
        f"refused   a load balancer and a database need two zones, but {subnet} has 1\n"
        "next      name VPC_ID, and SUBNET_IDS in two zones, in deploy/environments/staging.env\n"
    )
    assert changes(cloud) == []


def test_subnets_of_another_network_are_refused(somebody: Person, cloud: Cloud) -> None:
    other = cloud.aws("ec2", "create-vpc", "--cidr-block", "172.30.0.0/16")["Vpc"]["VpcId"]
    somebody.set("staging", VPC_ID=other, SUBNET_IDS=",".join(subnets(cloud)))
    cloud.plant()

    outcome = somebody.setup("--yes", "staging")

    assert outcome.code == 10
    assert words(outcome)["refused"] == [f"the network {other} has no {', '.join(subnets(cloud))}"]


@pytest.mark.parametrize(("name", "other"), [("VPC_ID", "SUBNET_IDS"), ("SUBNET_IDS", "VPC_ID")])
def test_half_a_network_is_refused(name: str, other: str, somebody: Person, cloud: Cloud) -> None:
    somebody.set("staging", **{name: network(cloud) if name == "VPC_ID" else subnets(cloud)[0]})
    cloud.plant()

    outcome = somebody.setup("--yes", "staging")

    assert outcome.code == 10
    assert words(outcome)["refused"] == [f"{other} is not set"]


def test_an_account_without_a_default_network_needs_a_name(somebody: Person, cloud: Cloud) -> None:
    for subnet in subnets(cloud):
        cloud.aws("ec2", "delete-subnet", "--subnet-id", subnet)
    cloud.aws("ec2", "delete-vpc", "--vpc-id", network(cloud))
    cloud.plant()

    outcome = somebody.setup("--yes", "staging")

    assert outcome.code == 10
    assert words(outcome)["refused"] == ["this account has no default network in eu-central-1"]


def test_machines_that_a_region_has_not_are_refused(somebody: Person, cloud: Cloud) -> None:
    somebody.set("staging", INSTANCE_TYPE="t3.gigantic")

    outcome = somebody.setup("--yes", "staging")

    assert outcome.code == 10
    assert words(outcome)["refused"] == ["eu-central-1 has no machines of the type t3.gigantic"]
    assert changes(cloud) == []


def test_zones_without_such_machines_are_left_out(somebody: Person, cloud: Cloud) -> None:
    """In this region moto knows machines of this old type in some zones only."""
    region, kind = ["--region", "us-east-1"], "c1.medium"
    options = ["--location-type", "availability-zone", "--filters", f"Name=instance-type,Values={kind}"]
    offers = cloud.aws(*region, "ec2", "describe-instance-type-offerings", *options)["InstanceTypeOfferings"]
    zones = {offer["Location"] for offer in offers}
    every = cloud.aws(*region, "ec2", "describe-subnets")["Subnets"]
    somebody.set("staging", INSTANCE_TYPE=kind)

    outcome = somebody.ask("staging", "find_network; echo $SUBNETS", AWS_REGION="us-east-1").succeeded()

    able = sorted(subnet["SubnetId"] for subnet in every if subnet["AvailabilityZone"] in zones)
    assert 2 <= len(able) < len(every)
    assert outcome.out == ",".join(able) + "\n"
