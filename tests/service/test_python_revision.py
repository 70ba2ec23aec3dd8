"""The command of a repository's README begins a migration that its own checks and its database take."""

import shutil
from pathlib import Path

import pytest

from kit.postgres import Database
from kit.process import run
from service import instance
from service.stacks import STACKS, Build

pytestmark = pytest.mark.language("python")

PYTHON = next(stack for stack in STACKS if stack.language == "python")
COMMAND = ["uv", "run", "alembic", "revision", "--rev-id", "0002", "-m", "add parts"]


@pytest.mark.parametrize("stack", [PYTHON], indirect=True, ids=lambda stack: stack.name)
@pytest.mark.usefixtures("stack")
def test_a_new_revision_is_clean_and_applied(build: Build, database: Database, tmp_path: Path) -> None:
    folder = shutil.copytree(build.folder, tmp_path / "repo", symlinks=True)

    run(COMMAND, cwd=folder, env=build.environment).succeeded()

    revision = folder / "migrations/versions/0002_add_parts.py"
    upgrade = 'op.add_column("items", sa.Column("parts", sa.Integer))'
    text = revision.read_text().replace("pass", upgrade, 1).replace("pass", 'op.drop_column("items", "parts")', 1)
    revision.write_text(text)
    run(["make", "lint"], cwd=folder, env=build.environment, deadline=120).succeeded()
    applied = instance.migrate(Build(build.stack, build.version, folder), database.environment).succeeded()
    assert "0002 is applied" in applied.out
