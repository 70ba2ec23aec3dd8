"""The rules of a generated repository, as they ship and sixty times as fast, and promtool's word on them."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kit.process import Outcome, environment, run
from kit.template import Answers
from kit.tools import tool
from monitoring.repositories import PROMETHEUS, monitoring

FASTER = 60
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
DURATION = r"(?:\d+(?:ms|s|m|h|d))+"
# Where a duration stands in rules, in their tests, and in the configurations of Prometheus and Alertmanager.
PLACES = re.compile(
    rf"(?P<before>\[|offset |\b(?:for|interval|eval_time|\w+_interval|group_wait|timeout): )(?P<time>{DURATION})\b"
)
SPENT = re.compile(r"((?:process_cpu_seconds_total|jvm_gc_collection_seconds_sum)\{.*?values: \")([^\"]*)", re.DOTALL)

PACE = ("slo", "slo-hours", "slo-days")

Rule = dict[str, Any]


def seconds(duration: str) -> float:
    """Return a duration such as ``1h30m`` in seconds."""
    return sum(float(number) * SECONDS[unit] for number, unit in PART.findall(duration))


def faster(text: str) -> str:
    """Return rules, tests or a configuration with every duration divided by sixty."""

    def shorter(match: re.Match[str]) -> str:
        return f"{match['before']}{round(seconds(match['time']) * 1000 / FASTER)}ms"

    def slower(match: re.Match[str]) -> str:
        """Let a test spend a sixtieth of the seconds in a sixtieth of the time."""
        return match[1] + re.sub(r"(?<![x\d.])\d+(?:\.\d+)?", lambda number: str(float(number[0]) / FASTER), match[2])

    return PLACES.sub(shorter, SPENT.sub(slower, text))


def copy(folder: Path, change: Callable[[str], str] = str, answers: Answers = PROMETHEUS) -> Path:
    """Copy rules and tests into ``folder``, each text changed, and return the copy of ``monitoring``."""
    for name in ("rules", "tests"):
        shutil.copytree(monitoring(answers) / name, folder / name)
    for file in folder.rglob("*.yml"):
        file.write_text(change(file.read_text()))
    return folder


def promtool(*arguments: str | Path, cwd: Path | None = None) -> Outcome:
    """Run promtool, on one core and with rare collections, as it lives but shortly."""
    return run([tool("promtool"), *arguments], cwd=cwd, env=environment(GOGC="800", GOMAXPROCS="1"), deadline=120)


def tests_of(folder: Path, rules: str) -> list[Path]:
    """Return the tests of the rule file with this name, the quick ones first."""
    files = [file for file in (folder / "tests").glob("*.yml") if f"../rules/{rules}]" in file.read_text()]
    return sorted(files, key=lambda file: PACE.index(file.stem) if file.stem in PACE else 0)


def single_tests(folder: Path, rules: str) -> list[Path]:
    """Write each test of the rule file with this name into a file of its own, and return these files."""
    files = {folder / "tests" / name: test for name, test in _single_tests(rules).items()}
    for file, test in files.items():
        file.write_text(test)
    return list(files)


@cache
def _single_tests(rules: str) -> dict[str, str]:
    documents = {file.stem: yaml.safe_load(file.read_text()) for file in tests_of(monitoring(), rules)}
    return {
        f"{name}-{number}.yml": json.dumps(document | {"tests": [test]})
        for name, document in documents.items()
        for number, test in enumerate(document["tests"])
    }


def rules(folder: Path | None = None) -> list[Rule]:
    """Return every rule."""
    files = sorted(((folder or monitoring()) / "rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def alerts(folder: Path | None = None) -> dict[str, Rule]:
    """Return the alerts by their names."""
    return {rule["alert"]: rule for rule in rules(folder) if "alert" in rule}


def recorded() -> set[str]:
    """Return the names of the recorded series."""
    return {rule["record"] for rule in rules() if "record" in rule}


def asserted(folder: Path) -> Iterator[tuple[str, float, str, bool]]:
    """Return what the tests say of alerts: the test, the second, the alert, and whether it is said to fire."""
    for file in sorted((folder / "tests").glob("*.yml")):
        own = {rule["alert"] for rule in _loaded(file) if "alert" in rule}
        for test in yaml.safe_load(file.read_text())["tests"]:
            place = f"{file.name}: {test['name']}"
            for case in test.get("alert_rule_test", []):
                yield place, seconds(case["eval_time"]), case["alertname"], bool(case["exp_alerts"])
            for case in test.get("promql_expr_test", []):
                if case["expr"] == 'count by (alertname) (ALERTS{alertstate="firing"})':
                    firing = re.findall(r'alertname="(\w+)"', str(case["exp_samples"]))
                    yield from ((place, seconds(case["eval_time"]), name, name in firing) for name in own)


def _loaded(file: Path) -> list[Rule]:
    names = yaml.safe_load(file.read_text())["rule_files"]
    groups = [group for name in names for group in yaml.safe_load((file.parent / name).read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]
