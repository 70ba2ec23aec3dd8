"""copier.yml itself: every question is complete, reads well, and cannot be gone round."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_copy, run_update

from kit import fast, interview
from kit.process import run
from kit.renderings import QUESTIONS, export
from kit.template import Answers, commit_all, git
from kit.tools import ROOT, tool

CONFIG = interview.load(ROOT)
FORGED = [".", "elsewhere", "{name: node, title: Other}", "[README.md]", "null"]
HIDDEN = [name for name, details in interview.questions(CONFIG).items() if interview.is_hidden(details)]

Break = Callable[[dict[str, Any]], object]
FLAWS: dict[str, Break] = {
    "owner: Copier has no key validatr": lambda config: config["owner"].update(validatr="x"),
    "_exclud: Copier has no such setting": lambda config: config.update(_exclud=[]),
    "owner: write the keys in the order": lambda config: config.update(owner=dict(reversed(config["owner"].items()))),
    "_tasks: would need --trust": lambda config: config.update(_tasks=["true"]),
    "_jinja_extensions: would need --trust": lambda config: config.update(_jinja_extensions=["x"]),
    "_migrations: without version": lambda config: config.update(_migrations=["true"]),
    "_envops: without StrictUndefined": lambda config: config["_envops"].pop("undefined"),
    "_min_copier_version": lambda config: config.pop("_min_copier_version"),
    "runtime_version: without type": lambda config: config["runtime_version"].pop("type"),
    "owner: without default": lambda config: config["owner"].pop("default"),
    "owner: takes any answer": lambda config: config["owner"].pop("validator"),
    "language_node: takes any answer": lambda config: config["language_node"].pop("validator"),
    "branching: Copier does not ask": lambda config: config["branching"].update(validator="x"),
    "owner: help is for visible": lambda config: config["owner"].pop("help"),
    "stack: help is for visible": lambda config: config["stack"].update(help="Facts."),
    "owner: help has 21 words": lambda config: config["owner"].update(help="word " * 21),
    "owner: help begins with Select": lambda config: config["owner"].update(help="Select the owner."),
    "owner: help asks": lambda config: config["owner"].update(help="Who owns it?"),
    "branching: the default gitflow": lambda config: config["branching"].update(default="gitflow"),
    "branching: the label 'trunk'": lambda config: config["branching"].update(choices={"trunk": "trunk"}),
}


def test_copier_yml_keeps_all_rules() -> None:
    assert interview.flaws(CONFIG) == []


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_broken_rule_is_named(flaw: str) -> None:
    config = copy.deepcopy(dict(CONFIG))

    FLAWS[flaw](config)

    assert any(found.startswith(flaw) for found in interview.flaws(config))


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("value", FORGED)
def test_a_hidden_answer_cannot_be_set(name: str, value: str, tmp_path: Path) -> None:
    if value == QUESTIONS.complete({})[name]:
        value = "" if value else "."

    with pytest.raises(ValueError, match=f"question '{name}': {name}: follows from .* cannot be set"):
        fast.render(export(), tmp_path / "copy", {name: value})

    assert not (tmp_path / "copy").exists()


def test_undeclared_data_and_settings_change_nothing(tmp_path: Path) -> None:
    strange: Answers = {"colour": "red", "_tasks": ["touch planted"], "_exclude": ["Makefile"], "_subdirectory": ".git"}
    fast.render(export(), tmp_path / "plain", {})
    fast.render(export(), tmp_path / "strange", strange)

    plain, with_strange = ({file.name for file in (tmp_path / copy).rglob("*")} for copy in ("plain", "strange"))

    assert plain == with_strange
    assert "red" not in (tmp_path / "strange/.copier-answers.yml").read_text()


def test_a_misspelt_name_in_a_template_stops_the_copy(tmp_path: Path) -> None:
    template = shutil.copytree(export(), tmp_path / "template")
    (template / "template" / "new.txt.jinja").write_text("[[[ servce_name ]]]\n")

    outcome = run([tool("copier"), "copy", "--defaults", template, tmp_path / "copy"])

    assert outcome.code == 1
    assert "'servce_name' is undefined" in outcome.err
    assert not (tmp_path / "copy").exists()


def test_neither_copy_nor_update_needs_trust(template: Path, tmp_path: Path) -> None:
    copy_of = tmp_path / "service"
    run_copy(str(template), copy_of, defaults=True, quiet=True, unsafe=False)
    commit_all(copy_of, "Begin with Slipway")

    run_update(copy_of, data={"load_test": "none"}, defaults=True, overwrite=True, quiet=True, unsafe=False)

    assert "D tests/load/items.js" in git(copy_of, "status", "--porcelain")


def test_a_relative_source_is_refused_with_the_way_round_it(tmp_path: Path) -> None:
    shutil.copytree(export(), tmp_path / "template")

    outcome = run([tool("copier"), "copy", "--defaults", "template", "copy"], cwd=tmp_path)

    assert outcome.code == 1
    assert '"template": a relative template path cannot be updated from later; use `make new`' in outcome.err
    assert not (tmp_path / "copy").exists()


def test_a_canonical_source_stands_in_for_every_other(tmp_path: Path) -> None:
    template = shutil.copytree(export(), tmp_path / "template")
    with (template / "includes/canonical-source.jinja").open("a") as file:
        file.write("https://git.example.com/platform/slipway.git\n")

    run([tool("copier"), "copy", "--defaults", "template", "copy"], cwd=tmp_path).succeeded()

    answers = yaml.safe_load((tmp_path / "copy/.copier-answers.yml").read_text())
    assert answers["_src_path"] == "https://git.example.com/platform/slipway.git"


def test_the_template_itself_names_no_canonical_source() -> None:
    assert QUESTIONS.environment.get_template("includes/canonical-source.jinja").render().strip() == ""
