"""What the repository starts and sources for its monitoring is there, pinned and clean."""

import re
from typing import Any

import pytest
import yaml

from kit.process import run
from kit.tools import ROOT, tool
from monitoring.repositories import CLOUD, EVERY_CHANNEL, PROMETHEUS, monitoring, rendered
from monitoring.stacks import TEMPLATE

IMAGE = re.compile(r"[\w/]+:v?\d+\.\d+\.\d+@sha256:[0-9a-f]{64}")
REPOSITORIES = {
    "prometheus": PROMETHEUS,
    "cloud": CLOUD,
    "cloud, blue-green": {"metrics": "cloud", "alerts": EVERY_CHANNEL, "deployment_strategy": "blue-green"},
}
LONGEST_NAME = "a-service-name-of-28-letters"


def services() -> dict[str, dict[str, Any]]:
    """Return what the profile ``monitoring`` starts."""
    compose = yaml.safe_load((rendered(PROMETHEUS) / "compose.yaml").read_text())
    return {name: one for name, one in compose["services"].items() if one.get("profiles") == ["monitoring"]}


def test_compose_starts_all_three_on_the_loopback_and_pinned() -> None:
    assert set(services()) == {"prometheus", "alertmanager", "grafana"}
    for one in services().values():
        assert IMAGE.fullmatch(one["image"])
        assert all(port.startswith("127.0.0.1:") for port in one["ports"])
        assert "./monitoring:/monitoring:ro" in one["volumes"]


def test_everything_that_compose_names_is_there() -> None:
    repository = rendered(PROMETHEUS)
    texts = [
        str(one)
        for service in services().values()
        for one in [*service.get("command", []), *service.get("environment", {}).values()]
    ]
    paths = [path for text in texts for path in re.findall(r"/monitoring/[\w./-]+", text)]
    mounted = [volume.partition(":")[0] for service in services().values() for volume in service["volumes"]]

    assert len(paths) >= 4
    assert [path for path in paths if not (repository / path.removeprefix("/")).exists()] == []
    assert [path for path in mounted if path.startswith("./") and not (repository / path).is_dir()] == []


def test_grafana_finds_its_data_and_its_dashboards() -> None:
    folder = monitoring() / "grafana/provisioning"
    data = yaml.safe_load((folder / "datasources/prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((folder / "dashboards/service.yml").read_text())["providers"]

    assert {one["url"] for one in data} == {"http://prometheus:9090", "http://alertmanager:9093"}
    assert [one["uid"] for one in data if one.get("isDefault")] == ["prometheus"]
    assert provider["options"]["path"] == "/monitoring/grafana/dashboards"
    assert provider["allowUiUpdates"] is False


def test_no_compose_service_is_left_when_the_cloud_measures() -> None:
    compose = yaml.safe_load((rendered(CLOUD) / "compose.yaml").read_text())

    assert set(compose["services"]) == {"database", "migrate", "service"}
    assert list(compose["volumes"]) == ["database"]


@pytest.mark.parametrize("name", REPOSITORIES)
def test_linters_find_nothing(name: str) -> None:
    folder = rendered({**REPOSITORIES[name], "service_name": LONGEST_NAME})
    settings = ROOT / ".yamllint.yaml"

    run([tool("yamllint"), "--strict", "--config-file", settings, "monitoring", "deploy"], cwd=folder).succeeded()
    run([tool("shellcheck"), "deploy/monitoring.sh"], cwd=folder).succeeded()
    run([tool("shfmt"), "-i", "2", "-ci", "-d", "deploy/monitoring.sh"], cwd=folder).succeeded()
    if (folder / TEMPLATE).exists():
        run([tool("cfn-lint"), TEMPLATE], cwd=folder).succeeded()
