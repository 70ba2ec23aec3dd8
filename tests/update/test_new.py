"""``make new``: one service from a clone of the template, whole or not at all."""

import os
import runpy
import shutil
import signal
import sys
from pathlib import Path

import pexpect
import pytest
import yaml

from kit import tree
from kit.process import Outcome, environment, run, start, wait_until
from kit.template import VERSION, commit_all, git, repository
from kit.tools import tool

PATH = f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}"


@pytest.fixture
def clone(template: Path, tmp_path: Path) -> Path:
    """Clone the template as a person does, alone in its folder."""
    folder = tmp_path / "work" / "slipway"
    run(["git", "clone", "--quiet", template, folder]).succeeded()
    return folder


def new(clone: Path, **values: str) -> Outcome:
    env = environment(without=("DEST", "ANSWERS", "VERSION"), PATH=PATH, **values)
    return run([clone / "hooks/new"], cwd=clone, env=env, deadline=120)


def beside(clone: Path) -> list[str]:
    """Return what lies in the folder of the clone, hidden leftovers too."""
    return sorted(entry.name for entry in clone.parent.iterdir())


def answers(service: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((service / ".copier-answers.yml").read_text())
    return found


def test_without_a_terminal_the_defaults_make_a_sibling(clone: Path, template: Path) -> None:
    outcome = new(clone).succeeded()
    service = clone.parent / "my-service"

    assert beside(clone) == ["my-service", "slipway"]
    assert tree.difference(tree.read(repository(template, {})), tree.read(service)) == []
    assert answers(service)["_commit"] == VERSION
    assert f"cd {service}" in outcome.err
    assert "make run" in outcome.err
    assert git(clone, "status", "--porcelain") == ""


def test_answers_and_destination_are_taken(clone: Path) -> None:
    given = {"service_name": "orders-api", "description": "Takes orders, and tracks them", "artifact": "zip"}
    words = " ".join(f"{name}='{value}'" for name, value in given.items())

    new(clone, ANSWERS=words, DEST="../shop/services/orders").succeeded()

    made = answers(clone.parent / "shop/services/orders")
    assert beside(clone) == ["shop", "slipway"]
    assert {name: made[name] for name in given} == given


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("service_name=Orders", "use small letters, digits and single hyphens"),
        ("artifact=zip runtime_version=26", "has no platform for Node.js 26"),
        ("branching=svn", "'svn' is not in"),
        ("colour=red", "'colour=red', which answers no question"),
        ("artifact_zip=.", "'artifact_zip=.', which answers no question"),
        ("zip", "'zip', which answers no question"),
        ("description='Takes orders", "ANSWERS cannot be read: No closing quotation"),
    ],
)
def test_a_bad_answer_is_two_lines_and_no_folder(clone: Path, given: str, sentence: str) -> None:
    outcome = new(clone, ANSWERS=given)

    assert outcome.code == 10
    assert sentence in outcome.err
    assert [line.split()[0] for line in outcome.err.splitlines()] == ["refused", "next"]
    assert beside(clone) == ["slipway"]


@pytest.mark.parametrize(
    ("dest", "sentence"),
    [
        ("../full", "is there and not empty"),
        ("../file", "is there and not empty"),
        ("services/x", "lies inside the template"),
        ("/proc/orders", "No such file or directory"),
    ],
)
def test_a_bad_destination_is_refused_and_left_alone(clone: Path, dest: str, sentence: str) -> None:
    (clone.parent / "full").mkdir()
    (clone.parent / "full/own.txt").write_text("own\n")
    (clone.parent / "file").write_text("own\n")
    before = tree.read(clone.parent)

    outcome = new(clone, DEST=dest)

    assert outcome.code == 10
    assert sentence in outcome.err
    assert tree.read(clone.parent) == before


def test_an_empty_destination_is_taken(clone: Path) -> None:
    (clone.parent / "empty").mkdir()

    new(clone, DEST="../empty").succeeded()

    assert "service_name" in answers(clone.parent / "empty")


def test_an_origin_that_has_the_commit_is_where_updates_come_from(clone: Path) -> None:
    git(clone, "config", "remote.origin.url", "https://someone:not-a-secret@git.example.com/platform/slipway")

    outcome = new(clone).succeeded()

    assert answers(clone.parent / "my-service")["_src_path"] == "git+https://git.example.com/platform/slipway"
    assert "will read from" not in outcome.err
    assert not any(b"not-a-secret" in entry.content for entry in tree.read(clone.parent / "my-service").values())
    assert not list(Path(os.environ["COPIER_CACHE_DIR"]).glob("*.git"))


