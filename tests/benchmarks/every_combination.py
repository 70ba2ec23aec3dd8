"""Render every combination of the template as the render layer does.

usage: python -m benchmarks.every_combination DESTINATION
"""

import sys
from pathlib import Path

from kit import fast
from kit.renderings import COMBOS, export


def main(destination: Path) -> None:
    """Write each into a folder of its own."""
    for name, combo in COMBOS.items():
        fast.render(export(), destination / name, combo)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
