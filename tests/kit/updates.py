"""One update of an edited repository, and what can be said about it afterwards."""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from copier import run_update

from kit import fast, tree
from kit.folders import made_once, run_folder
from kit.process import run
from kit.releases import fresh, template_with
from kit.template import VERSION, Answers, commit_all, git

NO_ANSWERS: Answers = {}


@dataclass(frozen=True)
class Edit:
    """Something that people do to their repository."""

    name: str
    profile: str
    do: Callable[[Path], object]
    stays: Callable[[tree.Tree], bool]


@dataclass(frozen=True)
class Update:
    """The four trees of an update, and the repository in which it was done."""

    repository: Path
    base: tree.Tree
    mine: tree.Tree
    theirs: tree.Tree
    result: tree.Tree

    def conflicts(self) -> list[str]:
        """Return the files that git calls unmerged."""
        return git(self.repository, "diff", "--name-only", "--diff-filter=U").split()

    def rejects(self) -> list[str]:
        """Return the files with changes that did not fit."""
        return [path for path in self.result if path.endswith(".rej")]

    def marked(self) -> list[str]:
        """Return the files that hold conflict markers."""
        return [
            path for path, entry in self.result.items() if re.search(rb"^<{7} |^>{7} ", entry.content, re.MULTILINE)
        ]

    def deleted(self) -> set[str]:
        """Return the files that were committed and are gone."""
        return set(self.mine) - set(self.result)

    def changed_by_both(self) -> set[str]:
        """Return the files that the team and the template changed since the last version."""
        return _changed(self.base, self.mine) & _changed(self.base, self.theirs)

    def reverted(self) -> list[str]:
        """Return the files that differ from the committed ones although the template did not change them."""
        same = {path for path in self.base if self.base[path] == self.theirs.get(path)}
        own = set(self.mine) - set(self.base) - set(self.theirs)
        return sorted(path for path in (same | own) & set(self.mine) if self.mine[path] != self.result.get(path))


def update(
    version: str, edits: Sequence[Edit] = (), answers: Answers = NO_ANSWERS, switch: Answers = NO_ANSWERS
) -> Update:
    """Copy ``version`` with ``answers``, do the ``edits``, commit, and update to the present version with ``switch``.

    Each such update is done once a run; its repository is not to be changed. The update is untrusted, has no
    terminal, and asks nothing.
    """
    template = template_with(version)
    old, theirs = fresh(template, version, answers), fresh(template, VERSION, {**answers, **switch})
    words = [version, *(edit.name for edit in edits), *map(str, [*answers.values(), "to", *switch.values()])]
    name = "updates/" + "-".join(words)
    with made_once(name) as folder:
        if folder:
            repository = shutil.copytree(old, folder / "result", symlinks=True)
            for edit in edits:
                edit.do(repository)
            commit_all(repository, "Our own work")
            shutil.copytree(repository, folder / "mine", symlinks=True)
            bring_up_to_date(repository, switch)
    folder = run_folder() / name
    return Update(folder / "result", *map(tree.read, (old, folder / "mine", theirs, folder / "result")))


def bring_up_to_date(repository: Path, switch: Answers = NO_ANSWERS, version: str = VERSION) -> None:
    """Update a committed repository to ``version`` of its template, in this process, untrusted and asking nothing.

    Raises what Copier raises: ``ValueError`` with its sentence for a refused answer.
    """
    with fast.remembering():
        run_update(repository, dict(switch), vcs_ref=version, defaults=True, overwrite=True, quiet=True, unsafe=False)


def touching(base: bytes, mine: bytes, theirs: bytes, folder: Path) -> bool:
    """Tell whether two changes of a text touch: the same line or neighbours, by the lines that git diff names.

    ``folder`` is for scratch files.
    """
    return any(
        first[0] <= second[1] and second[0] <= first[1]
        for first in _gaps(base, mine, folder)
        for second in _gaps(base, theirs, folder)
    )


def _gaps(old: bytes, new: bytes, folder: Path) -> list[tuple[int, int]]:
    """Return the first and last gap between lines of ``old`` that each change covers; gap 3 follows line 3."""
    (folder / "old").write_bytes(old)
    (folder / "new").write_bytes(new)
    diff = run(["git", "diff", "--no-index", "--unified=0", folder / "old", folder / "new"]).out
    hunks = [
        (int(start), int(count or 1)) for start, count in re.findall(r"^@@ -(\d+)(?:,(\d+))? ", diff, re.MULTILINE)
    ]
    return [(start - (count > 0), start + max(count - 1, 0)) for start, count in hunks]


def _changed(old: tree.Tree, new: tree.Tree) -> set[str]:
    return {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