def test_a_commit_of_ones_own_is_rendered_and_named(clone: Path) -> None:
    git(clone, "tag", "--delete", VERSION)
    (clone / "template/own.txt").write_text("own\n")
    commit_all(clone, "Our own file")
    (clone / "template/unfinished.txt").write_text("not committed\n")

    outcome = new(clone).succeeded()
    service = clone.parent / "my-service"
    commit_all(service, "Begin with Slipway")

    assert answers(service)["_src_path"] == str(clone)
    assert f"updates of the service will read from {clone}" in outcome.err
    assert (service / "own.txt").exists()
    assert not (service / "unfinished.txt").exists()
    run([tool("copier"), "check-update", service]).succeeded()


def test_the_newest_release_is_taken_unless_a_version_is_named(clone: Path) -> None:
    (clone / "template/own.txt").write_text("own\n")
    commit_all(clone, "After the release")

    new(clone, DEST="../released").succeeded()
    new(clone, DEST="../head", VERSION="HEAD").succeeded()
    refused = new(clone, DEST="../none", VERSION="v0.0.0")

    assert answers(clone.parent / "released")["_commit"] == VERSION
    assert not (clone.parent / "released/own.txt").exists()
    assert (clone.parent / "head/own.txt").exists()
    assert refused.code == 10
    assert "VERSION=v0.0.0 is no version of this clone" in refused.err


def test_a_folder_that_is_no_clone_is_refused(clone: Path) -> None:
    shutil.rmtree(clone / ".git")

    outcome = new(clone)

    assert outcome.code == 10
    assert "is no git clone" in outcome.err
    assert beside(clone) == ["slipway"]


@pytest.mark.parametrize(("number", "left"), [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, 1)])
def test_a_stopped_copy_leaves_no_service(clone: Path, number: signal.Signals, left: int) -> None:
    with start([clone / "hooks/new"], cwd=clone, env=environment(PATH=PATH)) as running:
        wait_until(lambda: list(clone.parent.glob(".my-service-*/service/*")), "the first file is written", deadline=60)
        running.signal(number)
        code = running.wait(20)

    assert code == (-9 if number == signal.SIGKILL else 130)
    assert not (clone.parent / "my-service").exists()
    assert len(list(clone.parent.glob(".my-service-*"))) == left


def test_on_a_terminal_it_asks(clone: Path) -> None:
    terminal = pexpect.spawn(
        str(clone / "hooks/new"), cwd=str(clone), env=environment(PATH=PATH), timeout=60, encoding="utf-8"
    )
    for question, keys in {
        "Name of the service": "\x15orders\r",
        "What the service does": "\r",
        "Team or organisation": "\r",
        "Language of the service": "\r",
        "Change the details": "n",
    }.items():
        terminal.expect(question)
        terminal.send(keys)
    terminal.expect("make setup")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 0
    assert answers(clone.parent / "orders")["service_name"] == "orders"


def test_a_person_who_stops_gets_no_folder(clone: Path) -> None:
    terminal = pexpect.spawn(
        str(clone / "hooks/new"), cwd=str(clone), env=environment(PATH=PATH), timeout=60, encoding="utf-8"
    )
    terminal.expect("What the service does|Name of the service")
    terminal.sendintr()
    terminal.expect("stopped")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 130
    assert beside(clone) == ["slipway"]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://git.example.com/a/b.git", "https://git.example.com/a/b.git"),
        ("https://git.example.com/a/b", "git+https://git.example.com/a/b"),
        ("https://me:token@git.example.com/a/b.git", "https://git.example.com/a/b.git"),
        ("https://token@git.example.com:8443/a/b", "git+https://git.example.com:8443/a/b"),
        ("git@git.example.com:a/b.git", "git@git.example.com:a/b.git"),
        ("ssh://git@git.example.com/a/b.git", "ssh://git@git.example.com/a/b.git"),
        ("/srv/git/b.git", "/srv/git/b.git"),
        ("../b", ""),
        ("", ""),
    ],
)
def test_an_address_is_kept_without_secrets(clone: Path, url: str, kept: str) -> None:
    assert runpy.run_path(str(clone / "hooks/new"))["without_secrets"](url) == kept
