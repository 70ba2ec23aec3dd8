"""The command of a repository's README begins a migration that its own checks and its database take."""

import shutil
from pathlib import Path

import pytest

from kit.postgres import Database
from kit.process import run
from service import instance
from service.stacks import STACKS, Build

pytestmark = pytest.mark.language("python")

FASTAPI, DJANGO = (next(stack for stack in STACKS if stack.framework == name) for name in ("fastapi", "django"))
COMMAND = ["uv", "run", "alembic", "revision", "--rev-id", "0002", "-m", "add parts"]


def check_and_apply(folder: Path, build: Build, database: Database) -> str:
    """Lint a repository and migrate a database by it; return what is told of that."""
    run(["make", "lint"], cwd=folder, env=build.environment, deadline=120).succeeded()
    return instance.migrate(Build(build.stack, build.version, folder), database.environment).succeeded().out


@pytest.mark.parametrize("stack", [FASTAPI], indirect=True, ids=lambda stack: stack.name)
@pytest.mark.usefixtures("stack")
def test_a_new_revision_is_clean_and_applied(build: Build, database: Database, tmp_path: Path) -> None:
    folder = shutil.copytree(build.folder, tmp_path / "repo", symlinks=True)

    run(COMMAND, cwd=folder, env=build.environment).succeeded()

    revision = folder / "migrations/versions/0002_add_parts.py"
    upgrade = 'op.add_column("items", sa.Column("parts", sa.Integer))'
    text = revision.read_text().replace("pass", upgrade, 1).replace("pass", 'op.drop_column("items", "parts")', 1)
    revision.write_text(text)
    assert "0002 is applied" in check_and_apply(folder, build, database)


@pytest.mark.parametrize("stack", [DJANGO], indirect=True, ids=lambda stack: stack.name)
@pytest.mark.usefixtures("stack")
def test_a_changed_model_makes_a_migration_that_is_clean_and_applied(
    build: Build, database: Database, tmp_path: Path
) -> None:
    folder = shutil.copytree(build.folder, tmp_path / "repo", symlinks=True)
    models = folder / "app/items/models.py"
    column = "    created_at"
    models.write_text(models.read_text().replace(column, f"    parts = models.IntegerField(null=True)\n{column}", 1))

    run(["uv", "run", "poe", "makemigrations"], cwd=folder, env=build.environment).succeeded()

    assert "items.0002_itemrow_parts is applied" in check_and_apply(folder, build, database)
