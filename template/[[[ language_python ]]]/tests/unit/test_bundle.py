"""What a bundle starts."""

import subprocess
import sys
from pathlib import Path

import app


def test_a_bundle_has_its_own_packages_and_settings(tmp_path: Path) -> None:
    (tmp_path / "app").symlink_to(Path(app.__file__).parent)
    (tmp_path / "release.env").write_text("APP_ENV=production\nSERVICE_COMMIT=0123abc\n")
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "planted.py").write_text(
        "import os; print(__name__, os.environ['APP_ENV'], os.environ['SERVICE_COMMIT'])\n"
    )

    out = subprocess.check_output(
        [sys.executable, "-m", "app.bundle", "planted"], cwd=tmp_path, env={"APP_ENV": "staging"}, text=True
    )

    assert out == "__main__ staging 0123abc\n"
