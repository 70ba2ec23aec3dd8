"""Who is asked before production changes: the gate of a push, and what keeps both gates closed."""

from pathlib import Path

import pytest

from kit.github_api import REPOSITORY, TOKEN, Environment
from kit.process import environment
from pipeline.gates import API, COMMIT, Gates

POLICY = "-F 'deployment_branch_policy"
CLOSED = f"{POLICY}[protected_branches]=false' {POLICY}[custom_branch_policies]=true'"
ADD = f"gh api --method POST {API}/deployment-branch-policies -f name=main -f type=branch"
PROMOTE = f"gh workflow run promote.yml --repo {REPOSITORY} --ref main -f commit={COMMIT}"


@pytest.mark.parametrize("name", ["staging", "production"])
def test_an_environment_that_is_not_set_up_is_skipped_and_the_summary_names_the_command(
    name: str, gates: Gates
) -> None:
    outcome = gates.call("gate", name, *(["main"] if name == "production" else [])).succeeded()

    assert gates.said("output") == f"{name}=false\n"
    assert f"```sh\ndeploy/setup {name}\n```" in gates.said("summary")
    assert f"  deploy/setup {name}" in outcome.err


def test_staging_needs_nobody_s_consent(gates: Gates) -> None:
    gates.github.environments["staging"] = Environment(branches=None)

    gates.call("gate", "staging").succeeded()

    assert (gates.said("output"), gates.said("summary")) == ("staging=true\n", "")


def test_with_reviewers_and_one_branch_production_is_open_to_who_they_let_in(gates: Gates) -> None:
    gates.github.environments["production"] = Environment(reviewers=("ada",))

    gates.call("gate", "production", "main").succeeded()

    assert (gates.said("output"), gates.said("summary")) == ("production=true\n", "")


def test_with_approvers_alone_the_run_ends_green_and_says_how_to_go_on(gates: Gates) -> None:
    gates.github.environments["production"] = Environment()

    gates.call("gate", "production", "main", RELEASE_APPROVERS="Ada, grace").succeeded()

    assert gates.said("output") == "production=false\n"
    assert "One of ada, grace who did not write the commit goes on:" in gates.said("summary")
    assert f"```sh\n{PROMOTE}\n```" in gates.said("summary")


def test_reviewers_come_before_approvers(gates: Gates) -> None:
    gates.github.environments["production"] = Environment(reviewers=("ada",))

    gates.call("gate", "production", "main", RELEASE_APPROVERS="grace").succeeded()

    assert gates.said("output") == "production=true\n"


