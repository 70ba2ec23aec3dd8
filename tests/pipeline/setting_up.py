"""What tests of ``deploy/setup`` ask about it."""

import fnmatch

from kit.cloud import ACCOUNT, REGION, Cloud
from kit.process import Outcome

READING = ("Get*", "Describe*", "List*")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders-api-publish-{REGION}"
ISSUER = "token.actions.githubusercontent.com"


def changes(cloud: Cloud) -> list[str]:
    """Return the calls that were no mere look."""
    return [call for call in cloud.calls() if not any(fnmatch.fnmatch(call.split()[1], word) for word in READING)]


def words(outcome: Outcome) -> dict[str, list[str]]:
    """Return what a command said, by the first word of its lines."""
    said: dict[str, list[str]] = {}
    for line in outcome.err.splitlines():
        word, _, text = line.strip().partition(" ")
        said.setdefault(word, []).append(text.strip().partition("   ")[0])
    return said
