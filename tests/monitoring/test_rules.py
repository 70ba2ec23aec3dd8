"""The rules do what they promise, in their own windows and in windows that are sixty times as short."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from kit.process import run
from kit.tools import ROOT, tool
from monitoring import rules
from monitoring.repositories import PROMETHEUS, SERVICE, monitoring, rendered
from service.stacks import Stack

PACES: dict[str, Callable[[str], str]] = {"as they ship": str, "sixty times as fast": rules.faster}
TESTS = ("slo", "slo-hours", "slo-days", "service", "saturation", "watchdog")
SEVERITIES = {
    "ErrorBudgetBurnsFast": "page",
    "ErrorBudgetBurnsSlowly": "ticket",
    "LatencyBudgetBurnsFast": "page",
    "LatencyBudgetBurnsSlowly": "ticket",
    "ServiceDown": "page",
    "InstanceDown": "ticket",
    "RequestsStopped": "page",
    "InstanceRestartsOften": "ticket",
    "DatabasePoolExhausted": "ticket",
    "CpuSaturated": "ticket",
    "MemoryRunsOut": "ticket",
    "FileDescriptorsRunOut": "ticket",
    "EventLoopLags": "ticket",
    "Watchdog": "heartbeat",
}
ANNOTATIONS = {"summary", "description", "runbook", "dashboard"}
OWN_RULE = "groups: [{name: own, rules: [{record: own, expr: vector(1)}]}]\n"

each_pace = pytest.mark.parametrize("pace", PACES)
each_alert = pytest.mark.parametrize("name", SEVERITIES)


@each_pace
@pytest.mark.parametrize("file", TESTS)
def test_the_rules_pass_their_tests(pace: str, file: str, tmp_path: Path) -> None:
    folder = rules.copy(tmp_path / "monitoring", PACES[pace])

    rules.promtool("test", "rules", folder / "tests" / f"{file}.yml").succeeded()


@each_pace
def test_the_rules_of_a_runtime_pass_their_tests(stack: Stack, pace: str, tmp_path: Path) -> None:
    folder = rules.copy(tmp_path / "monitoring", PACES[pace], stack.answers)

    rules.promtool("test", "rules", folder / "tests" / "runtime.yml").succeeded()


def test_every_file_of_tests_is_run(stack: Stack) -> None:
    assert {file.stem for file in (monitoring(stack.answers) / "tests").iterdir()} == {*TESTS, "runtime"}


@each_pace
def test_promtool_accepts_every_rule(pace: str, tmp_path: Path) -> None:
    folder = rules.copy(tmp_path / "monitoring", PACES[pace])

    rules.promtool("check", "rules", *sorted((folder / "rules").glob("*.yml"))).succeeded()


def test_faster_rules_differ_in_their_durations_alone() -> None:
    text = (monitoring() / "rules/slo.yml").read_text()

    quick = rules.faster(text)

    assert re.sub(r"\d+(ms|s|m|h|d)\b", "T", quick) == re.sub(r"\d+(ms|s|m|h|d)\b", "T", text)
    assert "[60000ms]" in quick
    assert "for: 1000ms" in quick
    assert quick.count("interval: 500ms") == 2


def test_the_alerts_are_those_that_somebody_has_thought_about() -> None:
    assert {name: rule["labels"]["severity"] for name, rule in rules.alerts().items()} == SEVERITIES


@each_alert
def test_an_alert_says_what_is_wrong_and_where_to_look(name: str) -> None:
    alert = rules.alerts()[name]
    says = alert["annotations"]

    assert set(says) == ANNOTATIONS
    assert alert["labels"]["service"] == SERVICE
    assert SERVICE in says["summary"]
    assert len(says["summary"].split()) <= 8
    assert "{{ $value" in says["description"]
    assert len(re.sub(r"\{\{.*?\}\}", "X", says["description"]).split()) <= 40
    assert says["description"][-1] == "."
    assert (rendered(PROMETHEUS) / says["runbook"]).is_file()


@each_alert
def test_an_alert_leads_to_a_dashboard_that_exists(name: str) -> None:
    files = (monitoring() / "grafana/dashboards").glob("*.json")
    known = {yaml.safe_load(file.read_text())["uid"] for file in files}

    link = re.fullmatch(r"/d/([\w-]+)(\?var-environment=\{\{ \$labels\.environment \}\})?", dashboard_of(name))

    assert link is not None
    assert link[1] in known


def dashboard_of(name: str) -> str:
    return str(rules.alerts()[name]["annotations"]["dashboard"])


@pytest.mark.parametrize("name", sorted(SEVERITIES.keys() - {"Watchdog"}))
def test_an_alert_is_proved_to_fire_to_stay_quiet_and_to_end(name: str) -> None:
    said: dict[str, list[tuple[float, bool]]] = {}
    for place, second, alert, fires in rules.asserted(monitoring()):
        if alert == name:
            said.setdefault(place, []).append((second, fires))
    stories = ["".join("F" if fires else "." for _, fires in sorted(moments)) for moments in said.values()]

    assert any("F" in story for story in stories)
    assert any(story.startswith(".") for story in stories)
    assert any("F." in story for story in stories)


def test_prometheus_takes_its_configuration_and_rules_of_the_team(tmp_path: Path) -> None:
    folder = shutil.copytree(monitoring(), tmp_path / "monitoring")
    own = folder / "rules/own/ours.yml"
    own.parent.mkdir()
    own.write_text(OWN_RULE)

    outcome = rules.promtool("check", "config", folder / "prometheus/prometheus.yml").succeeded()

    assert f"{len(list((folder / 'rules').glob('*.yml'))) + 1} rule files found" in outcome.out
    assert str(own) in outcome.out


@pytest.mark.parametrize("strategy", ["canary", "blue-green"])
def test_a_prometheus_in_the_network_finds_every_environment(strategy: str) -> None:
    file = monitoring({**PROMETHEUS, "deployment_strategy": strategy}) / "prometheus/elastic-beanstalk.yml"
    rules.promtool("check", "config", file).succeeded()
    (job,) = yaml.safe_load(file.read_text())["scrape_configs"]
    (found,) = [entry["values"] for entry in job["ec2_sd_configs"][0]["filters"] if entry["name"].startswith("tag:")]
    pairs = [(entry["regex"], entry["replacement"]) for entry in job["relabel_configs"] if "replacement" in entry]

    named = {place: [name for regex, name in pairs if re.fullmatch(regex, place)] for place in found}

    colours = ("-blue", "-green") if strategy == "blue-green" else ("",)
    assert named == {
        f"{SERVICE}-{short}{colour}": [name]
        for short, name in (("stg", "staging"), ("prod", "production"))
        for colour in colours
    }
    assert job["job_name"] == SERVICE
    assert job["ec2_sd_configs"][0]["port"] == 80


def test_what_is_measured_is_kept_as_long_as_the_objectives_look_back() -> None:
    days = yaml.safe_load((ROOT / "includes/objectives.yml").read_text())["days"]
    command = yaml.safe_load((rendered(PROMETHEUS) / "compose.yaml").read_text())["services"]["prometheus"]["command"]

    (kept,) = re.findall(r"--storage\.tsdb\.retention\.time=(\d+)d", " ".join(command))

    assert int(kept) > days


def test_the_document_shows_how_the_tests_are_run(tmp_path: Path) -> None:
    folder = shutil.copytree(rendered(PROMETHEUS), tmp_path / "repo", symlinks=True)
    command = "promtool test rules monitoring/tests/*.yml"
    assert command in (folder / "monitoring/README.md").read_text()

    env = {"PATH": f"{tool('promtool').parent}:/usr/bin:/bin"}
    run(["sh", "-c", command], cwd=folder, env=env, deadline=60).succeeded()
