"""Releases to update from: the real ones, and an older one that tests/update/older.yml makes of the present one."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from kit.fast import remembering
from kit.folders import made_once, run_folder
from kit.process import run
from kit.rooms import destination
from kit.template import VERSION, commit_all, git, render, template_clone
from kit.tools import ROOT

OLDER = "v0.9.0"
BETWEEN = "v0.9.5"
CHANGES = ROOT / "tests" / "update" / "older.yml"
HANDOVERS = "hooks/handovers.yml"

Change = Mapping[str, str]


def released() -> list[str]:
    """Return the versions that a repository may come from: the made ones and all real tags."""
    return [OLDER, BETWEEN, *git(ROOT, "tag", "--list", "v*", "--sort=version:refname").split()]


def changes() -> list[Change]:
    """Return what tells the older release from the present template."""
    found: list[Change] = yaml.safe_load(CHANGES.read_text())
    return found


def handed_over() -> set[str]:
    """Return the paths that the older release had under another name; they belong to the team since then."""
    return {destination(change["was"]) for change in changes() if "was" in change}


def template_with(version: str) -> Path:
    """Return a template repository in which ``version`` and the present one, ``v9999.0.0``, are releases."""
    return made_releases() if version in (OLDER, BETWEEN) else template_clone()


def made_releases() -> Path:
    """Return a template repository with three releases: the older one, one half-way, and the present one.

    The later ones differ from the working tree in the hand-overs of what the older one had otherwise.
    """
    with made_once("releases") as clone:
        if clone:
            run(["git", "clone", "--quiet", template_clone(), clone]).succeeded()
            git(clone, "tag", "--delete", *git(clone, "tag").split())
            present = git(clone, "rev-parse", "HEAD").strip()
            for version, differing in {OLDER: changes(), BETWEEN: changes()[::2], VERSION: []}.items():
                git(clone, "checkout", "--quiet", present)
                for change in differing:
                    make_older(clone / "template", change)
                _hand_over(clone, [change for change in changes() if change not in differing])
                commit_all(clone, version)
                git(clone, "tag", version)
    return run_folder() / "releases"


def make_older(folder: Path, change: Change) -> None:
    """Do one change of older.yml to the template/ in ``folder``.

    ``now`` and ``then``: a pattern that fits once in the file, and what stood there. ``was``: the file had that name.
    ``given``: besides, a path that is seeded since then. ``absent``: there was no such file. ``then`` alone: there was
    a file with this text, which is gone.
    """
    file = folder / change["file"]
    if "now" in change:
        text, found = re.subn(change["now"], change["then"].replace("\\", r"\\"), file.read_text())
        assert found == 1, f"{CHANGES.name}: {change['what']}: {change['file']} has {change['now']!r} {found} times"
        file.write_text(text)
    elif "was" in change:
        (folder / change["was"]).parent.mkdir(parents=True, exist_ok=True)
        file.rename(folder / change["was"])
    elif "absent" in change:
        file.unlink()
    else:
        assert not file.exists(), f"{CHANGES.name}: {change['what']}: {change['file']} is there again"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(change["then"])


def fresh(template: Path, version: str, answers: Mapping[str, object]) -> Path:
    """Return the repository that ``version`` of a template generates for ``answers``: committed, not to be changed."""
    name = "-".join([template.name, version, *(str(value) for value in answers.values())])
    with made_once(f"fresh/{name}") as folder:
        if folder:
            with remembering():
                render(template, folder, answers, version)
            commit_all(folder, "Begin with Slipway")
    return run_folder() / "fresh" / name


def _hand_over(template: Path, changed: list[Change]) -> None:
    """Add to the hand-overs what docs/releasing.md asks for: paths that moved, and paths that became seeded."""
    moved = [destination(change["was"]) for change in changed if "was" in change]
    given = [change["given"] for change in changed if "given" in change]
    handovers = yaml.safe_load((template / HANDOVERS).read_text())
    handovers["_exclude"] += [
        *moved,
        *(f"[[[ '{path}' if _copier_operation == 'update' else '' ]]]" for path in given),
    ]
    (template / HANDOVERS).write_text(yaml.safe_dump(handovers))
