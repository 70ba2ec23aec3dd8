"""How the folders of template/ become the paths of a repository."""

import shutil
from pathlib import Path

import pytest
from pathspec import PathSpec

from kit import interview, rooms, tree
from kit.process import run
from kit.renderings import QUESTIONS, answers, each_combination, export, files, rendering, repeat, sources
from kit.report import fail
from kit.template import git
from kit.tools import ROOT

SWITCHES = rooms.switches(QUESTIONS)


def odd_names(template: Path) -> list[str]:
    """Return the sources with a name that Copier would render in a way that we have not proved."""
    return [
        source
        for source in rooms.sources(template)
        if "[[" in rooms.destination(source) or not set(rooms.rooms_of(source)) <= set(SWITCHES)
    ]


def collisions(files: list[str], given: dict[str, object]) -> dict[str, list[str]]:
    """Return the paths that more than one of the files below template/ renders."""
    return {path: found for path, found in rooms.opened(files, given).items() if len(found) > 1}


def test_only_leading_folders_carry_a_condition() -> None:
    assert odd_names(export()) == []


def test_every_switch_has_its_room_and_every_room_its_switch() -> None:
    assert {room for source in rooms.sources(export()) for room in rooms.rooms_of(source)} == set(SWITCHES)


@each_combination
def test_a_switch_is_a_dot_or_nothing(name: str) -> None:
    given = answers(name)

    assert {switch: given[switch] for switch in SWITCHES if given[switch] not in (".", "")} == {}


@each_combination
def test_no_two_sources_render_one_path(name: str) -> None:
    for path, found in collisions(sources(), answers(name)).items():
        fail(name, path, "one source", ", ".join(found), repeat(name))


@each_combination
def test_the_open_rooms_render_exactly_the_repository(name: str) -> None:
    assert set(rooms.opened(sources(), answers(name))) == set(files(name))


def test_a_planted_collision_and_a_planted_condition_are_found(tmp_path: Path) -> None:
    template = shutil.copytree(export(), tmp_path / "template")
    room = template / "template" / "[[[ language_node ]]]"
    (room / "Makefile").write_text("all:\n")
    (room / "[[[ owner ]]].txt").write_text("x\n")

    assert "Makefile" in collisions(rooms.sources(template), QUESTIONS.complete({}))
    assert odd_names(template) == ["[[[ language_node ]]]/[[[ owner ]]].txt"]


def test_no_file_outside_the_template_shadows_one_inside() -> None:
    """Copier skips ``template/README.md`` when the repository itself has a ``README.md.jinja``."""
    tracked = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()

    assert [
        path for path in tracked if path.endswith(".jinja") and not path.startswith(("template/", "includes/"))
    ] == []


def test_git_takes_every_file_of_the_template() -> None:
    """Git obeys a ``.gitignore`` below template/ in this very repository; what it leaves out is never copied."""
    never_copied = [pattern for pattern in interview.load(ROOT)["_exclude"] if "[[[" not in pattern]
    ignored = git(ROOT, "ls-files", "--others", "--ignored", "--exclude-standard", "template").splitlines()

    assert sorted(set(ignored) - set(PathSpec.from_lines("gitignore", never_copied).match_files(ignored))) == []
    assert [source for source in rooms.sources(export()) if Path(source).name == ".gitignore"] == []


def test_the_template_holds_no_links() -> None:
    assert [path for path in (export() / "template").rglob("*") if path.is_symlink()] == []


@each_combination
def test_updates_can_merge_every_file(name: str, tmp_path: Path) -> None:
    """Copier's update is a text patch: what git takes for binary goes back to the template's bytes."""
    git(tmp_path, "init", "--quiet")
    folder = rendering(name)
    paths = [path for path in tree.read(folder) if path != "package-lock.json"]
    ask = ["git", f"--git-dir={tmp_path}/.git", f"--work-tree={folder}", "check-attr", "-z", "diff", "--", *paths]

    attributes = run(ask, cwd=folder).succeeded().out.split("\0")[2::3]

    assert dict(zip(paths, attributes, strict=True)) == dict.fromkeys(paths, "unspecified")
    assert [path for path in paths if b"\0" in files(name)[path].content] == []


@pytest.mark.parametrize(
    ("source", "within", "path"),
    [
        ("Makefile.jinja", [], "Makefile"),
        ("[[[ ci_github ]]]/.github/workflows/ci.yml.jinja", ["ci_github"], ".github/workflows/ci.yml"),
        ("[[[ cloud_aws ]]]/[[[ artifact_zip ]]]/deploy/x.sh", ["cloud_aws", "artifact_zip"], "deploy/x.sh"),
        ("[[[ _copier_conf.answers_file ]]].jinja", [], ".copier-answers.yml"),
    ],
)
def test_a_source_tells_its_rooms_and_its_path(source: str, within: list[str], path: str) -> None:
    assert (rooms.rooms_of(source), rooms.destination(source)) == (within, path)
