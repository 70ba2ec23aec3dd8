"""Who owns each generated path: the table of docs/ownership.md."""

import functools
import re
from dataclasses import dataclass
from typing import Any, Literal

from pathspec import PathSpec

from kit.tools import ROOT

Owner = Literal["managed", "seeded", "pinned"]
ROW = re.compile(r"^\| (?P<globs>`.+?`) \| (?P<owner>\w+) \| .+ \|$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One row of the table: globs from the root of the repository, braces and ``!`` as in a shell and in .gitignore."""

    globs: tuple[str, ...]
    owner: Owner

    @functools.cached_property
    def _paths(self) -> PathSpec[Any]:
        lines = [re.sub("^!?", r"\g<0>/", line) for glob in self.globs for line in _unfolded(glob)]
        return PathSpec.from_lines("gitignore", lines)

    def holds(self, path: str) -> bool:
        """Tell whether ``path`` is one of this row."""
        return self._paths.match_file(path)


def _unfolded(glob: str) -> list[str]:
    """Return a glob with braces as one glob for each word in them."""
    before, brace, rest = glob.partition("{")
    words, _, after = rest.partition("}")
    return [before + word + after for word in words.split(",")] if brace else [glob]


@functools.cache
def rows() -> list[Row]:
    """Return the rows of the table; an owner that is none of the three raises ``KeyError``."""
    owners: dict[str, Owner] = {"managed": "managed", "seeded": "seeded", "pinned": "pinned"}
    text = (ROOT / "docs" / "ownership.md").read_text()
    return [Row(tuple(re.findall("`(.+?)`", match["globs"])), owners[match["owner"]]) for match in ROW.finditer(text)]


@functools.cache
def rows_of(path: str) -> list[Row]:
    """Return the rows that hold ``path``: one, if the table is right."""
    return [row for row in rows() if row.holds(path)]


@functools.cache
def owner_of(path: str) -> Owner:
    """Return the owner of ``path``; a path outside the table raises ``LookupError``."""
    for row in rows_of(path):
        return row.owner
    message = f"{path} is in no row of docs/ownership.md"
    raise LookupError(message)
