"""The document that holds the figures: each table stands between two markers and is replaced as a whole."""

import os
import platform
import re
from pathlib import Path

from benchmarks.rounds import Section
from kit.tools import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"


def write(section: Section, document: Path = DOCUMENT) -> None:
    """Replace the table of a section.

    Raises LookupError if the document has no markers of that name.
    """
    text = document.read_text()
    begin, end = f"<!-- {section.name} -->", f"<!-- /{section.name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        message = f"{document}: a table stands between {begin} and {end}, once each"
        raise LookupError(message)
    head, _, rest = text.partition(begin)
    tail = rest.partition(end)[2]
    command = f"`make bench ARGS={section.name}` on {machine()}"
    document.write_text(f"{head}{begin}\n{section.markdown()}\n\n{command}\n{end}{tail}")


def machine() -> str:
    """Return what the figures depend on: processor, cores, memory, kernel."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{_processor()}, {cores} cores, {memory:.0f} GiB, Linux {platform.release()}"


def _processor() -> str:
    described = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return described[1] if described else platform.machine()
