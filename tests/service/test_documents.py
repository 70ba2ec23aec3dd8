"""Every command of every document runs, here or where ``PROVED_BY`` says; or ``NOT_RUN`` says why not."""

import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.process import free_port, run, start, wait_until
from kit.template import git
from kit.tools import ROOT, tool
from service.commands import answers, commands
from service.instance import Launch, NewDatabase
from service.stacks import Build

OURS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
GENERATED = ("README.md", "SECURITY.md", "DEPLOYMENT.md", "monitoring/README.md")
BENCHMARKS = ("", " ARGS=generation", " ARGS=service", " ARGS=profile", " ARGS=container")

PROVED_BY = {
    "make new": "update/test_new.py",
    'make new ANSWERS="service_name=orders-api owner=shop artifact=zip"': "update/test_new.py",
    "DEST=../orders make new": "update/test_new.py",
    "copier copy https://git.example.com/platform/slipway.git orders-api": "update/test_new.py",
    "copier --version": "benchmarks/generation.py",
    "copier update": "update/test_nothing_is_lost.py",
    "make template-update": "update/test_guard.py",
    'make template-update ARGS="-d artifact=zip"': "update/test_guard.py",
    "make test": "render/test_house.py",
    "make test LAYER=deploy": "render/test_house.py",
    "make test LANGUAGE=ruby": "render/test_house.py",
    'make test LANGUAGE=ruby ARGS="-k sinatra"': "render/test_house.py",
    "make check": "render/test_house.py",
    "make help": "service/test_documents.py",
    "make setup": "service/test_documents.py",
    "make run": "service/test_documents.py",
    "make build": "service/test_documents.py",
    "make load": "service/test_documents.py",
    "make lock": "service/test_documents.py",
    "make migrate": "service/test_documents.py",
    "make format": "service/test_documents.py",
    "scripts/load": "pipeline/test_load.py",
    "make lint": "service/test_own_checks.py",
    "make test-unit": "service/test_own_checks.py",
    "make test-integration": "service/test_own_checks.py",
    "make test-api": "service/test_own_checks.py",
    "docker compose --profile service up --build": "service/test_compose.py",
    "promtool test rules monitoring/tests/*.yml": "monitoring/test_rules.py",
    "deploy/build": "pipeline/test_bundle.py",
    "deploy/setup": "cloud/test_setup.py",
    "deploy/setup staging": "cloud/test_staging.py",
    "deploy/setup production": "cloud/test_production.py",
    "deploy/teardown": "cloud/test_teardown.py",
    "deploy/teardown staging": "cloud/test_teardown.py",
    "deploy/release": "deploy/test_release.py",
    "deploy/release production ARTIFACT COMMIT": "deploy/test_release.py",
    "deploy/rollback": "deploy/test_release.py",
    "deploy/rollback production": "deploy/test_release.py",
    "deploy/rollback production COMMIT": "deploy/test_release.py",
    "deploy/rollback production --unfinished": "deploy/test_interrupts.py",
    "deploy/status": "deploy/test_output.py",
    "deploy/status production": "deploy/test_output.py",
    'make template-update ARGS="-d deployment_strategy=rolling"': "update/test_switch_answers.py",
    "make audit": "service/test_own_checks.py",
    'uv run alembic revision --rev-id 0002 -m "add parts"': "service/test_python_revision.py",
    "uv run poe makemigrations": "service/test_python_revision.py",
    # Measuring takes minutes on a quiet machine; the figures in the document are its proof.
    **{f"make bench{what}": "benchmarks/__main__.py" for what in BENCHMARKS},
    "node --cpu-prof": "benchmarks/profiles/node.py",
    "git tag --annotate vX.Y.Z --message vX.Y.Z && git push origin vX.Y.Z": "update/test_release_check.py",
}

# What cannot run where these tests do, and what is proved instead.
NOT_RUN = {
    "aws sso login": "it needs a person with an account",
    "export AWS_REGION=eu-central-1": "it only sets a variable of that person's shell",
    "gh variable set RELEASE_APPROVERS --body 'ada grace'": "it needs GitHub; test_promotions.py reads the value",
    "gh workflow run promote.yml --ref main -f commit=COMMIT": "it needs GitHub; render/test_guide.py checks the words",
    "gh workflow run rollback.yml --ref main -f environment=production": "as above",
    'git commit --allow-empty --message "Release for the first time" && git push': "as above; act plays the push",
    "docker compose --profile service --profile monitoring up --build": "images not to be had; Prometheus runs without",
    "docker compose --profile monitoring run --rm --entrypoint promtool prometheus test rules"
    " /monitoring/tests/slo.yml": "as above; monitoring/test_rules.py runs the same tests",
}


