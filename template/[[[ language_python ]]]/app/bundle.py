"""Runs a module of a bundle: its packages lie beside it, and release.env tells from what it was made."""

import os
import runpy
import sys
from pathlib import Path

_FOLDER = Path(__file__).parent.parent


def main(module: str = "app") -> None:
    """Run the service, or another module; what the platform sets wins over what the bundle says."""
    sys.path.insert(0, str(_FOLDER / "packages"))
    for line in (_FOLDER / "release.env").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        os.environ.setdefault(name, value)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
