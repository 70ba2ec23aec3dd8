"""Each answer is refused with a sentence before anything is written, or it is harmless in every file."""

import datetime as dt
import functools
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from hostile.shapes import harm
from kit import fast, tree
from kit.process import run
from kit.renderings import QUESTIONS, export
from kit.template import commit_all, git
from kit.tools import ROOT, tool
from kit.updates import bring_up_to_date

FREE = ("service_name", "description", "owner")
CHOSEN = [name for name in QUESTIONS.choosing() if name != "details"]
HIDDEN = [name for name in QUESTIONS.details if name not in QUESTIONS.visible()]
PLAIN = {"service_name": "plain-name", "description": "Plain words", "owner": "plain-owner"}
LONG = {"a word of ten thousand letters": "a" * 10_000}
BAD: dict[str, str] = yaml.safe_load((ROOT / "tests/hostile/bad.yml").read_text()) | LONG
GOOD: dict[str, list[str]] = yaml.safe_load((ROOT / "tests/hostile/good.yml").read_text())
# Some of each kind, for the ways in that take a second each.
SOME = ["empty", "trailing newline", "a command in quotes", "our delimiters", "a right-to-left mark", "true in YAML"]
ODD_TYPES = [["a"], {"a": "b"}, None, 42, 1.5, True, dt.date(2026, 11, 24)]
EDITED = [
    *(("service_name", BAD[bad]) for bad in SOME),
    ("service_name", "another-name"),
    ("description", BAD["a command in quotes"]),
    ("description", BAD["a right-to-left mark"]),
    ("owner", BAD["a path upwards"]),
    ("language", "cobol"),
    ("artifact", "tarball"),
]

each_bad = pytest.mark.parametrize("bad", BAD)