@pytest.fixture
def workshop(build: Build, tmp_path: Path) -> Path:
    """Copy a generated repository with its dependencies, to work in as its README says."""
    return shutil.copytree(build.folder, tmp_path / "orders-api", symlinks=True)


@pytest.mark.parametrize("document", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_of_our_documents_is_proved(document: Path) -> None:
    assert [command for command in commands(document) if command not in PROVED_BY and not _is_native(command)] == []


@pytest.mark.parametrize("name", GENERATED)
def test_every_command_of_a_repository_s_documents_is_proved(name: str, build: Build) -> None:
    shown = [command for command, _ in answers(build.folder / name)]
    native = {" ".join(build.stack.command(verb)) for verb in build.stack.facts["commands"]}

    unproved = [
        command for command in commands(build.folder / name) if command not in {*PROVED_BY, *NOT_RUN, *native, *shown}
    ]

    assert unproved == []


def test_every_proof_exists() -> None:
    assert [proof for proof in PROVED_BY.values() if not (ROOT / "tests" / proof).is_file()] == []


def test_a_stranger_who_follows_the_readme_sees_what_it_shows(workshop: Path, build: Build) -> None:
    port = str(free_port())
    environment = build.environment | {"PORT": port}
    run(["make", "setup"], cwd=workshop, env=environment, deadline=120).succeeded()

    with start(["make", "run"], cwd=workshop, env=environment) as service:
        wait_until(lambda: "server listening" in service.out(), "make run listens", deadline=90)
        for command, answer in answers(workshop / "README.md"):
            line = command.replace("localhost:8080", f"127.0.0.1:{port}")
            assert _without_chance(run(["bash", "-c", line], env=environment).succeeded().out) == _without_chance(
                answer
            )
        service.signal(signal.SIGINT)


def test_the_verbs_of_make_are_the_native_commands(build: Build) -> None:
    rows = re.findall(r"^\| `make ([a-z-]+)` \| `([^`]+)` \|", (build.folder / "README.md").read_text(), re.MULTILINE)
    assert len(rows) > 5

    for verb, native in rows:
        ran = run(["make", "--dry-run", verb], cwd=build.folder).succeeded().out.strip()
        assert ran.removeprefix("scripts/with-database ") == native


def test_make_alone_lists_every_verb(build: Build) -> None:
    listed = re.findall(r"^  ([a-z-]+) ", run(["make"], cwd=build.folder).succeeded().out, re.MULTILINE)
    phony = re.search(r"^\.PHONY: (.*)$", (build.folder / "Makefile").read_text(), re.MULTILINE)

    assert phony is not None
    assert sorted(listed) == sorted(phony[1].split())


def test_own_verbs_join_from_local_mk(workshop: Path) -> None:
    (workshop / "local.mk").write_text("##@ Ours\nseed: ## load demo data\n\t@echo seeded\n")

    assert run(["make", "seed"], cwd=workshop).succeeded().out == "seeded\n"
    assert "  seed              load demo data\n" in run(["make"], cwd=workshop).succeeded().out


def test_make_format_and_make_lock_leave_a_clean_tree_clean(workshop: Path, build: Build) -> None:
    run(["make", "format"], cwd=workshop, env=build.environment).succeeded()
    assert git(workshop, "status", "--porcelain") == ""

    run(["make", "lock"], cwd=workshop, env=build.environment, deadline=120).succeeded()
    assert git(workshop, "diff", "--unified=0", '--ignore-matching-lines="name": ') == ""


def test_make_migrate_prepares_the_database_that_is_named(build: Build, new_database: NewDatabase) -> None:
    environment = build.environment | new_database().environment

    run(["make", "migrate"], cwd=build.folder, env=environment).succeeded()


def test_make_load_passes_its_thresholds_at_a_gentle_rate(build: Build, launch: Launch) -> None:
    environment = build.environment | {"BASE_URL": launch().url, "RATE": "10", "DURATION": "3s"}
    environment["PATH"] = f"{tool('k6').parent}:{environment['PATH']}"

    outcome = run(["make", "load"], cwd=build.folder, env=environment).succeeded()

    assert "100.00%" in next(line for line in outcome.out.splitlines() if "checks_succeeded" in line)


def test_make_build_makes_the_bundle(repo: Callable[..., Path], build: Build, tmp_path: Path) -> None:
    folder = shutil.copytree(repo({**build.stack.answers, "artifact": "zip"}), tmp_path / "orders-api", symlinks=True)

    run(["make", "build"], cwd=folder, env=build.environment, deadline=120).succeeded()

    assert [file.suffix for file in (folder / "dist").iterdir() if file.suffix != ".json"] == [".zip"]


def _is_native(command: str) -> bool:
    return command.startswith("npm run ")


def _without_chance(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    return re.sub(r"\d{4}-\d{2}-\d{2}T[0-9:.]+Z", "TIME", text).strip()
