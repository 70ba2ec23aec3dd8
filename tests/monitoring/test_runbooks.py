"""Every alert has a page that can be acted on: its commands are filled in, parsed, and run where that is possible."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.cloud import Cloud
from kit.process import Outcome, run
from kit.renderings import COMBOS, rendering
from kit.tools import tool
from monitoring import rules
from monitoring.alarms import PAGES, TICKETS
from monitoring.repositories import CLOUD, PROMETHEUS, rendered
from monitoring.world import World
from service.stacks import STACKS

HEADINGS = ["What it means", "Who suffers", "First look", "Stop the harm", "Find the cause", "Afterwards"]
EXTRA = {"release-failed"}
FENCE = re.compile(r"^```sh\n(.*?)^```\n(?:Good: ([^\n]+)\n)?", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"`((?:deploy/(?!environments)|aws |promtool |make |docker )[^`]*)`")
LONGEST = 50
FILLED = {"PROMETHEUS": "http://127.0.0.1:1", "SERVICE_URL": "http://127.0.0.1:1", "ALERTMANAGER": "http://127.0.0.1:1"}
DAYS = {"START": "2026-11-01", "END": "2026-11-24"}
# Written by others, together with this: what a release needs.
SCRIPTS = {"deploy/status", "deploy/rollback", "deploy/setup", "deploy/release"}
SETTINGS = ("MAX_INSTANCES", "DATABASE_GIGABYTES", "DATABASE_CLASS", "SMOKE_PATH")
CHOICES = {"cloud": CLOUD, **{stack.name: {**PROMETHEUS, **stack.answers} for stack in STACKS}}

each_choice = pytest.mark.parametrize("choice", CHOICES)


def books(choice: str) -> dict[str, str]:
    folder = rendered(CHOICES[choice]) / "monitoring/runbooks"
    return {file.stem: file.read_text() for file in sorted(folder.iterdir())}


def commands(choice: str) -> list[str]:
    """Return every command of every runbook, once."""
    texts = books(choice).values()
    found = [line for text in texts for block, _ in FENCE.findall(text) for line in block.splitlines()]
    return list(dict.fromkeys(found + [command for text in texts for command in COMMAND.findall(FENCE.sub("", text))]))


@each_choice
def test_there_is_a_page_for_each_alert_and_no_other(choice: str) -> None:
    folder = rendered(CHOICES[choice]) / "monitoring"
    alerts = PAGES | TICKETS if choice == "cloud" else set(rules.alerts(folder))

    assert set(books(choice)) == alerts | EXTRA


@each_choice
def test_every_page_has_the_same_parts(choice: str) -> None:
    for name, text in books(choice).items():
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS, name
        assert text.startswith(f"# {name}\n") or name in EXTRA
        assert len(text.splitlines()) <= LONGEST, name
        assert len(re.findall(r"^- ", text.partition("## Stop the harm")[2].partition("## Find")[0], re.MULTILINE)) >= 1
        assert len(re.findall(r"^\d\. ", text.partition("## Find the cause")[2], re.MULTILINE)) >= 3


@each_choice
def test_the_first_look_is_three_commands_and_says_what_is_good(choice: str) -> None:
    for name, text in books(choice).items():
        looks = FENCE.findall(text.partition("## First look")[2].partition("## Stop the harm")[0])

        assert len(looks) == 3, name
        assert all(len(command.splitlines()) == 1 and good for command, good in looks), name


@each_choice
def test_every_command_parses_and_starts_something_that_is_there(choice: str) -> None:
    repository = rendered(CHOICES[choice])
    for command in commands(choice):
        run(["bash", "-n", "-c", command]).succeeded()
        program = shlex.split(command)[0]
        assert program in {"aws", "curl", "promtool", "make", "docker"} or program in SCRIPTS, command
        if program == "deploy/setup":
            assert (repository / program).is_file()


@each_choice
def test_every_setting_that_a_page_names_is_one(choice: str) -> None:
    settings = (rendered(CHOICES[choice]) / "deploy/environments/production.env").read_text()
    text = "".join(books(choice).values())

    assert [name for name in SETTINGS if name in text and f"{name}=" not in settings] == []


@pytest.mark.parametrize("name", COMBOS)
def test_no_page_of_any_combination_names_what_is_not_there(name: str) -> None:
    folder = rendering(name)
    for page in (folder / "monitoring/runbooks").iterdir():
        for path in re.findall(r"`((?:monitoring|deploy/environments)/[\w./-]+)`", page.read_text()):
            assert (folder / path).exists(), f"{page.name}: {path}"


@pytest.mark.xdist_group("alert path")
def test_every_question_to_prometheus_has_its_answer(world: World) -> None:
    asked = [command for command in commands(world.build.stack.name) if command.startswith("promtool query")]
    assert len(asked) > 10

    env = {
        "PROMETHEUS": f"http://127.0.0.1:{world.prometheus.port}",
        "PATH": f"{tool('promtool').parent}:/usr/bin:/bin",
    }
    answers = {command: run(["bash", "-c", command], env=env).succeeded().out for command in asked}

    silent = {command for command, answer in answers.items() if not answer.strip()}
    assert {command for command in silent if '=~"5.."' not in command} == set()


@pytest.fixture
def ask(cloud: Cloud) -> Callable[[str], Outcome]:
    """``ask(command)``: a command of a runbook, against an account in which the service is set up."""
    log = "/aws/elasticbeanstalk/my-service-prod/var/log/eb-docker/containers/eb-current-app/stdouterr.log"
    cloud.aws("elasticbeanstalk", "create-application", "--application-name", "my-service")
    cloud.aws("logs", "create-log-group", "--log-group-name", log)

    once = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_MAX_ATTEMPTS": "1"}

    def call(command: str) -> Outcome:
        return run(["bash", "-c", command], env=cloud.environment(None, **once, **FILLED, **DAYS))

    return call


# What the emulated AWS answers; the others are read by the real command line, which then finds that it is not served.
SERVED = ("describe-environments", "filter-log-events", "get-metric-statistics")
UNSERVED = ("describe-events", "describe-instances-health", "restart-app-server", "describe-alarm-history")


@each_choice
def test_the_command_line_of_aws_takes_every_command(choice: str, ask: Callable[[str], Outcome]) -> None:
    asked = [command for command in commands(choice) if command.startswith("aws ")]
    assert asked

    for command in asked:
        outcome = ask(command)
        assert any(name in command for name in SERVED + UNSERVED), command
        assert "usage:" not in outcome.err, command
        if any(name in command for name in SERVED):
            outcome.succeeded()


def test_a_command_that_is_wrong_is_noticed(ask: Callable[[str], Outcome]) -> None:
    outcome = ask("aws logs filter-log-events --log-group /x --start 1")

    assert outcome.code != 0
    assert "aws: error" in outcome.err or "usage:" in outcome.err


def test_the_pages_of_a_combination_lie_in_one_folder() -> None:
    assert all((Path(rendering(name)) / "monitoring/runbooks/ServiceDown.md").is_file() for name in COMBOS)
