"""The questionnaire on a real terminal, answered by hand."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pexpect
import pytest
import yaml

from kit import tree
from kit.process import environment
from kit.renderings import QUESTIONS
from kit.template import Answers, repository
from kit.tools import PROGRAMS, tool

CLEAR = "\x15"  # Ctrl-U empties the line, which holds the default
DOWN = "\x1b[B"
ENTER = "\r"
SPACE = " "  # chooses one of several, or no longer
Terminal: TypeAlias = "pexpect.spawn[str]"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# For each question: what somebody types, the words that refuse it, what they type then.
ATTEMPTS = {
    "careless": {
        "service_name": ("Orders", '"Orders": use small letters, digits and single hyphens, 2 to 28', "orders"),
        "description": ("ord\u202eers", r'"ord\u202eers": leave out invisible characters', "Takes orders"),
        "owner": ("größe", r'"gr\u00f6\u00dfe": use small letters', "groesse"),
    },
    "hostile": {
        "service_name": ("true", '"true": choose another word, because YAML', "truth"),
        "description": ('a"; touch planted; "', "leave out invisible characters, line ends, quotes", "Takes orders"),
        "owner": ("../x", '"../x": use small letters', "shop"),
    },
}


def help_of(question: str) -> str:
    """Return the first words of a question's help, few enough to stand in one line of the terminal."""
    return re.escape(" ".join(str(QUESTIONS.details[question]["help"]).split()[:5]))


def answer(terminal: Terminal, question: str, keys: str) -> None:
    """Wait for a question and type."""
    terminal.expect(help_of(question))
    terminal.send(keys)


def sees(terminal: Terminal, words: str) -> None:
    """Wait for words, which the terminal may break over lines."""
    terminal.expect(r"\s+".join(map(re.escape, words.split())))


@contextmanager
def asked(template: Path, destination: Path, copier: Path = PROGRAMS / "copier") -> Iterator[Terminal]:
    """Run `copier copy` on a wide terminal until the block ends."""
    terminal = pexpect.spawn(
        str(copier),
        ["copy", str(template), str(destination)],
        env=environment(TERM="xterm", COLUMNS="200", PROMPT_TOOLKIT_NO_CPR="1"),  # nobody answers where the cursor is
        dimensions=(50, 200),
        encoding="utf-8",
        timeout=30,
    )
    try:
        yield terminal
    finally:
        terminal.close(force=True)


def ended(terminal: Terminal) -> str:
    """Wait for the end, which must be a success, and return the last words."""
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    return ESCAPES.sub("", terminal.before or "")


def same(template: Path, answers: Answers, copy: Path) -> list[str]:
    return tree.difference(tree.read(repository(template, answers)), tree.read(copy))


def test_enter_alone_takes_every_default(template: Path, tmp_path: Path) -> None:
    with asked(template, tmp_path / "copy", tool("copier")) as terminal:
        for question in ("service_name", "description", "owner", "language"):
            answer(terminal, question, ENTER)
        answer(terminal, "details", "n")
        last_words = ended(terminal)

    assert same(template, {}, tmp_path / "copy") == []
    assert f"cd {tmp_path / 'copy'} && git init -b main" in last_words
    assert re.search(r"make setup\s+make run", last_words)
    assert "so that images are published" in last_words


def test_a_language_with_several_frameworks_asks_for_one(template: Path, tmp_path: Path) -> None:
    with asked(template, tmp_path / "copy") as terminal:
        for question in ("service_name", "description", "owner"):
            answer(terminal, question, ENTER)
        answer(terminal, "language", DOWN + ENTER)
        answer(terminal, "python_framework", DOWN + ENTER)
        answer(terminal, "details", "n")
        ended(terminal)

    assert same(template, {"language": "python", "python_framework": "flask"}, tmp_path / "copy") == []


def test_details_open_the_other_questions(template: Path, tmp_path: Path) -> None:
    with asked(template, tmp_path / "copy") as terminal:
        answer(terminal, "service_name", CLEAR + "orders-api" + ENTER)
        answer(terminal, "description", CLEAR + "Takes orders, tracks them" + ENTER)
        answer(terminal, "owner", CLEAR + "shop" + ENTER)
        answer(terminal, "language", ENTER)
        answer(terminal, "details", "y")
        answer(terminal, "runtime_version", DOWN + DOWN + ENTER)
        answer(terminal, "artifact", DOWN + ENTER)
        answer(terminal, "deployment_strategy", DOWN + ENTER)
        answer(terminal, "branching", DOWN + ENTER)
        answer(terminal, "load_test", DOWN + ENTER)
        answer(terminal, "metrics", DOWN + ENTER)
        answer(terminal, "alerts", SPACE + ENTER + DOWN + SPACE + DOWN + SPACE + ENTER)  # the first enter has nothing
        last_words = ended(terminal)

    answers = {
        "service_name": "orders-api",
        "description": "Takes orders, tracks them",
        "owner": "shop",
        "details": True,
        "runtime_version": "22",
        "artifact": "zip",
        "deployment_strategy": "blue-green",
        "branching": "gitflow",
        "load_test": "none",
        "metrics": "cloud",
        "alerts": ["slack", "pagerduty"],
    }
    assert same(template, answers, tmp_path / "copy") == []
    assert "git init -b develop" in last_words
    assert "so that bundles are published" in last_words


def test_a_bundle_for_node_26_is_greyed_out_with_the_reason(template: Path, tmp_path: Path) -> None:
    with asked(template, tmp_path / "copy") as terminal:
        for question in ("service_name", "description", "owner", "language"):
            answer(terminal, question, ENTER)
        answer(terminal, "details", "y")
        answer(terminal, "runtime_version", DOWN + ENTER)
        sees(terminal, "Elastic Beanstalk has no platform for Node.js 26; choose image, or Node.js 24 or 22")
        terminal.send(DOWN + ENTER)
        answer(terminal, "deployment_strategy", ENTER)
        answer(terminal, "branching", ENTER)
        for question in ("load_test", "metrics", "alerts"):
            answer(terminal, question, ENTER)
        ended(terminal)

    answers = yaml.safe_load((tmp_path / "copy/.copier-answers.yml").read_text())
    assert (answers["runtime_version"], answers["artifact"]) == ("26", "image")


@pytest.mark.parametrize("person", ATTEMPTS)
def test_a_bad_answer_is_refused_with_its_sentence_and_asked_again(person: str, template: Path, tmp_path: Path) -> None:
    with asked(template, tmp_path / "copy") as terminal:
        for question, (bad, words, good) in ATTEMPTS[person].items():
            answer(terminal, question, CLEAR + bad + ENTER)
            sees(terminal, words)
            terminal.send(CLEAR + good + ENTER)
        answer(terminal, "language", ENTER)
        answer(terminal, "details", "n")
        ended(terminal)

    taken = {question: good for question, (_, _, good) in ATTEMPTS[person].items()}
    assert same(template, taken, tmp_path / "copy") == []


def test_who_stops_gets_nothing(template: Path, tmp_path: Path) -> None:
    with asked(template, tmp_path / "copy") as terminal:
        answer(terminal, "service_name", ENTER)
        terminal.expect(help_of("description"))
        terminal.sendintr()
        terminal.expect("Execution stopped by user")
        terminal.expect(pexpect.EOF)

    assert terminal.exitstatus == 1
    assert not (tmp_path / "copy").exists()