REVIEWER = "-F 'reviewers[][type]=User' -F "
SOMEBODY = f'{REVIEWER}"reviewers[][id]=$(gh api users/LOGIN --jq .id)"'
KEPT = f"-F prevent_self_review=true {REVIEWER}'reviewers[][id]=101' {REVIEWER}'reviewers[][id]=102'"
OPEN = "production is open: a release has to come from the branch main and no other. This closes it:"
UNASKED = "Nobody would be asked before a release to production. Name a reviewer:"
GAPS = {
    "nobody is asked": (
        Environment(),
        UNASKED,
        [
            f"gh api --method PUT {API} {SOMEBODY} {CLOSED}",
            "# or, where GitHub's plan has no reviewers, those who may start promote.yml:",
            f"gh variable set RELEASE_APPROVERS --repo {REPOSITORY} --body 'LOGIN LOGIN'",
        ],
    ),
    "every branch gets in": (
        Environment(reviewers=("ada", "grace"), branches=None, wait=10),
        OPEN,
        [f"gh api --method PUT {API} -F wait_timer=10 {KEPT} {CLOSED}", ADD],
    ),
    "every protected branch gets in": (
        Environment(reviewers=("ada", "grace"), protected=True),
        OPEN,
        [f"gh api --method PUT {API} {KEPT} {CLOSED}", ADD],
    ),
    "another branch gets in, too": (
        Environment(reviewers=("ada",), branches=("main", "hotfix")),
        OPEN,
        [f"gh api --method DELETE {API}/deployment-branch-policies/8"],
    ),
    "branches of a kind get in": (
        Environment(reviewers=("ada",), branches=("main*",)),
        OPEN,
        [f"gh api --method DELETE {API}/deployment-branch-policies/7", ADD],
    ),
    "a tag of this name gets in": (
        Environment(reviewers=("ada",), branches=("tag:main",)),
        OPEN,
        [f"gh api --method DELETE {API}/deployment-branch-policies/7", ADD],
    ),
    "nothing gets in": (Environment(reviewers=("ada",), branches=()), OPEN, [ADD]),
    "a branch gets in and nobody is asked": (
        Environment(branches=None),
        OPEN,
        [f"gh api --method PUT {API} {SOMEBODY} {CLOSED}", ADD],
    ),
}


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("script", ["gate", "promote"])
def test_a_gap_is_refused_with_the_commands_that_close_it(script: str, gap: str, gates: Gates) -> None:
    gates.github.environments["production"], sentence, commands = GAPS[gap]

    outcome = gates.call(script, "production", "main")

    assert (outcome.code, gates.said("output")) == (10, "")
    assert gates.said("summary") == "\n".join([sentence, "", "```sh", *commands, "```", ""])
    assert outcome.err == "".join(
        f"{line}\n" for line in [sentence, *(f"  {text}" for line in commands for text in [line])]
    )


def test_approvers_do_not_close_an_open_door(gates: Gates) -> None:
    gates.github.environments["production"] = Environment(branches=None)

    outcome = gates.call("gate", "production", "main", RELEASE_APPROVERS="ada")

    assert (outcome.code, gates.said("output")) == (10, "")
    assert f"gh api --method PUT {API} {CLOSED}\n" in gates.said("summary")


@pytest.mark.parametrize("end", ["environments/production", "deployment-branch-policies"])
def test_a_gate_that_cannot_look_is_closed(end: str, gates: Gates) -> None:
    gates.github.environments["production"] = Environment(reviewers=("ada",))
    gates.github.faults = [(end, 403)]

    outcome = gates.call("gate", "production", "main")

    assert (outcome.code, gates.said("output")) == (10, "")
    assert "GitHub answered 403 when it was asked for environments/production" in outcome.err


@pytest.mark.parametrize("token", ["", "another"])
def test_a_gate_without_the_right_to_look_is_closed(token: str, gates: Gates) -> None:
    gates.github.environments["production"] = Environment(reviewers=("ada",))

    outcome = gates.call("gate", "production", "main", GITHUB_TOKEN=token)

    assert (outcome.code, gates.said("output")) == (10, "")


def test_a_gate_that_reaches_nobody_is_closed(gates: Gates) -> None:
    outcome = gates.call("gate", "production", "main", GITHUB_API_URL="file:///nowhere")

    assert (outcome.code, gates.said("output")) == (10, "")


def test_a_short_outage_is_waited_out(gates: Gates) -> None:
    gates.github.environments["production"] = Environment(reviewers=("ada",))
    gates.github.faults = [("environments/production", 503)]

    gates.call("gate", "production", "main").succeeded()

    assert gates.said("output") == "production=true\n"


def test_the_token_is_in_no_output_and_on_no_command_line(gates: Gates, tmp_path: Path) -> None:
    gates.github.environments["production"] = Environment()
    seen = tmp_path / "seen"
    curl = tmp_path / "bin" / "curl"
    curl.parent.mkdir()
    curl.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{seen}\nPATH=${{PATH#*:}} exec curl "$@"\n')
    curl.chmod(0o755)
    path = environment()["PATH"]

    outcome = gates.call("gate", "production", "main", PATH=f"{curl.parent}:{path}", RELEASE_APPROVERS="ada")

    assert seen.read_text().count("\n") == 2
    assert TOKEN not in outcome.succeeded().out + outcome.err + gates.said("summary") + seen.read_text()
