"""The summary page: what the tests of a job found, in a few lines that no test can forge."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kit.process import Outcome, environment, run
from pipeline.repositories import PIPELINES, rendered

JUNIT = """\
<testsuites>
  <testsuite name="items">
    <testcase classname="items" name="creates an item" time="1.5"/>
    <testcase classname="items" name="items keeps it" time="0.7"><skipped/></testcase>
    <testcase classname="items" name="forgets it" time="0.4"><failure message="no"/></testcase>
    <testcase classname="items" name="breaks"><error/></testcase>
    <testcase classname="items" name="finds it again" time="1"><flakyFailure/></testcase>
  </testsuite>
</testsuites>
"""
LCOV = "TN:\nSF:a.ts\nDA:1,1\nLF:30\nLH:27\nend_of_record\nSF:b.ts\nLF:10\nLH:10\nend_of_record\n"

Report = Callable[..., Outcome]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """``report({"junit.xml": "..."}, "missing.xml")``: the script, called with these files."""
    script = rendered(next(iter(PIPELINES))) / ".github" / "scripts" / "report.py"

    def call(files: dict[str, str], *others: str, **env: str) -> Outcome:
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        without = () if env else ("GITHUB_STEP_SUMMARY",)
        return run([script, "unit", *files, *others], cwd=tmp_path, env=environment(without=without, **env))

    return call


def test_a_job_becomes_one_row_and_the_names_that_somebody_has_to_look_at(report: Report) -> None:
    outcome = report({"junit.xml": JUNIT, "lcov.info": LCOV, "flaky.txt": "items are counted\n"}).succeeded()

    assert outcome.out == (
        "### unit\n"
        "\n"
        "| tests | failed | skipped | flaky | lines covered | time |\n"
        "|---|---|---|---|---|---|\n"
        "| 5 | 2 | 1 | 2 | 92.5% | 4 s |\n"
        "\n"
        "**Failed**\n"
        "\n"
        "- items forgets it\n"
        "- items breaks\n"
        "\n"
        "**Flaky: failed first, passed when repeated**\n"
        "\n"
        "- items finds it again\n"
        "- items are counted\n"
    )


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("coverage.xml", '<coverage line-rate="0.875"/>', "87.5%"),
        ("lcov.info", "", ""),
        ("jacoco.xml", '<report><counter type="LINE" missed="1" covered="3"/></report>', "75.0%"),
        ("jacoco.xml", '<report name="empty"/>', ""),
        ("coverage.xml", '<?xml version="1.0"?>\n<coverage line-rate="1"/>', "100.0%"),
    ],
)
def test_coverage_is_read_in_each_format(name: str, content: str, shown: str, report: Report) -> None:
    outcome = report({"junit.xml": "<testsuites><testcase name='a'/></testsuites>", name: content}).succeeded()

    assert f"| 1 | 0 | 0 | 0 | {shown} | 0 s |\n" in outcome.out


def test_it_goes_to_the_summary_of_the_run(report: Report, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")

    outcome = report({"junit.xml": JUNIT}, GITHUB_STEP_SUMMARY=str(page)).succeeded()

    assert outcome.out == ""
    assert page.read_text().startswith("before\n### unit\n")


def test_a_job_that_stopped_before_its_tests_says_so(report: Report) -> None:
    assert report({}, "junit.xml", "lcov.info").succeeded().out == "### unit\n\nNo test has reported a result.\n"


def test_a_report_that_a_crash_cut_short_counts_as_a_failure(report: Report) -> None:
    outcome = report({"junit.xml": JUNIT[:90]}).succeeded()

    assert "| 1 | 1 | 0 | 0 |" in outcome.out
    assert "- junit.xml cannot be read: " in outcome.out


def test_the_name_of_a_test_cannot_become_markup(report: Report) -> None:
    name = "&lt;img src=x&gt; | `a` [b](https://c) *d*&#10;# e"

    outcome = report({"junit.xml": f"<testsuite><testcase name='{name}'><failure/></testcase></testsuite>"}).succeeded()

    assert outcome.out.splitlines()[-1] == r"- \<img src=x\> \| \`a\` \[b\](https://c) \*d\* \# e"


def test_a_long_list_is_cut(report: Report) -> None:
    failing = "".join(f"<testcase name='t{number}'><failure/></testcase>" for number in range(30))

    outcome = report({"junit.xml": f"<testsuite>{failing}</testsuite>"}).succeeded()

    assert outcome.out.count("\n- t") == 20
    assert outcome.out.endswith("- and 10 more\n")


def test_without_a_file_it_explains_itself(report: Report) -> None:
    outcome = report({})

    assert outcome.code == 1
    assert "usage: .github/scripts/report.py JOB FILE..." in outcome.err
