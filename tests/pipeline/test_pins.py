"""Whatever a pipeline takes from others cannot change unseen."""

import pytest

from kit.report import fail
from pipeline.pins import REVIEWED, problems
from pipeline.repositories import PIPELINES, each_pipeline, rendered, repeat

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
DIGEST = "sha256:3a82e1f56c8f0f5616a11103ac3d47e632c3938698946a7ad26da0df1334744a"


@each_pipeline
def test_every_action_and_image_is_pinned_and_reviewed(name: str) -> None:
    for file in sorted((rendered(name) / ".github").rglob("*.yml")):
        if found := problems(file.read_text()):
            fail(name, file.name, "pins that somebody has looked up", found, repeat(name))


def test_nothing_is_reviewed_that_nobody_uses() -> None:
    texts = [file.read_text() for name in PIPELINES for file in (rendered(name) / ".github").rglob("*.yml")]

    assert [name for name in REVIEWED if not any(f"uses: {name}@" in text for text in texts)] == []


@pytest.mark.parametrize(
    "line",
    [
        "uses: actions/checkout@v7",
        "uses: actions/checkout@3d3c42e # v7.0.1",
        "uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "uses: actions/checkout@0000000000000000000000000000000000000000 # v7.0.1",
        "uses: stranger/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
        "uses: docker://alpine:3",
        "uses: ./.github/actions/setup",
        "image: postgres:18",
        "container: node:24",
        f"image: postgres@{DIGEST}",
    ],
)
def test_what_could_change_is_found(line: str) -> None:
    assert len(problems(f"  - {line}\n")) == 1


@pytest.mark.parametrize("line", [f"uses: {CHECKOUT}", f"image: postgres:18@{DIGEST}", "uses: $/.github/actions/setup"])
def test_what_cannot_is_not(line: str) -> None:
    assert problems(f"  - {line}\n") == []
