"""The emulated Elastic Beanstalk has the habits of the real one that a release engine trips over."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from kit import fast
from kit.aws_beanstalk import STACKS
from kit.beanstalk_account import SERVICE, Account
from kit.cloud import Behaviour, Cloud
from kit.hammer import ask, hammering
from kit.process import run, wait_until
from kit.renderings import export
from kit.tools import ROOT

OLD, NEW = "1" * 40, "2" * 40
STRATEGIES = ("canary", "blue-green", "rolling")
PROD = f"{SERVICE}-prod"
Ready = Callable[..., Account]
FACTS = yaml.safe_load((ROOT / "includes/runtimes/elastic-beanstalk.yml").read_text())
PLATFORMS = [(language, version) for language, versions in FACTS["platforms"].items() for version in versions]


@pytest.fixture
def ready(cloud: Cloud) -> Ready:
    """``ready("canary")``: an account whose environments run the old version."""

    def make(strategy: str) -> Account:
        account = Account(cloud, strategy)
        account.make([OLD, NEW], OLD, OLD)
        return account

    return make


def deploy(account: Account, name: str = PROD, label: str = NEW) -> dict[str, Any]:
    """Begin to deploy a version."""
    answer: dict[str, Any] = account.beanstalk.update_environment(EnvironmentName=name, VersionLabel=label)
    return answer


def settled(account: Account, prefix: str = PROD) -> tuple[str, str, str]:
    """Return label, status and health of an environment after it has come to rest."""
    end = wait_until(lambda: (one := account.at(prefix))["Status"] == "Ready" and one, "it is ready")
    return end["VersionLabel"], end["Status"], end["HealthStatus"]


def errors(account: Account) -> list[str]:
    """Return what the platform calls errors."""
    events = account.beanstalk.describe_events(EnvironmentName=PROD, Severity="ERROR")["Events"]
    return [event["Message"] for event in events]


def refusal(call: Callable[..., Any], **arguments: object) -> str:
    """Return how a call is refused."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value)


@pytest.mark.parametrize(("language", "version"), PLATFORMS)
def test_the_platform_of_a_bundle_is_one_that_it_has(language: str, version: str, tmp_path: Path) -> None:
    fast.render(export(), tmp_path, {"language": language, "runtime_version": version, "artifact": "zip"})

    settings = (tmp_path / "deploy" / "service.env").read_text().splitlines()

    wanted = next(line.removeprefix("PLATFORM=") for line in settings if line.startswith("PLATFORM="))
    assert any(stack.endswith(f" running {wanted}") for stack in STACKS)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_deployment_ends_with_all_requests_on_the_new_version(strategy: str, ready: Ready) -> None:
    account = ready(strategy)

    answer = deploy(account, account.at(PROD)["EnvironmentName"])

    assert (answer["Status"], answer["VersionLabel"]) == ("Updating", NEW)
    assert settled(account)[:2] == (NEW, "Ready")
    wait_until(lambda: settled(account) == (NEW, "Ready", "Ok"), "its health is Ok")
    assert set(account.answers()) == {f"200 {NEW}"}


@pytest.mark.parametrize("strategy", ["canary", "rolling"])
def test_users_notice_no_deployment_and_no_abort(strategy: str, ready: Ready, cloud: Cloud) -> None:
    account = ready(strategy)
    cloud.wish(minute=0.3)

    with hammering(cloud, f"{PROD}.localhost") as user:
        deploy(account)
        wait_until(lambda: user.answered[NEW] > 1, "users meet the new version")
        account.beanstalk.abort_environment_update(EnvironmentName=PROD)
        aborted = settled(account)
        cloud.wish(minute=0.05)
        deploy(account)
        settled(account)

    assert aborted[0] == OLD
    assert user.failures == []
    assert min(user.answered[OLD], user.answered[NEW]) > 1


def test_users_notice_no_swap_but_may_come_to_the_former_place_for_a_while(ready: Ready, cloud: Cloud) -> None:
    account = ready("blue-green")
    deploy(account, f"{PROD}-green")
    settled(account, f"{PROD}-idle")
    cloud.wish(minute=0.2)

    with hammering(cloud, f"{PROD}.localhost") as user:
        account.beanstalk.swap_environment_cnames(
            SourceEnvironmentName=f"{PROD}-blue", DestinationEnvironmentName=f"{PROD}-green"
        )
        assert account.at(PROD)["EnvironmentName"] == f"{PROD}-green"
        assert len(set(account.answers())) == 2
        settled(account)

    assert user.failures == []
    assert set(account.answers()) == {f"200 {NEW}"}


