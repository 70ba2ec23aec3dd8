"""``deploy/build``: what gets into an artifact, and that one commit gives one artifact."""

import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.process import Outcome, environment, run
from kit.template import commit_all, git
from kit.tools import node

Light = Callable[..., Path]


def build(repository: Path, *arguments: str, umask: int = 0o022, **env: str) -> Outcome:
    """Run ``deploy/build`` with Node.js at hand."""
    path = f"{node('24') / 'bin'}:{os.environ['PATH']}"
    command = ["bash", "-c", f'umask {umask:03o}; exec deploy/build "$@"', "deploy/build", *arguments]
    return run(command, cwd=repository, env=environment(PATH=path) | env)


def contents(repository: Path) -> dict[str, bytes]:
    """Return the files of the bundle by their names."""
    with zipfile.ZipFile(repository / "dist" / "bundle.zip") as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def test_the_bundle_holds_what_the_platform_needs_and_nothing_else(light: Light) -> None:
    repository = light(artifact="zip")
    (repository / ".env").write_text("DB_PASS=not-for-others\n")
    commit = git(repository, "rev-parse", "HEAD").strip()

    event = json.loads(build(repository).succeeded().out)

    files = contents(repository)
    own = {name for name in files if not name.startswith("node_modules/")}
    assert own == {
        ".ebextensions/migrate.config",
        ".platform/nginx/conf.d/elasticbeanstalk/closed.conf",
        "Procfile",
        "api/openapi.yaml",
        "certificates/rds.pem",
        "migrations/0001_nothing.sql",
        "package-lock.json",
        "package.json",
        "release.env",
        "src/double.js",
        "src/server.js",
    }
    assert files["release.env"] == f"APP_ENV=production\nSERVICE_COMMIT={commit}\n".encode()
    assert "node_modules/uuid/package.json" in files
    assert event == json.loads((repository / "dist" / "artifact.json").read_text())
    assert (event["commit"], event["file"]) == (commit, "dist/bundle.zip")


def test_everything_in_the_bundle_is_a_file_of_its_own_that_all_may_read(light: Light) -> None:
    repository = light(artifact="zip")

    build(repository, umask=0o077).succeeded()

    with zipfile.ZipFile(repository / "dist" / "bundle.zip") as bundle:
        entries = bundle.infolist()
    assert {entry.external_attr >> 16 for entry in entries} <= {stat.S_IFREG | 0o644, stat.S_IFREG | 0o755}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [entry.filename for entry in entries if "/.bin/" in entry.filename] == []


def test_one_commit_gives_the_same_bytes_whoever_builds_it(light: Light, tmp_path: Path) -> None:
    repository = light(artifact="zip")
    commit = git(repository, "rev-parse", "HEAD").strip()
    elsewhere = tmp_path / "another place"
    git(tmp_path, "clone", "--quiet", "--no-hardlinks", str(repository), str(elsewhere))
    git(elsewhere, "commit", "--quiet", "--allow-empty", "--message", "Go on")

    build(repository).succeeded()
    build(elsewhere, commit, umask=0o027, TZ="Asia/Kolkata", LANG="de_DE.UTF-8").succeeded()

    assert (repository / "dist" / "bundle.zip").read_bytes() == (elsewhere / "dist" / "bundle.zip").read_bytes()


def test_changes_without_a_commit_are_refused_unless_they_are_asked_for(light: Light) -> None:
    repository = light(artifact="zip")
    (repository / "src" / "more.js").write_text("export {};\n")
    (repository / "src" / "double.js").unlink()
    commit = git(repository, "rev-parse", "HEAD").strip()

    refused = build(repository)
    tried = build(repository, "--dirty").succeeded()

    assert refused.code == 10
    assert refused.err.splitlines() == [
        "refused   files here differ from the commit, and the commit alone would get in",
        "next      commit them, or try them out: deploy/build --dirty",
    ]
    assert json.loads(tried.out)["commit"] == f"{commit}-dirty"
    assert "src/more.js" in contents(repository)
    assert "src/double.js" not in contents(repository)
    assert git(repository, "status", "--porcelain").split() == ["D", "src/double.js", "??", "src/more.js"]


def test_an_older_commit_is_built_from_its_own_files(light: Light) -> None:
    repository = light(artifact="zip")
    older = git(repository, "rev-parse", "HEAD").strip()
    (repository / "src" / "more.js").write_text("export {};\n")
    commit_all(repository, "Add more")

    build(repository, older).succeeded()

    assert "src/more.js" not in contents(repository)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nonsense"], '"nonsense" is no commit of this repository'),
        (["--output=x"], '"--output=x" is no commit of this repository'),
        (["HEAD", "HEAD"], "one commit at a time"),
    ],
)
def test_what_names_no_commit_is_refused(arguments: list[str], reason: str, light: Light) -> None:
    outcome = build(light(artifact="zip"), *arguments)

    assert (outcome.code, outcome.out) == (10, "")
    assert outcome.err.startswith(f"refused   {reason}\nnext      ")


@pytest.mark.parametrize(
    ("artifact", "missing", "reason"),
    [
        ("zip", "zip", "there is no zip on this machine; a bundle is one"),
        ("image", "docker podman", "an image needs Docker or Podman, and neither answers here"),
    ],
)
def test_a_machine_that_cannot_build_is_told_why(
    artifact: str, missing: str, reason: str, light: Light, tmp_path: Path
) -> None:
    outcome = build(light(artifact=artifact), PATH=path_without(missing.split(), tmp_path / "bin"))

    assert outcome.code == 10
    assert outcome.err.splitlines()[-2].startswith(f"refused   {reason}")


def path_without(programs: list[str], folder: Path) -> str:
    """Return a PATH of one folder that has every program of this machine but some."""
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            link = folder / program.name
            if program.name not in programs and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


def test_a_build_that_fails_says_what_it_was_doing(light: Light) -> None:
    repository = light(artifact="zip")
    (repository / "package-lock.json").write_text("{}\n")
    commit_all(repository, "Break the lock")

    outcome = build(repository)

    assert (outcome.code, outcome.out) == (20, "")
    assert "failed    installing the production dependencies (exit 1); the lines above say why\n" in outcome.err
    assert not (repository / "dist" / "artifact.json").exists()


@pytest.mark.parametrize("command", ["build", "publish", "setup"])
def test_every_command_explains_itself(command: str, light: Light) -> None:
    repository = light(artifact="zip")
    head = (repository / "deploy" / command).read_text().splitlines()

    outcome = run([f"deploy/{command}", "--help"], cwd=repository)

    shown = [f"# {line}".rstrip() for line in outcome.err.splitlines()]
    assert outcome.code == 0
    assert shown == head[1 : head.index("set -euo pipefail")]
    assert any(line.startswith("# exit codes: 0 done, 10 refused, 20 failed") for line in shown)
