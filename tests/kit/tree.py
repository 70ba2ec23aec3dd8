"""Read folders as values that tests can compare."""

import hashlib
import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

LINK = "link"


@dataclass(frozen=True)
class Entry:
    """One file: its permission as git sees it (``644``, ``755`` or ``link``) and its bytes (of a link, its target)."""

    mode: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as UTF-8 text."""
        return self.content.decode()


Tree = dict[str, Entry]


def read(folder: Path, without: Collection[str] = (".git",)) -> Tree:
    """Return all files below ``folder`` by their path, sorted; names in ``without`` are skipped at every depth."""
    tree: Tree = {}
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in without]
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for path in (Path(parent, name) for name in files + links if name not in without):
            tree[path.relative_to(folder).as_posix()] = _entry(path)
    return dict(sorted(tree.items()))


def _entry(path: Path) -> Entry:
    if path.is_symlink():
        return Entry(LINK, str(path.readlink()).encode())
    return Entry("755" if path.stat().st_mode & stat.S_IXUSR else "644", path.read_bytes())


def digest(tree: Mapping[str, Entry]) -> str:
    """Return one SHA-256 over all paths, permissions and contents."""
    total = hashlib.sha256()
    for path, entry in sorted(tree.items()):
        content = hashlib.sha256(entry.content).hexdigest()
        total.update(f"{entry.mode} {content} {path}\0".encode())
    return total.hexdigest()


def difference(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> list[str]:
    """Return one sentence for each path in which two trees differ, sorted by path; empty if they are equal."""
    sentences = []
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            sentences.append(f"{path} is gone")
        elif path not in old:
            sentences.append(f"{path} was added")
        elif old[path].content != new[path].content:
            sentences.append(f"{path} {_first_change(old[path].content, new[path].content)}")
        elif old[path].mode != new[path].mode:
            sentences.append(f"{path} went from mode {old[path].mode} to {new[path].mode}")
    return sentences


def _first_change(old: bytes, new: bytes) -> str:
    before, after = old.splitlines(), new.splitlines()
    for number, (left, right) in enumerate(zip(before, after, strict=False), start=1):
        if left != right:
            was, became = (line.decode(errors="replace") for line in (left, right))
            return f"differs in line {number}: {was!r} became {became!r}"
    if len(before) != len(after):
        return f"went from {len(before)} to {len(after)} lines"
    return "differs in its line ends"
