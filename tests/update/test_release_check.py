"""`hooks/release-check`: what an update from the last release would break is named before it is released."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.process import Outcome, run
from kit.template import commit_all, git

ROOM = "template/[[[ language_node ]]]"
RELEASE = "v1.0.0"
GIVEN = """"[[[ 'compose.yaml' if _copier_operation == 'update' else '' ]]]\""""


def swap(path: str, old: str, new: str) -> Callable[[Path], object]:
    """Return a change that replaces the one ``old`` of a file."""

    def do(root: Path) -> None:
        text = (root / path).read_text()
        assert text.count(old) == 1, f"{path} says {old!r} {text.count(old)} times"
        (root / path).write_text(text.replace(old, new))

    return do


def hand_over(root: Path) -> None:
    """Move a file as docs/releasing.md says."""
    (root / "template/scripts/with-database").rename(root / "template/scripts/database")
    swap("hooks/handovers.yml", "_exclude: []", "_exclude:\n  - scripts/with-database # 2.0.0, now scripts/database")(
        root
    )


def make_a_folder_of_a_file(root: Path) -> None:
    (root / ROOM / "Procfile").unlink()
    (root / ROOM / "Procfile").mkdir()
    (root / ROOM / "Procfile" / "web").write_text("node src/server.ts\n")


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file disappears": (
        lambda root: (root / "template/.editorconfig.jinja").unlink(),
        ".editorconfig would be deleted, edits included",
    ),
    "a file moves": (
        lambda root: (root / ROOM / "src/log.ts").rename(root / ROOM / "src/logging.ts"),
        "src/log.ts would be deleted, edits included; hooks/handovers.yml wants the line `- src/log.ts`",
    ),
    "a managed file becomes the team's": (
        swap("includes/seeded.jinja", "- /README.md", "- /README.md\n- compose.yaml"),
        """hooks/handovers.yml wants the line `- "[[[ 'compose.yaml' if _copier_operation == 'update' else '' ]]]"`""",
    ),
    "a file becomes a folder": (make_a_folder_of_a_file, "Procfile is a file in one version and a folder in the other"),
    "a path is handed over and rendered": (
        swap("hooks/handovers.yml", "_exclude: []", "_exclude: [Makefile]"),
        "Makefile is handed over and still rendered",
    ),
    "a version is taken away": (
        swap("includes/languages/node.yml", 'versions: ["24", "26", "22"]', 'versions: ["24", "26"]'),
        "-22-image-",
    ),
    "a name gets shorter": (
        swap("includes/refusals.jinja", "'service_name', value, 28,", "'service_name', value, 20,"),
        "service_name 'my-very-long-service-name-28' is refused now",
    ),
    "a question has no default": (
        swap("copier.yml", "  default: A backend service\n", ""),
        "description has no default",
    ),
    "an answer gets another type": (
        swap("copier.yml", "details:\n  type: bool", "details:\n  type: str"),
        "details went from bool to str",
    ),
    "what is held back needs a new answer": (
        lambda root: (
            swap("copier.yml", '- "[[[ seeded |', '- "[[[ given_once |')(root),
            swap("copier.yml", "\nseeded:\n", "\ngiven_once:\n")(root),
        ),
        "_exclude reads given_once, which the old version lacks",
    ),
}
FIT: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing changes": (lambda _: None, ""),
    "a file comes": (
        lambda root: (root / "template/docs.md").write_text("# Documents\n"),
        "docs.md is new",
    ),
    "a file moves and is handed over": (hand_over, "scripts/database is new"),
    "a managed file becomes the team's and is handed over": (
        lambda root: (
            swap("includes/seeded.jinja", "- /README.md", "- /README.md\n- compose.yaml")(root),
            swap("hooks/handovers.yml", "_exclude: []", f"_exclude:\n  - {GIVEN}")(root),
        ),
        "",
    ),
    "a name may be longer": (
        swap("includes/refusals.jinja", "'service_name', value, 28,", "'service_name', value, 30,"),
        "",
    ),
    "another default": (
        swap("copier.yml", "  default: A backend service\n", "  default: A service\n"),
        "description has another default, for new repositories alone",
    ),
}


@pytest.fixture
def released(template: Path, tmp_path: Path) -> Path:
    """Clone the template and release what it is."""
    clone = tmp_path / "slipway"
    run(["git", "clone", "--quiet", template, clone]).succeeded()
    git(clone, "tag", "--delete", *git(clone, "tag").split())
    git(clone, "tag", RELEASE)
    return clone


def check(root: Path, *tag: str) -> Outcome:
    return run([sys.executable, root / "hooks/release-check", *tag], cwd=root, deadline=120)


@pytest.mark.parametrize("change", BROKEN)
def test_what_would_break_updates_is_named(released: Path, change: str) -> None:
    do, sentence = BROKEN[change]
    do(released)

    outcome = check(released)

    assert outcome.code == 1
    assert any(line.startswith("broken") and sentence in line for line in outcome.out.splitlines())


@pytest.mark.parametrize("change", FIT)
def test_what_breaks_nothing_passes_and_is_noted(released: Path, change: str) -> None:
    do, sentence = FIT[change]
    do(released)

    outcome = check(released).succeeded()

    assert outcome.out.startswith(f"compared   {RELEASE} with the working tree\n")
    assert sentence in outcome.out
    assert "broken" not in outcome.out


def test_before_the_first_release_nothing_can_break(released: Path) -> None:
    git(released, "tag", "--delete", RELEASE)

    assert check(released).succeeded().out == "There is no release yet, so nothing can break.\n"


def test_an_unknown_release_is_refused(released: Path) -> None:
    outcome = check(released, "v0.0.1")

    assert outcome.code == 10
    assert outcome.err.startswith("refused    v0.0.1 is no release of this repository\n")


def test_it_compares_with_the_newest_release_and_no_candidate(released: Path) -> None:
    shutil.rmtree(released / "docs")
    commit_all(released, "Fewer documents")
    git(released, "tag", "v1.1.0")
    git(released, "tag", "v2.0.0-rc.1")

    assert check(released).succeeded().out.startswith("compared   v1.1.0 with")
