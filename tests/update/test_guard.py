"""``make template-update`` in the generated repository: what it refuses, does, reports, and how to get back."""

import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pexpect
import pytest

from kit import tree
from kit.process import Outcome, environment, run, start, wait_until
from kit.releases import BETWEEN, OLDER, fresh, made_releases
from kit.template import VERSION, commit_all, git
from kit.tools import PROGRAMS
from kit.updates import NO_ANSWERS, update
from update.edits import EDITS

GUARD = "scripts/template-update"
UNCHANGED = f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}"
PATH = f"{PROGRAMS}:{UNCHANGED}"
WAY_BACK = "git reset --hard && git clean -fd"


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Make a repository of the older release, committed, with a file that git ignores."""
    repository = shutil.copytree(fresh(made_releases(), OLDER, NO_ANSWERS), tmp_path / "service", symlinks=True)
    (repository / ".env").write_text("LOG_LEVEL=debug\n")
    return repository


def edit(repository: Path, *names: str) -> None:
    """Do some of the edits and commit them."""
    for chosen in EDITS:
        if chosen.name in names:
            chosen.do(repository)
    commit_all(repository, "Our own work")


def guard(repository: Path, *options: str, path: str = PATH) -> Outcome:
    return run([repository / GUARD, *options], cwd=repository, env=environment(PATH=path), deadline=120)


def lines(outcome: Outcome, word: str) -> list[str]:
    """Return what the guard said after ``word``, one entry a line."""
    return [line.removeprefix(word).strip() for line in outcome.err.splitlines() if line.startswith(word)]


def test_a_clean_update_says_from_where_to_where(service: Path) -> None:
    outcome = guard(service, "--vcs-ref", BETWEEN)

    assert lines(outcome, "updated") == [f"{OLDER} -> {BETWEEN}"]
    assert lines(outcome, "conflict") == lines(outcome, "rejected") == []
    assert outcome.code == (1 if lines(outcome, "lock") else 0)
    assert "Traceback" not in outcome.err


def test_it_gives_what_the_other_tests_look_at(service: Path) -> None:
    """They use Copier with its repeated work remembered; the guard calls the unchanged one."""
    guard(service, path=UNCHANGED)

    assert tree.difference(update(OLDER).result, tree.read(service)) == [".env was added"]


def test_a_switch_alone_is_clean(service: Path) -> None:
    outcome = guard(service, "--vcs-ref", OLDER, "-d", "branching=gitflow").succeeded()

    assert lines(outcome, "updated") == [f"{OLDER} -> {OLDER}"]
    assert "develop" in (service / ".github/workflows/ci.yml").read_text()


def test_make_passes_its_arguments_on(service: Path) -> None:
    call = ["make", "template-update", f"ARGS=--vcs-ref {OLDER} -d load_test=none"]

    outcome = run(call, cwd=service, env=environment(PATH=PATH), deadline=120).succeeded()

    assert lines(outcome, "deleted") == [
        f"{path}; to keep it: git checkout HEAD -- {path}" for path in ("scripts/load", "tests/load/items.js")
    ]


def test_without_a_newer_template_nothing_happens(service: Path) -> None:
    outcome = guard(service, "--vcs-ref", OLDER).succeeded()

    assert lines(outcome, "unchanged") == [f"{OLDER} is the newest template, and the answers are the same"]


def test_it_names_conflicts_and_the_lock_to_refresh(service: Path) -> None:
    edit(service, "same-line", "stage", "readme")

    outcome = guard(service)

    assert outcome.code == 1
    assert [line.partition(":")[0] for line in lines(outcome, "conflict")] == ["Dockerfile", "compose.yaml"]
    assert lines(outcome, "lock") == ["package.json changed; refresh the lock file: make lock"]
    assert lines(outcome, "updated") == [f"{OLDER} -> {VERSION}"]


def test_it_names_changes_that_did_not_fit(service: Path) -> None:
    edit(service, "same-line")

    outcome = guard(service, "--conflict", "rej")

    assert outcome.code == 1
    assert [line.partition(":")[0] for line in lines(outcome, "rejected")] == ["compose.yaml.rej"]


def test_it_marks_a_deleted_file_that_the_team_had_changed_and_restores_it(service: Path) -> None:
    script = service / "scripts/doctor"
    script.write_text(script.read_text() + "echo USER\n")
    commit = commit_all(service, "Our doctor")

    outcome = guard(service)
    [line] = lines(outcome, "deleted")
    gone = not script.exists()
    run(["bash", "-c", line.partition("to keep it: ")[2]], cwd=service).succeeded()

    assert outcome.code == 1
    assert re.match(rf"scripts/doctor, WHICH YOU CHANGED in {commit[:7]}[0-9a-f]*; ", line)
    assert gone
    assert script.read_text().endswith("echo USER\n")


def test_edits_older_than_the_last_update_count_too(service: Path) -> None:
    script = service / "scripts/doctor"
    script.write_text(script.read_text() + "echo USER\n")
    commit_all(service, "Our doctor")
    guard(service, "--vcs-ref", OLDER, "-d", "branching=gitflow").succeeded()
    commit_all(service, "Answer anew")

    assert "WHICH YOU CHANGED" in "".join(lines(guard(service), "deleted"))


def test_a_deleted_file_that_nobody_changed_is_named_too(service: Path) -> None:
    assert lines(guard(service), "deleted") == ["scripts/doctor; to keep it: git checkout HEAD -- scripts/doctor"]


def test_a_switch_names_every_file_that_it_deletes(service: Path) -> None:
    before = tree.read(service)

    outcome = guard(service, "-d", "artifact=zip", "-d", "load_test=none")

    deleted = set(before) - set(tree.read(service))
    assert len(deleted) > 3
    assert {line.partition(";")[0] for line in lines(outcome, "deleted")} == deleted


def test_the_way_back_that_it_names_gives_everything_back(service: Path) -> None:
    edit(service, "same-line", "same-path", "handed-over")
    before = tree.read(service)

    outcome = guard(service)
    changed = tree.difference(before, tree.read(service))
    run(["bash", "-c", lines(outcome, "way back")[0].partition(";")[0]], cwd=service).succeeded()

    assert lines(outcome, "way back")[0].startswith(WAY_BACK + ";")
    assert len(changed) > 5
    assert tree.read(service) == before


@pytest.mark.parametrize("state", ["changed", "untracked", "staged"])
def test_it_refuses_a_tree_with_changes(service: Path, state: str) -> None:
    (service / ("note.txt" if state == "untracked" else "README.md")).write_text("USER\n")
    if state == "staged":
        git(service, "add", "--all")
    before = tree.read(service)

    outcome = guard(service)

    assert outcome.code == 10
    assert lines(outcome, "refused")[0].startswith("there are changes without a commit")
    assert lines(outcome, "next") == [f"git commit or git stash -u; if an update was interrupted: {WAY_BACK}"]
    assert tree.read(service) == before


def test_it_refuses_a_folder_without_git(service: Path) -> None:
    shutil.rmtree(service / ".git")

    outcome = guard(service)

    assert outcome.code == 10
    assert lines(outcome, "refused") == ["this folder is no git repository with a commit"]
    assert lines(outcome, "next")[0].startswith("git init && git add .")


def test_it_refuses_a_repository_without_answers(service: Path) -> None:
    git(service, "rm", "--quiet", "--cached", ".copier-answers.yml")
    commit_all(service.parent, "The service as a part of another repository, without its answers")
    git(service, "commit", "--quiet", "--message", "Lose the answers")

    outcome = guard(service)

    assert outcome.code == 10
    assert lines(outcome, "refused")[0].startswith(".copier-answers.yml is not in git")


@pytest.mark.parametrize("option", ["service_name=orders", "artifact=tarball", "owner=A", "runtime_version=21"])
def test_a_refused_answer_is_one_sentence(service: Path, option: str) -> None:
    before = tree.read(service)

    outcome = guard(service, "-d", option)

    assert outcome.code == 10
    assert option.partition("=")[0] in lines(outcome, "refused")[0]
    assert len(outcome.err.splitlines()) == 2
    assert tree.read(service) == before


def test_an_update_that_fails_is_undone(service: Path) -> None:
    answers = service / ".copier-answers.yml"
    answers.write_text(re.sub("_src_path: .*", "_src_path: /nowhere/template", answers.read_text()))
    commit_all(service, "Point elsewhere")
    before = tree.read(service)

    outcome = guard(service)

    assert outcome.code == 20
    assert lines(outcome, "failed")[0]
    assert lines(outcome, "undone") == [f"everything is as it was at {OLDER}"]
    assert tree.read(service) == before
    assert git(service, "status", "--porcelain") == ""


def test_what_copier_warns_of_is_shown(service: Path, tmp_path: Path) -> None:
    template = shutil.copytree(made_releases(), tmp_path / "template", symlinks=True)
    git(template, "tag", "--delete", *git(template, "tag").split())
    (template / "template/unfinished.txt").write_text("not committed\n")
    answers = service / ".copier-answers.yml"
    answers.write_text(re.sub("_src_path: .*", f"_src_path: {template}", answers.read_text()))
    answers.write_text(
        re.sub("_commit: .*", f"_commit: {git(template, 'rev-parse', 'HEAD^').strip()}", answers.read_text())
    )
    commit_all(service, "Update from a checkout")

    assert lines(guard(service), "warning") == ["Dirty template changes included automatically."]


def test_a_stopped_update_is_undone(service: Path) -> None:
    before = tree.read(service)

    with start([service / GUARD], cwd=service, env=environment(PATH=PATH)) as running:
        wait_until(
            lambda: git(service, "--no-optional-locks", "status", "--porcelain"),
            "the update has begun to write",
            deadline=60,
        )
        os.killpg(running.pid, signal.SIGTERM)
        code = running.wait(60)

    assert code == 20
    assert tree.read(service) == before


def test_it_works_in_a_folder_of_a_larger_repository(service: Path) -> None:
    shutil.rmtree(service / ".git")
    (service.parent / "other.txt").write_text("of another project\n")
    commit_all(service.parent, "Two projects")

    outcome = guard(service)

    assert outcome.code == 1
    assert lines(outcome, "updated") == [f"{OLDER} -> {VERSION}"]
    assert lines(outcome, "deleted") == ["scripts/doctor; to keep it: git checkout HEAD -- scripts/doctor"]


def test_on_a_terminal_it_asks_and_a_person_may_stop(service: Path) -> None:
    before = tree.read(service)
    terminal = pexpect.spawn(
        str(service / GUARD), cwd=str(service), env=environment(PATH=PATH), timeout=60, encoding="utf-8"
    )

    terminal.expect("Name of the service")
    terminal.sendintr()
    terminal.expect("undone")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 20
    assert tree.read(service) == before
