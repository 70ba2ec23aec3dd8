"""Alertmanager sends every alert to somebody, and each choice of channels is complete."""

from pathlib import Path

import pytest
import yaml

from kit.process import run
from kit.tools import tool
from monitoring.repositories import CHANNELS, PROMETHEUS, monitoring, rendered

CHOICES = {
    "email": "[email]",
    "slack": "[slack]",
    "pagerduty": "[pagerduty]",
    "email and slack": "[email, slack]",
    "email and pagerduty": "[email, pagerduty]",
    "slack and pagerduty": "[slack, pagerduty]",
    "all": "[email, slack, pagerduty]",
}
ROUTES = {
    "severity=page environment=production": "pages",
    "severity=page": "pages",
    "severity=page environment=live": "pages",
    "severity=page environment=staging": "tickets",
    "severity=page environment=development": "tickets",
    "severity=ticket environment=production": "tickets",
    "severity=weird environment=production": "tickets",
    "alertname=Unknown": "tickets",
    "alertname=Watchdog severity=heartbeat": "heartbeat",
}


def configuration(choice: str) -> Path:
    return monitoring({**PROMETHEUS, "alerts": CHOICES[choice]}) / "alertmanager/alertmanager.yml"


def for_debian(choice: str, folder: Path) -> Path:
    """Return the configuration for Debian's Alertmanager, which is too old for an address in a file."""
    file = folder / "alertmanager.yml"
    text = configuration(choice).read_text()
    assert text.count("url_file: /run/secrets/heartbeat-url") == 1
    file.write_text(text.replace("url_file: /run/secrets/heartbeat-url", "url: http://127.0.0.1:1"))
    (folder / "templates").symlink_to(configuration(choice).parent / "templates")
    return file


@pytest.mark.parametrize("choice", CHOICES)
def test_alertmanager_takes_the_configuration(choice: str, tmp_path: Path) -> None:
    outcome = run([tool("amtool"), "check-config", for_debian(choice, tmp_path)]).succeeded()

    assert "1 templates" in outcome.out


@pytest.mark.parametrize("labels", ROUTES)
@pytest.mark.parametrize("choice", ["email", "all"])
def test_an_alert_goes_to_those_who_wait_for_it(choice: str, labels: str, tmp_path: Path) -> None:
    file = for_debian(choice, tmp_path)

    outcome = run([tool("amtool"), "config", "routes", "test", f"--config.file={file}", *labels.split()]).succeeded()

    assert outcome.out.split() == [ROUTES[labels]]


@pytest.mark.parametrize("choice", CHOICES)
def test_pages_reach_every_chosen_channel_and_tickets_wake_nobody(choice: str) -> None:
    receivers = {one["name"]: one for one in yaml.safe_load(configuration(choice).read_text())["receivers"]}
    chosen = {channel for channel in CHANNELS if channel in CHOICES[choice]}

    told = {
        name: {channel for channel in CHANNELS if f"{channel}_configs" in receiver}
        for name, receiver in receivers.items()
    }

    assert told == {"heartbeat": set(), "pages": chosen, "tickets": chosen - {"pagerduty"} or chosen}
    for one in receivers["tickets"].get("pagerduty_configs", []):
        assert one["severity"] == "warning"


@pytest.mark.parametrize("choice", CHOICES)
def test_the_end_of_an_alert_is_told(choice: str) -> None:
    receivers = yaml.safe_load(configuration(choice).read_text())["receivers"]
    channels = [
        one for receiver in receivers for key, ones in receiver.items() if key.endswith("_configs") for one in ones
    ]

    # PagerDuty hears it unless it is told not to; the heartbeat has no end.
    assert [one for one in channels if not one.get("send_resolved", "routing_key_file" in one)] == [
        {"url_file": "/run/secrets/heartbeat-url", "send_resolved": False}
    ]


@pytest.mark.parametrize("choice", CHOICES)
def test_keys_are_files_that_git_does_not_take(choice: str) -> None:
    text = configuration(choice).read_text()
    repository = rendered({**PROMETHEUS, "alerts": CHOICES[choice]})
    keys = {line.split(": ")[1] for line in text.splitlines() if "_file: " in line}
    named = (repository / "monitoring/secrets/README.md").read_text()

    assert {Path(key).parent for key in keys} == {Path("/run/secrets")}
    assert {Path(key).name for key in keys} == {
        row.split("`")[1] for row in named.splitlines() if row.startswith("| `")
    }
    assert not [word for word in ("http://", "https://", "routing_key:", "api_url:", "auth_password:") if word in text]
    assert "monitoring/secrets/*\n!monitoring/secrets/README.md\n" in (repository / ".gitignore").read_text()
