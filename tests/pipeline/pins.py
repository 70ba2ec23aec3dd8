"""What a workflow takes from others: every action by its commit, every image by its digest, and only what is listed."""

import re

# Somebody has looked up each of these in the action's own repository; a change here wants a second pair of eyes.
REVIEWED = {
    "actions/checkout": ("v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1"),
    "actions/download-artifact": ("v8.0.1", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c"),
    "actions/setup-go": ("v7.0.0", "b7ad1dad31e06c5925ef5d2fc7ad053ef454303e"),
    "actions/setup-java": ("v5.7.0", "b6effb05e454b25005698d916606bdc6ffcbf961"),
    "actions/setup-node": ("v7.0.0", "820762786026740c76f36085b0efc47a31fe5020"),
    "actions/upload-artifact": ("v7.0.0", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f"),
    "astral-sh/setup-uv": ("v10.0.1", "20cfd1bf945f4377ade1205e4dbc17946fc9a30d"),
    "aws-actions/configure-aws-credentials": ("v6.2.3", "e6de054238d6b7531b4efff3b6587d9aade6a06c"),
}
OWN = "$/.github/actions/"
USES = re.compile(r"^\s*(?:- )?uses: *(.*)$", re.MULTILINE)
IMAGE = re.compile(r"^\s*(?:- )?(?:image|container): *(.+)$", re.MULTILINE)
PINNED_ACTION = re.compile(r"(?P<name>[\w.-]+/[\w./-]+)@(?P<commit>[0-9a-f]{40}) # (?P<version>v\d+\.\d+\.\d+)")
PINNED_IMAGE = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")


def problems(text: str) -> list[str]:
    """Return one sentence for each action or image of a workflow or action file that could change unseen."""
    found = [
        f"{image} is not pinned by tag and digest" for image in IMAGE.findall(text) if not PINNED_IMAGE.fullmatch(image)
    ]
    for used in USES.findall(text):
        if used.startswith(OWN):
            continue
        pin = PINNED_ACTION.fullmatch(used)
        if not pin:
            found.append(f"{used} is not pinned to a commit with its version beside it")
        elif REVIEWED.get(pin["name"]) != (pin["version"], pin["commit"]):
            found.append(f"{used} is not the reviewed one")
    return found