def test_traffic_splitting_gives_a_tenth_of_the_requests_to_the_new_version(ready: Ready, cloud: Cloud) -> None:
    account = ready("canary")
    cloud.wish(minute=0.5)

    deploy(account)
    wait_until(lambda: f"200 {NEW}" in account.answers(), "the traffic is split", deadline=20)

    assert account.answers(100).count(f"200 {NEW}") == 10


def test_what_falls_back_by_itself_looks_like_a_success(ready: Ready, cloud: Cloud) -> None:
    account = ready("canary")
    cloud.behaves(NEW, Behaviour.UNHEALTHY)

    deploy(account)

    assert settled(account)[:2] == (OLD, "Ready")
    wait_until(lambda: settled(account)[2] == "Ok", "its health is Ok")
    assert "Failed to deploy application." in errors(account)
    assert set(account.answers()) == {f"200 {OLD}"}


@pytest.mark.parametrize(("claim", "label"), [("new", NEW), ("old", OLD)])
def test_a_rolling_deployment_that_stops_leaves_the_fleet_mixed(
    claim: str, label: str, ready: Ready, cloud: Cloud
) -> None:
    account = ready("rolling")
    cloud.behaves(NEW, Behaviour.HALF)
    cloud.wish(label_after_failure=claim)

    deploy(account)

    assert settled(account) == (label, "Ready", "Degraded")
    assert set(account.answers()) == {f"200 {OLD}", f"200 {NEW}"}
    assert "re-deploy the appropriate application version" in errors(account)[0]


def test_an_update_can_hang_until_it_is_aborted(ready: Ready, cloud: Cloud) -> None:
    account = ready("rolling")
    cloud.behaves(NEW, Behaviour.NEVER_READY)
    deploy(account)

    refused = refusal(account.beanstalk.update_environment, EnvironmentName=PROD, VersionLabel=OLD)
    account.beanstalk.abort_environment_update(EnvironmentName=PROD)

    assert f"Environment named {PROD} is in an invalid state for this operation. Must be Ready." in refused
    assert account.at(PROD)["Status"] in {"Aborting", "Ready"}
    assert settled(account)[0] == OLD


def test_an_update_that_tidies_up_can_be_aborted_no_more(ready: Ready, cloud: Cloud) -> None:
    account = ready("rolling")
    cloud.wish(minute=0.2)
    deploy(account)
    wait_until(lambda: not account.at(PROD)["AbortableOperationInProgress"], "it tidies up")

    assert account.at(PROD)["Status"] == "Updating"
    assert "no operation in progress" in refusal(account.beanstalk.abort_environment_update, EnvironmentName=PROD)


def test_what_cannot_be_updated_is_refused(ready: Ready) -> None:
    update = ready("rolling").beanstalk.update_environment
    option = {"Namespace": "aws:elasticbeanstalk:command", "OptionName": "DeploymentPolicy", "Value": "Rolling"}
    typing_error = option | {"OptionName": "DeploymentPolcy"}

    assert "No Application Version named 'v9' found." in refusal(update, EnvironmentName=PROD, VersionLabel="v9")
    both = refusal(update, EnvironmentName=PROD, VersionLabel=NEW, OptionSettings=[option])
    assert "InvalidParameterCombination" in both
    assert "Unknown configuration setting" in refusal(update, EnvironmentName=PROD, OptionSettings=[typing_error])
    assert "No Environment found" in refusal(update, EnvironmentName="nowhere", VersionLabel=NEW)


def test_the_front_closes_what_is_not_for_the_internet(ready: Ready, cloud: Cloud) -> None:
    ready("canary")
    paths = {path: ask(cloud, f"{PROD}.localhost", path) for path in ("/health", "/v1/items", "/ready", "/metrics")}

    assert paths == {"/health": (200, OLD), "/v1/items": (200, OLD), "/ready": (404, OLD), "/metrics": (404, OLD)}


def test_curl_and_clients_of_a_proxy_find_an_environment(ready: Ready, cloud: Cloud) -> None:
    address = f"http://{ready('canary').at(PROD)['CNAME']}/version"
    proxy = ["--proxy", f"http://127.0.0.1:{cloud.front_port}"]

    for options in ([], proxy):
        assert OLD in run(["curl", "--silent", "--fail", *options, address]).succeeded().out


def test_a_new_environment_answers_everything_until_the_first_release(cloud: Cloud) -> None:
    account = Account(cloud, "canary")
    account.make([], None)

    assert settled(account)[0] == "Sample Application"
    assert ask(cloud, f"{PROD}.localhost", "/no/such/path") == (200, "")
