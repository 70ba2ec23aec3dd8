"""Measure and write the tables of ``docs/benchmarks.md``.

usage: python -m benchmarks [generation] [service] [profile] [container]
"""

import os
import sys
from collections.abc import Callable

from benchmarks import container, document, generation, profiles, service
from benchmarks.rounds import Section
from kit import folders, template
from kit.tools import ROOT

SECTIONS: dict[str, Callable[[], Section]] = {
    "generation": generation.measure,
    "service": service.measure,
    "profile": profiles.measure,
    "container": container.measure,
}


def main(names: list[str]) -> None:
    """Measure the named sections, all of them without a name."""
    if unknown := set(names) - set(SECTIONS):
        sys.exit(f"{', '.join(sorted(unknown))}: there is no such section; use {', '.join(SECTIONS)}")
    folder = folders.open_run_folder()
    template.isolate(folder / "settings")
    try:
        for name in names or SECTIONS:
            print(f"{name} (load average before: {os.getloadavg()[0]:.1f})", flush=True)
            section = SECTIONS[name]()
            for figure in section.figures:
                print(f"  {figure.rounds()}")
            print(section.markdown(), flush=True)
            document.write(section)
    finally:
        folders.close_run_folder(folder, keep=False)
    print(f"written to {document.DOCUMENT.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
