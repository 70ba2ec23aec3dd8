"""What ``deploy/setup ENVIRONMENT`` refuses before it asks the cloud: two lines, of which the second mends it."""

from collections.abc import Callable

import pytest

from cloud.people import Person, words
from kit.cloud import Cloud

People = Callable[..., Person]
CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/1"

REFUSED = {
    "a certificate for no name": ({"CERTIFICATE_ARN": CERTIFICATE}, "a certificate is for a name, and DOMAIN is empty"),
    "a name without a certificate": ({"DOMAIN": "api.example.com"}, "api.example.com has no certificate"),
    "two certificates": (
        {"DOMAIN": "api.example.com", "CERTIFICATE_ARN": CERTIFICATE, "HOSTED_ZONE_ID": "Z1"},
        "HOSTED_ZONE_ID makes a certificate, and CERTIFICATE_ARN names another",
    ),
    "an address": (
        {"DOMAIN": "https://api.example.com", "HOSTED_ZONE_ID": "Z1"},
        '"https://api.example.com" is no name',
    ),
    "no machine": ({"MIN_INSTANCES": "0"}, "MIN_INSTANCES=0 is not between 1 and 10000"),
    "a word": ({"MAX_INSTANCES": "many"}, "MAX_INSTANCES=many is not between 1 and 10000"),
    "fewer at most than at least": ({"MIN_INSTANCES": "3"}, "MAX_INSTANCES=2 is not between 3 and 10000"),
    "too small a disk": ({"DATABASE_GIGABYTES": "5"}, "DATABASE_GIGABYTES=5 is not between 20 and 65536"),
    "too short a canary": ({"BAKE_MINUTES": "2"}, "BAKE_MINUTES=2 is not between 3 and 600"),
    "odd days": ({"LOG_DAYS": "15"}, "LOG_DAYS=15 is no time that AWS keeps logs"),
    "an address with dots": ({"CNAME_PREFIX": "api.example"}, '"api.example" is no part of an address'),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_setting_that_cannot_be_is_refused(case: str, person: People, cloud: Cloud) -> None:
    settings, reason = REFUSED[case]
    somebody = person(artifact="image")
    somebody.set("staging", **settings)

    outcome = somebody.setup("--yes", "staging")

    assert (outcome.code, outcome.out) == (10, "")
    assert [line[:10] for line in outcome.err.splitlines()] == ["refused   ", "next      "]
    assert words(outcome)["refused"] == [reason]
    assert "deploy/environments/staging.env" in words(outcome)["next"][0]
    assert cloud.calls() == []


def test_production_in_plain_text_is_refused_unless_somebody_wants_it(person: People, cloud: Cloud) -> None:
    outcome = person(artifact="image").setup("--yes", "production")

    assert (outcome.code, outcome.out) == (10, "")
    assert outcome.err == (
        "refused   production has no DOMAIN, so it would answer without encryption\n"
        "next      set DOMAIN and HOSTED_ZONE_ID (or CERTIFICATE_ARN) in deploy/environments/production.env, "
        "or ALLOW_HTTP=1\n"
    )
    assert cloud.calls() == []


def test_production_in_plain_text_is_planned_if_somebody_wants_it(person: People) -> None:
    somebody = person(artifact="image")
    somebody.set("production", ALLOW_HTTP="1")

    assert words(somebody.setup("production"))["refused"] == ["nobody is here to agree to this plan"]


@pytest.mark.parametrize("artifact", ["image", "zip"])
def test_settings_of_an_older_repository_are_filled_in(artifact: str, person: People) -> None:
    somebody = person(artifact=artifact)
    (somebody.folder / "deploy" / "environments" / "staging.env").write_text("# nothing yet\n")

    outcome = somebody.setup("staging")

    assert words(outcome)["costs"][-2:] == [
        "the database: 1 x db.t4g.small, 1 x 20 GB, its backups, one secret",
        "the machines: 1 to 1 x t3.small and a load balancer; their logs for 30 days",
    ]


@pytest.mark.parametrize("arn", ["s3cr3t", "arn:aws:secretsmanager:us-east-1:123456789012:secret:x", "arn:aws:s3:::x"])
def test_what_is_no_secret_of_this_account_is_refused(arn: str, person: People) -> None:
    somebody = person(artifact="image")
    somebody.set("staging", SECRET_API_KEY=arn)

    outcome = somebody.setup("--yes", "staging")

    assert (outcome.code, outcome.out) == (10, "")
    assert words(outcome)["refused"] == ["API_KEY is given no secret of this account in eu-central-1"]
    assert arn not in outcome.err
