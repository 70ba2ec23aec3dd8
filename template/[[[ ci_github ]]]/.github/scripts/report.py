#!/usr/bin/env python3
"""Tells the run's summary page what a job's tests found.

usage: .github/scripts/report.py JOB

Reads every XML file below reports/: JUnit results and Cobertura coverage. A test that passed only when it was repeated
(`flakyFailure`) is named, so that somebody mends it. Without GITHUB_STEP_SUMMARY the text goes to standard output.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

REPORTS = Path("reports")
LONGEST_LIST = 20


class Case(NamedTuple):
    """One test: its name, what became of it, and the seconds it took."""

    name: str
    state: str
    seconds: float


def state(case: ET.Element) -> str:
    """Return failed, skipped, flaky or passed."""
    children = {child.tag for child in case}
    if children & {"failure", "error"}:
        return "failed"
    if "skipped" in children:
        return "skipped"
    return "flaky" if children & {"flakyFailure", "flakyError"} else "passed"


def cases(root: ET.Element) -> Iterator[Case]:
    """Yield the tests of one JUnit file."""
    for case in root.iter("testcase"):
        name = " ".join(part for part in (case.get("classname"), case.get("name")) if part)
        yield Case(name, state(case), float(case.get("time") or 0))


def escaped(text: str) -> str:
    """Return text of a test as one line that Markdown takes literally."""
    line = " ".join(text.split()).replace("\\", "\\\\")
    return "".join(f"\\{sign}" if sign in "`*_[]<>|&#!" else sign for sign in line)


def names(title: str, found: list[str]) -> list[str]:
    """Return a heading and the names below it, nothing for an empty list."""
    more = [f"- and {len(found) - LONGEST_LIST} more"] if len(found) > LONGEST_LIST else []
    return ["", f"**{title}**", "", *(f"- {escaped(name)}" for name in found[:LONGEST_LIST]), *more] if found else []


def summary(job: str, tests: list[Case], covered: list[float]) -> str:
    """Return the summary of a job as Markdown; ``covered`` holds shares of lines, at most one is expected."""
    if not tests:
        return f"### {job}\n\nNo test has reported a result.\n"
    with_state = {name: [test.name for test in tests if test.state == name] for name in ("failed", "skipped", "flaky")}
    counts = [len(tests), *(len(found) for found in with_state.values())]
    coverage = f"{covered[0]:.1%}" if covered else "-"
    row = [*map(str, counts), coverage, f"{sum(test.seconds for test in tests):.0f} s"]
    lines = [
        f"### {job}",
        "",
        "| tests | failed | skipped | flaky | lines covered | time |",
        "|---|---|---|---|---|---|",
        f"| {' | '.join(row)} |",
        *names("Failed", with_state["failed"]),
        *names("Flaky: failed first, passed when repeated", with_state["flaky"]),
    ]
    return "\n".join(lines) + "\n"


def parsed(file: Path) -> ET.Element:
    """Return the root of an XML file; one that a crash cut short counts as one failed test."""
    try:
        return ET.parse(file).getroot()  # noqa: S314 - written by this job
    except ET.ParseError as error:
        suite = ET.Element("testsuite")
        case = ET.SubElement(suite, "testcase", name=f"{file} cannot be read: {error}")
        ET.SubElement(case, "failure")
        return suite


def main(job: str) -> None:
    """Write the summary of ``job``."""
    roots = [parsed(file) for file in sorted(REPORTS.rglob("*.xml"))]
    tests = [case for root in roots if root.tag in ("testsuites", "testsuite") for case in cases(root)]
    covered = [float(root.get("line-rate") or 0) for root in roots if root.tag == "coverage"]
    text = summary(job, tests, covered)
    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if target:
        with Path(target).open("a", encoding="utf-8") as page:
            page.write(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [job]:
            main(job)
        case _:
            sys.exit(__doc__)
