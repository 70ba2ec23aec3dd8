#!/usr/bin/env python3
"""Tells the run's summary page what the tests of a job found.

usage: .github/scripts/report.py JOB FILE...

It reads JUnit results, and coverage as Cobertura or JaCoCo (.xml) or lcov (.info). Tests that passed only when they
were repeated are named, so that somebody mends them: what JUnit marks with flakyFailure, and the lines of a .txt file.
A file that is not there is left out. Without GITHUB_STEP_SUMMARY the text goes to standard output.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

LONGEST_LIST = 20


class Case(NamedTuple):
    """One test: its name, what became of it, and the seconds it took."""

    name: str
    state: str
    seconds: float


class Found(NamedTuple):
    """What the files of a job say; ``covered`` is the share of lines that ran, None where nobody counted."""

    cases: list[Case]
    flaky: list[str]
    covered: float | None


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
        suite, name = case.get("classname") or "", case.get("name") or ""
        whole = name if name.startswith(suite) else f"{suite} {name}"
        yield Case(whole, state(case), float(case.get("time") or 0))


def parsed(file: Path) -> ET.Element:
    """Return the root of an XML file; one that a crash cut short counts as one failed test."""
    try:
        return ET.parse(file).getroot()  # noqa: S314 - written by this job
    except ET.ParseError as error:
        suite = ET.Element("testsuite")
        case = ET.SubElement(suite, "testcase", name=f"{file} cannot be read: {error}")
        ET.SubElement(case, "failure")
        return suite


def share_of_lines(lcov: str) -> float | None:
    """Return the share of lines that ran, from the counts of all files: LF lines found, LH lines hit."""
    counts = [line.partition(":") for line in lcov.splitlines() if line.startswith(("LF:", "LH:"))]
    total = {key: sum(int(value) for name, _, value in counts if name == key) for key in ("LF", "LH")}
    return total["LH"] / total["LF"] if total["LF"] else None


def share_of_jacoco(report: ET.Element) -> float | None:
    """Return the share of lines that ran, from the sums that JaCoCo made."""
    lines = report.find("counter[@type='LINE']")
    if lines is None:
        return None
    missed, covered = int(lines.get("missed", 0)), int(lines.get("covered", 0))
    return covered / (missed + covered)


def read(files: list[Path]) -> Found:
    """Return what those files say that are there."""
    there = [file for file in files if file.is_file()]
    roots = [parsed(file) for file in there if file.suffix == ".xml"]
    tests = [case for root in roots if root.tag not in ("coverage", "report") for case in cases(root)]
    flaky = [case.name for case in tests if case.state == "flaky"]
    flaky += [line for file in there if file.suffix == ".txt" for line in file.read_text().splitlines() if line]
    covered: list[float | None] = [float(root.get("line-rate") or 0) for root in roots if root.tag == "coverage"]
    covered += [share_of_jacoco(root) for root in roots if root.tag == "report"]
    covered += [share_of_lines(file.read_text()) for file in there if file.suffix == ".info"]
    return Found(tests, flaky, covered[0] if covered else None)


def escaped(text: str) -> str:
    """Return text of a test as one line that Markdown takes literally."""
    line = " ".join(text.split()).replace("\\", "\\\\")
    return "".join(f"\\{sign}" if sign in "`*_[]<>|&#!" else sign for sign in line)


def names(title: str, found: list[str]) -> list[str]:
    """Return a heading and the names below it, nothing for an empty list."""
    more = [f"- and {len(found) - LONGEST_LIST} more"] if len(found) > LONGEST_LIST else []
    return ["", f"**{title}**", "", *(f"- {escaped(name)}" for name in found[:LONGEST_LIST]), *more] if found else []


def summary(job: str, found: Found) -> str:
    """Return the summary of a job as Markdown."""
    if not found.cases:
        return f"### {job}\n\nNo test has reported a result.\n"
    failed = [case.name for case in found.cases if case.state == "failed"]
    skipped = sum(case.state == "skipped" for case in found.cases)
    covered = "" if found.covered is None else f"{found.covered:.1%}"
    seconds = sum(case.seconds for case in found.cases)
    lines = [
        f"### {job}",
        "",
        "| tests | failed | skipped | flaky | lines covered | time |",
        "|---|---|---|---|---|---|",
        f"| {len(found.cases)} | {len(failed)} | {skipped} | {len(found.flaky)} | {covered} | {seconds:.0f} s |",
        *names("Failed", failed),
        *names("Flaky: failed first, passed when repeated", found.flaky),
    ]
    return "\n".join(lines) + "\n"


def main(job: str, files: list[str]) -> None:
    """Write the summary of ``job``."""
    text = summary(job, read([Path(file) for file in files]))
    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if target:
        with Path(target).open("a", encoding="utf-8") as page:
            page.write(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [job, *files] if files:
            main(job, files)
        case _:
            sys.exit(__doc__)
