"""What holds for every combination of answers."""

import shutil
from pathlib import Path

import pytest
import yaml

from kit import combos, fast, questions, tree
from kit.process import run
from kit.renderings import COMBOS, QUESTIONS, answers, each_combination, export, files, rendering, repeat
from kit.report import fail
from kit.template import git, render, template_clone
from kit.tidiness import RULES
from kit.tomorrow import add_language

# What one rule must find, and nothing else: a defect planted for each.
PLANTED = [
    ("no delimiter of the template is left", "a.txt", b"owner: [[[ owner ]]]\n"),
    ("no delimiter of the template is left", "a.txt", b"[[% if x %]]\n"),
    ("lines end as they should", "a.txt", b"one \n"),
    ("lines end as they should", "a.txt", b"one\r\n"),
    ("lines end as they should", "a.txt", b"one"),
    ("no odd blank lines", "a.md", b"one\n\n\ntwo\n"),
    ("no odd blank lines", "a.txt", b"one\n\n"),
    ("no odd blank lines", "a.txt", b"\none\n"),
    ("no odd blank lines", "a.py", b"one\n\n\n\ntwo\n"),
    ("every character is seen", "a.txt", "a\u202eb\n".encode()),
    ("every character is seen", "a.txt", "a\u200bb\n".encode()),
    ("every system can hold the names", "con.yml", b"a\n"),
    ("every system can hold the names", 'a"b.txt', b"a\n"),
    ("every system can hold the names", "makefile", b"a\n"),
    ("every system can hold the names", "SRC/a.txt", b"a\n"),
    ("scripts execute and nothing else does", "tool", b"#!/bin/sh\n"),
]


# One of each language and framework: the last, whose other answers are the rarest.
VARIED = {(combo["language"], combo.get(f"{combo['language']}_framework")): name for name, combo in COMBOS.items()}


@each_combination
def test_every_file_keeps_every_rule(name: str) -> None:
    for rule, finds in RULES.items():
        if broken := finds(files(name)):
            fail(name, broken[0], rule, f"{len(broken)} places: {', '.join(broken[:5])}", repeat(name))


@pytest.mark.parametrize(("rule", "path", "content"), PLANTED, ids=lambda value: repr(value)[:30])
def test_a_planted_defect_breaks_its_rule_alone(rule: str, path: str, content: bytes) -> None:
    good = {"Makefile": tree.Entry("644", b"all:\n"), "src/a.txt": tree.Entry("644", b"a\n")}

    broken = {name for name, finds in RULES.items() if finds(good | {path: tree.Entry("644", content)})}

    assert broken == {rule}
    assert not any(finds(good) for finds in RULES.values())


@each_combination
def test_no_file_is_ignored_by_the_repository_that_receives_it(name: str, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    work_tree = ["git", f"--git-dir={tmp_path}/.git", f"--work-tree={rendering(name)}"]

    ignored = run([*work_tree, "ls-files", "--others", "--ignored", "--exclude-standard"]).succeeded().out.split()

    if ignored:
        fail(name, ignored[0], "a file that .gitignore leaves alone; updates would lose it", ignored, repeat(name))


@each_combination
def test_no_folder_is_empty(name: str) -> None:
    empty = [str(folder) for folder in rendering(name).rglob("*") if folder.is_dir() and not any(folder.iterdir())]

    assert empty == []


@each_combination
def test_the_answers_file_remembers_every_answer(name: str) -> None:
    given = answers(name)
    visible = {key: given[key] for key in QUESTIONS.visible() if key in given}
    names = ("go_module", "java_package", "language", "python_framework", "service_name")
    fixed = {key: given[key] for key in names if key in given}

    remembered = yaml.safe_load(files(name)[".copier-answers.yml"].content)

    assert remembered == visible | {"_src_path": str(export()), "fixed": fixed}


@pytest.mark.parametrize("name", list(COMBOS)[::20])
def test_rendering_twice_elsewhere_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    template = shutil.copytree(export(), tmp_path / "another place" / "template")
    fast.render(template, tmp_path / "another name", COMBOS[name])

    again = without_source(tree.read(tmp_path / "another name"))

    assert tree.difference(without_source(files(name)), again) == []


@pytest.mark.parametrize("name", VARIED.values())
def test_the_fast_rendering_is_what_copier_renders(name: str, tmp_path: Path) -> None:
    render(template_clone(), tmp_path / "truth", COMBOS[name])

    truth = without_source(tree.read(tmp_path / "truth"))

    assert tree.difference(truth, without_source(files(name))) == []


def test_answers_stand_together_by_twos_and_by_threes_in_some_combination() -> None:
    covered = {group for combo in combos.covering(QUESTIONS) for group in combos.groups_of(combo)}

    assert combos.groups(QUESTIONS) - covered == set()


def test_the_groups_to_cover_are_those_of_the_design() -> None:
    names = [frozenset(name for name, _ in group) for group in combos.groups(QUESTIONS)]

    assert frozenset({"language", "alerts"}) in names
    assert frozenset({"branching", "load_test", "alerts"}) in names
    assert frozenset({"language", "load_test", "alerts"}) not in names


def test_no_combination_holds_a_refused_answer() -> None:
    together = {(combo["artifact"], combo["runtime_version"]) for combo in COMBOS.values()}

    assert ("zip", "26") not in together
    assert {("image", "26"), ("zip", "24")} <= together


def test_another_language_joins_the_combinations_by_itself(tmp_path: Path) -> None:
    template = shutil.copytree(export(), tmp_path / "template")
    add_language(template, "ruby", versions=["4.0", "3.4"])

    later = questions.read(template)
    together = {(combo["language"], combo["runtime_version"]) for combo in combos.covering(later)}
    present = {(combo["language"], combo["runtime_version"]) for combo in combos.covering(QUESTIONS)}

    assert {combo["language"] for combo in combos.product(later)} == {language for language, _ in present} | {"ruby"}
    assert together == present | {("ruby", "4.0"), ("ruby", "3.4")}


def without_source(files: tree.Tree) -> tree.Tree:
    """Leave out the two answers that tell where and from which commit a copy was made."""
    answers = yaml.safe_load(files[".copier-answers.yml"].content)
    kept = {key: value for key, value in answers.items() if key not in {"_src_path", "_commit"}}
    return files | {".copier-answers.yml": tree.Entry("644", repr(kept).encode())}