@functools.cache
def plain(folder: Path, language: str = "node") -> tree.Tree:
    if not (folder / language).exists():
        fast.render(export(), folder / language, {**PLAIN, "language": language})
    return tree.read(folder / language)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder for the rendering of plain answers."""
    return tmp_path_factory.mktemp("plain")


def packages(answers: Mapping[str, str], language: str) -> dict[str, tuple[str, str]]:
    """Return what follows from answers in Java, as code and as folders have it: for the plain ones and for others."""
    if language != "java":
        return {}
    java = PLAIN | {"language": "java"}
    plain, other = (str(QUESTIONS.complete({**java, **some})["java_package"]) for some in ({}, answers))
    return {"java_package": (plain, other), "its folder": (plain.replace(".", "/"), other.replace(".", "/"))}


def check(answers: Mapping[str, str], shared: Path, folder: Path, language: str = "node") -> str:
    """Copy with some answers; return the sentence that refuses them, or "" after a look at every file."""
    try:
        fast.render(export(), folder / "copy", {**PLAIN, **answers, "language": language})
    except ValueError as error:
        assert not (folder / "copy").exists()
        return str(error)
    places = {name: (PLAIN[name], answer) for name, answer in answers.items()} | packages(answers, language)
    assert harm(plain(shared, language), tree.read(folder / "copy"), places) == []
    remembered = yaml.safe_load((folder / "copy/.copier-answers.yml").read_text())
    assert {name: remembered[name] for name in answers} == answers
    return ""


def shown(answer: str) -> str:
    """Return an answer as a refusal shows it: the first of it, every odd character escaped."""
    return json.dumps(answer if len(answer) <= 40 else answer[:37] + "...")


@each_bad
@pytest.mark.parametrize("name", FREE)
def test_a_bad_text_is_refused_or_harmless(name: str, bad: str, shared: Path, tmp_path: Path) -> None:
    refusal = check({name: BAD[bad]}, shared, tmp_path)

    if refusal:
        assert refusal.startswith(f"Validation error for question '{name}': {shown(BAD[bad])}: ")
        assert re.search(r"because .*; such as |meaning of its own; such as |1 to 120 characters, such as ", refusal)
        assert refusal.isprintable()
    assert not list(tmp_path.rglob("planted"))


@each_bad
def test_a_bad_slug_is_always_refused(bad: str) -> None:
    assert all(QUESTIONS.refusal(name, BAD[bad], {}) for name in ("service_name", "owner", "go_module"))


@pytest.mark.parametrize(
    "bad", [*BAD.values(), "orders", "com.example.new", "com.true.orders", "java.orders", "com..orders", "com.Orders"]
)
def test_a_bad_java_package_is_refused(bad: str) -> None:
    refusal = QUESTIONS.refusal("java_package", bad, QUESTIONS.complete({"language": "java"}))

    assert refusal.startswith(f"Validation error for question 'java_package': {shown(bad)}: use ")
    assert "; such as com.example.orders" in refusal


@pytest.mark.parametrize(
    ("owner", "package"), [("my-team", "io.github.myteam.ordersapi"), ("new", "io.github.new_.ordersapi")]
)
def test_the_java_package_follows_from_owner_and_name(owner: str, package: str) -> None:
    answers = QUESTIONS.complete({"language": "java", "owner": owner, "service_name": "orders-api"})

    assert answers["java_package"] == package
    assert not QUESTIONS.refusal("java_package", package, answers)


@pytest.mark.parametrize("language", QUESTIONS.accepted("language", {}))
@pytest.mark.parametrize("at", range(max(map(len, GOOD.values()))))
def test_good_texts_are_taken(at: int, language: str, shared: Path, tmp_path: Path) -> None:
    answers = {name: good[at % len(good)] for name, good in GOOD.items()}

    assert check(answers, shared, tmp_path, language) == ""


@each_bad
def test_a_bad_choice_is_refused(bad: str) -> None:
    answers = QUESTIONS.complete({})
    taken = [name for name in CHOSEN if not QUESTIONS.refusal(name, BAD[bad], answers)]

    assert taken == (["load_test"] if BAD[bad] == "none" else [])


@pytest.mark.parametrize("bad", SOME)
def test_a_bad_yes_or_no_is_one_of_both(bad: str, shared: Path, tmp_path: Path) -> None:
    fast.render(export(), tmp_path / "copy", PLAIN | {"details": BAD[bad]})

    remembered = yaml.safe_load((tmp_path / "copy/.copier-answers.yml").read_text())["details"]

    assert isinstance(remembered, bool)
    assert [path for path, entry in tree.read(tmp_path / "copy").items() if entry != plain(shared)[path]] in (
        [],
        [".copier-answers.yml"],
    )


@each_bad
def test_a_bad_hidden_answer_is_refused(bad: str) -> None:
    answers = QUESTIONS.complete({})
    taken = {name for name in HIDDEN if not QUESTIONS.refusal(name, BAD[bad], answers)}

    assert taken == {name for name in HIDDEN if answers[name] == BAD[bad]}


@pytest.mark.parametrize("bad", SOME)
@pytest.mark.parametrize("name", ["service_name", "artifact_image"])
def test_the_command_line_refuses(name: str, bad: str, tmp_path: Path) -> None:
    outcome = run([tool("copier"), "copy", "--defaults", "-d", f"{name}={BAD[bad]}", export(), tmp_path / "copy"])

    assert outcome.code == 1
    assert f"'{name}': " in outcome.err.splitlines()[-1]
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("name", FREE)
@pytest.mark.parametrize("value", ODD_TYPES, ids=repr)
def test_a_value_that_is_no_text_is_refused_or_harmless(name: str, value: object, shared: Path, tmp_path: Path) -> None:
    (tmp_path / "data.yml").write_text(yaml.safe_dump(PLAIN | {name: value}))
    data = yaml.safe_load((tmp_path / "data.yml").read_text())

    try:
        fast.render(export(), tmp_path / "copy", data)
    except (ValueError, TypeError):
        assert not (tmp_path / "copy").exists()
        return
    assert harm(plain(shared), tree.read(tmp_path / "copy"), {name: (PLAIN[name], str(value))}) == []


def test_a_data_file_is_refused_as_the_command_line_is(tmp_path: Path) -> None:
    data = tmp_path / "data.yml"
    data.write_text("artifact: tarball\n")

    outcome = run([tool("copier"), "copy", "--defaults", "--data-file", data, export(), tmp_path / "copy"])

    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].endswith("'artifact': 'tarball' is not in ['image', 'zip']")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(("name", "value"), EDITED, ids=lambda value: repr(value)[:30])
def test_an_update_refuses_an_edited_answers_file(name: str, value: str, scratch: Callable[..., Path]) -> None:
    service = scratch()
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text())
    (service / ".copier-answers.yml").write_text(yaml.safe_dump(answers | {name: value}))
    commit_all(service, "Edit an answer by hand")

    with pytest.raises(ValueError, match=f"'{name}': "):
        bring_up_to_date(service)

    assert git(service, "status", "--porcelain") == ""


def test_harm_is_found(shared: Path) -> None:
    good = plain(shared)
    answers = {"owner": ("plain-owner", "orders")}

    def instead(path: str, old: str, new: str) -> tree.Tree:
        assert old in good[path].text
        return good | {path: tree.Entry(good[path].mode, good[path].text.replace(old, new).encode())}

    assert harm(good, instead("CODEOWNERS", "plain-owner", "orders"), answers) == []
    assert harm(good, instead("CODEOWNERS", "@plain-owner", "@orders\n* @evil"), answers)
    assert harm(good, instead("package.json", '"plain-name"', '"plain-name", "evil": "x"'), answers)
    assert harm(good, instead("compose.yaml", "plain-name", "plain-name\nevil: x"), answers)
    assert harm(good, instead("compose.yaml", "name: plain-name", "name: 012"), {"service_name": ("plain-name", "012")})
    assert harm(good, good | {"planted": good["Makefile"]}, answers) == ["other files: ['planted']"]
