"""What holds for each generated file, whatever its format; each rule returns the places that break it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath

from kit.tree import Tree

MARKER = re.compile(r"\[\[\[|\[\[%|%\]\]|\[\[#|#\]\]")
NOT_ON_WINDOWS = re.compile(r'[<>:"|?*\\\x00-\x1f]|[ .]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)
LONGEST_PATH = 128  # Windows stops at 260 with the folder of the repository and its .git before it
BLANK_LINES = re.compile(r"\A\n|\n\n\Z|\n\n\n+")
BLANK_LINES_OF_PYTHON = re.compile(r"\A\n|\n\n\Z|\n\n\n\n+")


def markers(tree: Tree) -> list[str]:
    """Find delimiters of the template."""
    return _matches(tree, lambda _: MARKER)


def line_ends(tree: Tree) -> list[str]:
    """Find trailing spaces, carriage returns, byte order marks, and a last line without its end."""
    return _matches(tree, lambda _: re.compile(r"[ \t]+$|\r|\A\ufeff|[^\n]\Z", re.MULTILINE))


def blank_lines(tree: Tree) -> list[str]:
    """Find blank lines at the begin, at the end, or two in a row; Python parts its definitions by two."""
    return _matches(tree, lambda path: BLANK_LINES_OF_PYTHON if path.endswith((".py", ".mako")) else BLANK_LINES)


def unseen_characters(tree: Tree) -> list[str]:
    """Find characters that nobody sees: controls, formats such as a right-to-left override, and odd spaces."""
    return [
        f"{path}:{number} {unicodedata.name(character, repr(character))}"
        for path, entry in tree.items()
        for number, line in enumerate(entry.text.split("\n"), start=1)
        if not line.isprintable()
        for character in line
        if not character.isprintable() and character not in "\t\r"
    ]


def names(tree: Tree) -> list[str]:
    """Find names that some system cannot hold, and names that differ in their case alone."""
    illegal = [
        path
        for path in tree
        if len(path) > LONGEST_PATH or not path.isascii() or any(map(NOT_ON_WINDOWS.search, PurePosixPath(path).parts))
    ]
    folders = {str(parent) for path in tree for parent in PurePosixPath(path).parents}
    spellings = Counter(path.casefold() for path in {*tree, *folders})
    return illegal + [path for path in tree if spellings[path.casefold()] > 1]


def executables(tree: Tree) -> list[str]:
    """Find scripts that do not execute and other files that do."""
    return [
        f"{path} {entry.mode}"
        for path, entry in tree.items()
        if (entry.mode == "755") != entry.content.startswith(b"#!") or entry.mode == "link"
    ]


RULES: dict[str, Callable[[Tree], list[str]]] = {
    "no delimiter of the template is left": markers,
    "lines end as they should": line_ends,
    "no odd blank lines": blank_lines,
    "every character is seen": unseen_characters,
    "every system can hold the names": names,
    "scripts execute and nothing else does": executables,
}


def _matches(tree: Tree, pattern: Callable[[str], re.Pattern[str]]) -> list[str]:
    return [f"{path}:{line}" for path, entry in tree.items() for line in _lines(pattern(path), entry.content)]


@cache
def _lines(pattern: re.Pattern[str], content: bytes) -> list[int]:
    """Return the lines in which a pattern matches; most combinations hold the same files."""
    text = content.decode()
    return [len(text[: match.start()].splitlines()) + 1 for match in pattern.finditer(text)]
