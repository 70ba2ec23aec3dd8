"""Linters find nothing in what the template generates, and find what is planted."""

import os
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kit.process import Outcome, environment, run
from kit.report import fail
from kit.template import commit_all
from kit.tools import ROOT, tool
from pipeline.repositories import PIPELINES, rendered, repeat

WORKFLOW = ".github/workflows/ci.yml"
PUBLISH = "deploy/publish"
# Every file of a language differs in these two answers at most, and each answer is here once.
NAMES = {
    (answers["language"], answers["artifact"]): name
    for name, answers in reversed(PIPELINES.items())
    if (answers["artifact"], answers["branching"]) in (("image", "trunk"), ("zip", "gitflow"))
}
SCRIPTS = "every script"  # stands for all of them in the call of a linter


@dataclass(frozen=True)
class Linter:
    """How a linter is called, and a mistake that it has to find: in which file, what to replace, by what."""

    argv: tuple[str, ...]
    file: str
    right: str
    wrong: str


LINTERS = {
    "jactionlint": Linter(("jactionlint", "--oneline"), WORKFLOW, "needs: [ci-ok, build]", "needs: [ci-okay, build]"),
    "jactionlint, inputs": Linter(("jactionlint", "--oneline"), WORKFLOW, "fetch-depth: 0", "fetch-dept: 0"),
    "jactionlint, shell": Linter(
        ("jactionlint", "--oneline"), WORKFLOW, 'deploy/build "$COMMIT"', "deploy/build $COMMIT"
    ),
    "jactionlint, by hand": Linter(
        ("jactionlint", "--oneline"), ".github/workflows/promote.yml", "${{ inputs.commit }}", "${{ inputs.comit }}"
    ),
    "zizmor": Linter(
        ("zizmor", "--offline", "--persona=pedantic", "--no-progress", ".github"),
        WORKFLOW,
        "run: npm run lint",
        "run: npm run lint -- ${{ github.head_ref }}",
    ),
    "schema of workflows": Linter(
        ("check-jsonschema", "--builtin-schema=vendor.github-workflows", ".github/workflows/*.yml"),
        ".github/workflows/rollback.yml",
        "timeout-minutes: 60",
        "timeout-minuts: 60",
    ),
    "schema of actions": Linter(
        ("check-jsonschema", "--builtin-schema=vendor.github-actions", ".github/actions/setup/action.yml"),
        ".github/actions/setup/action.yml",
        "using: composite",
        "using: composition",
    ),
    "schema of compose files": Linter(
        ("check-jsonschema", "--builtin-schema=vendor.compose-spec", "compose.yaml"),
        "compose.yaml",
        "volumes:\n  database:\n",
        "volume:\n  database:\n",
    ),
    "cfn-lint": Linter(
        ("cfn-lint", "deploy/cloudformation/*.yaml"),
        "deploy/cloudformation/publisher.yaml",
        "Type: AWS::IAM::Role\n",
        "Type: AWS::IAM::Roll\n",
    ),
    "hadolint": Linter(("hadolint", "Dockerfile"), "Dockerfile", "COPY ", "ADD "),
    "shellcheck": Linter(
        ("shellcheck", "--external-sources", "--check-sourced", SCRIPTS), PUBLISH, "login\n", "login $commit\n"
    ),
    "shfmt": Linter(
        ("shfmt", "-i", "2", "-ci", "-d", "deploy", "scripts", ".github"),
        PUBLISH,
        "  check_artifact",
        " check_artifact",
    ),
    "yamllint": Linter(
        ("yamllint", "--strict", "--config-file", str(ROOT / ".yamllint.yaml"), "."), WORKFLOW, "jobs:", "jobs: "
    ),
    "ruff": Linter(
        ("ruff", "check", "--config", str(ROOT / "pyproject.toml"), ".github/scripts"),
        ".github/scripts/report.py",
        "import os\n",
        "import os\nimport re\n",
    ),
    "mypy": Linter(("mypy", "--strict", ".github/scripts/report.py"), ".github/scripts/report.py", "-> None", "-> int"),
    "gitleaks": Linter(
        ("gitleaks", "git", "--no-banner", "--redact"),
        ".env.example",
        "# DB_USER=app",
        # built here, or a scan of this repository would find it
        "GITHUB_TOKEN=" + "ghp_" + "9fK2mQ7xLr4TzB1vWc8YpN3sDh6JgA5uEeR0",
    ),
}


def spell_out(word: str, folder: Path) -> list[str]:
    """Return the files that a word of a call stands for, or the word itself."""
    if word == SCRIPTS:
        files = [file for name in ("deploy", "scripts", ".github/scripts") for file in (folder / name).rglob("*")]
        return sorted(
            str(file) for file in files if file.is_file() and file.read_bytes().startswith(b"#!/usr/bin/env bash")
        )
    return sorted(map(str, folder.glob(word))) if "*" in word else [word]


def lint(linter: Linter, folder: Path) -> Outcome:
    """Run a linter in a repository; names with a star are spelled out."""
    program, *words = linter.argv
    spelled = [found for word in words for found in spell_out(word, folder)]
    paths = f"{tool('shellcheck').parent}:{os.environ['PATH']}"
    return run([tool(program), *spelled], cwd=folder, env=environment(without=("CI",), PATH=paths))


def test_the_secret_scan_looks_for_all_it_knows_and_excuses_single_values_only() -> None:
    settings = tomllib.loads((rendered(NAMES["node", "image"]) / ".gitleaks.toml").read_text())

    assert settings["extend"] == {"useDefault": True}
    for excuse in settings.get("allowlists", []):
        assert excuse["description"]
        assert excuse.get("regexes") or (excuse.get("targetRules") and excuse.get("paths"))
        assert all(pattern.endswith("$") for pattern in excuse.get("paths", []))
        assert not {".*", ".+"} & set(excuse.get("regexes", []))


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``committed(name)``: the repository for a pipeline, with a commit, made once."""
    folders: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in folders:
            folders[name] = shutil.copytree(rendered(name), tmp_path_factory.mktemp("linted") / "repo", symlinks=True)
            commit_all(folders[name], "Begin with Slipway")
        return folders[name]

    return make


@pytest.mark.parametrize("linter", LINTERS)
@pytest.mark.parametrize("name", NAMES.values())
def test_the_repository_is_clean(linter: str, name: str, committed: Callable[[str], Path]) -> None:
    outcome = lint(LINTERS[linter], committed(name))

    if outcome.code != 0:
        fail(name, " ".join(LINTERS[linter].argv[:1]), "no finding", outcome, repeat(name))


@pytest.mark.parametrize("linter", LINTERS)
def test_a_planted_mistake_is_found(linter: str, tmp_path: Path) -> None:
    planted = shutil.copytree(rendered(NAMES["node", "image"]), tmp_path / "repo", symlinks=True)
    file = planted / LINTERS[linter].file
    right = file.read_text()
    assert LINTERS[linter].right in right
    file.write_text(right.replace(LINTERS[linter].right, LINTERS[linter].wrong, 1))
    commit_all(planted, "Make a mistake")

    assert lint(LINTERS[linter], planted).code != 0
