"""At a terminal both commands ask: for a yes, or for the name of what is to go."""

from collections.abc import Callable

import pexpect
import pytest

from cloud.people import Person, changes
from kit.beanstalk_account import SERVICE, STACK
from kit.cloud import Cloud

People = Callable[..., Person]


def answer(person: Person, command: str, question: str, reply: str) -> tuple[int, str]:
    """Run a command at a terminal, answer its question, and return its exit code and its last words."""
    words, folder, env = ["-c", f"exec {command}"], str(person.folder), person.environment()
    terminal = pexpect.spawn("bash", words, cwd=folder, env=env, encoding="utf-8", timeout=60)
    terminal.expect_exact(question)
    terminal.sendline(reply)
    said = terminal.read()
    terminal.close()
    return int(terminal.exitstatus or 0), said.replace("\r", "")


@pytest.mark.parametrize(("reply", "code"), [("y", 0), ("Yes", 0), ("", 10), ("n", 10), ("maybe", 10)])
def test_a_plan_is_carried_out_after_a_yes(reply: str, code: int, person: People, cloud: Cloud) -> None:
    ended, said = answer(person(artifact="zip"), "deploy/setup", "go ahead? [y/N] ", reply)

    assert ended == code, said
    assert bool(changes(cloud)) == (code == 0)
    assert ("refused   you did not agree" in said) == (code == 10)


@pytest.mark.parametrize(("reply", "code"), [("staging", 0), ("y", 10), ("stagin", 10), ("staging2", 10)])
def test_an_environment_goes_after_its_name(reply: str, code: int, person: People, cloud: Cloud) -> None:
    cloud.aws("elasticbeanstalk", "create-application", "--application-name", SERVICE)
    names = ["--application-name", SERVICE, "--environment-name", "orders-api-stg", "--cname-prefix", "orders-api-stg"]
    cloud.aws("elasticbeanstalk", "create-environment", *names, "--solution-stack-name", STACK)
    cloud.plant()

    ended, said = answer(person(artifact="zip"), "deploy/teardown staging", "type staging to go ahead: ", reply)

    assert ended == code, said
    assert changes(cloud) == ["elasticbeanstalk TerminateEnvironment"] * (code == 0)
