"""The commands that tell GitHub: pasted into a shell with a ``gh`` that notes what it is asked."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud.people import Person
from kit.process import run

People = Callable[..., Person]

GATE = "repos/acme/orders-api/environments/production"
POLICY = [
    "-F",
    "deployment_branch_policy[protected_branches]=false",
    "-F",
    "deployment_branch_policy[custom_branch_policies]=true",
]
GH = """\
#!/usr/bin/env python3
import json, os, sys
with open(os.environ["NOTES"], "a") as notes:
    notes.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[2] == "orgs/acme/teams/platform":
    if os.environ["TEAM"] == "none":
        print('{"message": "Not Found"}')
        sys.exit("gh: Not Found (HTTP 404)")
    print("Team 42")
elif sys.argv[2] == "user":
    print("User 7")
"""


def pasted(person: Person, folder: Path, team: str) -> list[list[str]]:
    """Paste what is printed for production, and return what ``gh`` was asked."""
    words = "find_repository; gate_commands; remember AWS_ROLE_ARN arn:aws:iam::1:role/x production"
    commands = person.ask("production", words).succeeded().out
    (folder / "gh").write_text(GH)
    (folder / "gh").chmod(0o755)
    notes = folder / "notes"
    environment = person.environment(NOTES=str(notes), TEAM=team)
    environment["PATH"] = f"{folder}:{environment['PATH']}"
    run(["bash", "-c", commands], env=environment).succeeded()
    return [json.loads(line) for line in notes.read_text().splitlines()]


@pytest.mark.parametrize(("team", "reviewer"), [("there", ("Team", "42")), ("none", ("User", "7"))])
def test_production_asks_the_team_or_the_one_who_pastes(
    team: str, reviewer: tuple[str, str], person: People, tmp_path: Path
) -> None:
    calls = pasted(person(artifact="zip", branching="gitflow"), tmp_path, team)

    kind, number = reviewer
    asked = [call for call in calls if "--jq" not in call]
    assert asked == [
        [
            "api",
            "--silent",
            "--method",
            "PUT",
            GATE,
            *POLICY,
            "-F",
            f"reviewers[][type]={kind}",
            "-F",
            f"reviewers[][id]={number}",
        ],
        ["api", "--silent", "--method", "POST", f"{GATE}/deployment-branch-policies", "-f", "name=main"],
        [
            "variable",
            "set",
            "AWS_ROLE_ARN",
            "--repo",
            "acme/orders-api",
            "--env",
            "production",
            "--body",
            "arn:aws:iam::1:role/x",
        ],
    ]


def test_the_same_is_said_in_words(person: People) -> None:
    outcome = person(artifact="zip", branching="gitflow").ask("production", "gate_in_words").succeeded()

    assert outcome.out == (
        'Settings > Environments > New environment "production": '
        "allow only main, require a review by those who decide, and add the variable\n"
    )
