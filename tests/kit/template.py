"""The template as its users get it: a git repository with a released version, rendered by Copier itself."""

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import plumbum
from copier import run_copy

from kit.fast import remembering
from kit.folders import made_once, run_folder
from kit.process import run
from kit.tools import ROOT

VERSION = "v9999.0.0"
GIT_SETTINGS = """\
[user]
  name = Slipway Tests
  email = tests@slipway.invalid
[init]
  defaultBranch = main
[core]
  autocrlf = false
  excludesFile = /dev/null
  attributesFile = /dev/null
[commit]
  gpgSign = false
[tag]
  gpgSign = false
[gc]
  auto = 0
[maintenance]
  auto = false
[safe]
  directory = *
[advice]
  detachedHead = false
"""

Answers = Mapping[str, object]


def isolate(folder: Path) -> None:
    """Keep the git and Copier settings of this machine out of this process and of every program it starts.

    HOME stays: package managers read their registries from it. Copier runs git with the environment
    that plumbum has copied at its import, so that copy is changed as well.
    """
    settings, git_settings = folder / "copier-settings.yml", folder / "gitconfig"
    folder.mkdir(parents=True, exist_ok=True)
    settings.write_text("{}\n")
    git_settings.write_text(GIT_SETTINGS)
    values = {
        "COPIER_SETTINGS_PATH": str(settings),
        "COPIER_CACHE_DIR": str(folder / "copier-cache"),
        "GIT_CONFIG_GLOBAL": str(git_settings),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    # Set where the tests run from a git hook; they would point every git call at the repository of that hook.
    inherited = subprocess.check_output(["git", "rev-parse", "--local-env-vars"], text=True).split()  # noqa: S607
    for environ in (os.environ, plumbum.local.env):
        for name in inherited:
            environ.pop(name, "")
        environ.update(values)


def git(folder: Path, *arguments: str) -> str:
    """Run git in ``folder`` and return what it prints; a failure of git fails the test."""
    return run(["git", *arguments], cwd=folder).succeeded().out


def commit_all(folder: Path, message: str) -> str:
    """Commit everything in ``folder``, which becomes a repository if it is none, and return the commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD").strip()


def template_clone() -> Path:
    """Return a clone of this repository whose newest version is the working tree, uncommitted changes included."""
    with made_once("template") as clone:
        if clone:
            run(["git", "clone", "--quiet", "--no-checkout", ROOT, clone]).succeeded()
            git(clone, f"--work-tree={ROOT}", "add", "--all", str(ROOT))
            git(clone, "commit", "--quiet", "--allow-empty", "--message", "The working tree")
            git(clone, "tag", "--annotate", "--message", VERSION, VERSION)
            git(clone, "reset", "--quiet", "--hard")
    return run_folder() / "template"


def render(template: Path, destination: Path, answers: Answers, version: str = VERSION) -> None:
    """Copy ``version`` of the template to ``destination``, untrusted and without a question."""
    run_copy(
        str(template),
        destination,
        data=dict(answers),
        vcs_ref=version,
        defaults=True,
        quiet=True,
        unsafe=False,
    )


def repository(template: Path, answers: Answers) -> Path:
    """Return the repository that the template generates for ``answers``: committed and made once a run.

    All tests share it, so none may change it.
    """
    key = hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()[:12]
    name = f"repositories/{key}"
    with made_once(name) as folder:
        if folder:
            with remembering():
                render(template, folder, answers)
            commit_all(folder, "Begin with Slipway")
    return run_folder() / name
