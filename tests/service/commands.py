"""The commands that a document shows."""

import re
from pathlib import Path

FENCE = re.compile(r"^```(?P<format>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
PROGRAMS = (
    "./mvnw ",
    "copier ",
    "deploy/",
    "docker ",
    "git ",
    "go ",
    "k6 ",
    "make ",
    "make",
    "node ",
    "npm ",
    "npx ",
    "scripts/",
    "uv ",
    "DEST=",
)
# Paths, and words that name a program without running it.
NO_COMMANDS = ("/", "/lib", ".env", ".sh", "*", "git config", "git mv")


def commands(document: Path) -> list[str]:
    """Return every command of a Markdown document, in its order, without repetition.

    A command is a line of an ``sh`` block, a ``$`` line of a ``console`` block, or a span of code that begins with a
    program which these documents use.
    """
    text = document.read_text()
    found = [line for fence in FENCE.finditer(text) for line in _lines(fence["format"], fence["text"])]
    spans = INLINE.findall(FENCE.sub("", text))
    found += [span for span in spans if span.startswith(PROGRAMS) and not span.endswith(NO_COMMANDS)]
    return list(dict.fromkeys(found))


def answers(document: Path) -> list[tuple[str, str]]:
    """Return what the ``console`` blocks of a document show: each command with the answer below it."""
    pairs: list[tuple[str, str]] = []
    for fence in FENCE.finditer(document.read_text()):
        if fence["format"] == "console":
            for step in re.split(r"^\$ ", fence["text"], flags=re.MULTILINE)[1:]:
                command, _, answer = step.partition("\n")
                pairs.append((command, answer.strip()))
    return pairs


def _lines(language: str, text: str) -> list[str]:
    if language == "sh":
        return [line.partition("  # ")[0].rstrip() for line in text.splitlines() if line and not line.startswith("#")]
    if language == "console":
        return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]
    return []
