"""Prometheus and Alertmanager as the generated repository configures them, sixty times as fast, on 127.0.0.1."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from kit.process import Running, free_port, start, wait_until
from kit.template import Answers
from kit.tools import tool
from monitoring.repositories import monitoring
from monitoring.rules import faster
from monitoring.sinks import HEARTBEAT, PAGERDUTY, SLACK, Inbox

RESEND = "500ms"


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus."""

    running: Running
    port: int
    client: httpx.Client

    def get(self, path: str, **parameters: str) -> Any:  # noqa: ANN401 - whatever JSON says
        """Ask its interface and return the data of the answer."""
        answer = self.client.get(f"http://127.0.0.1:{self.port}/api/v1/{path}", params=parameters, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Return labels and value of each series of an expression, now."""
        found = self.get("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def value(self, expression: str) -> float:
        """Return the sum of the values of an expression, 0 without any."""
        return sum(value for _, value in self.query(expression))

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire or are about to."""
        return {labels["alertname"] for labels, _ in self.query("ALERTS")} - {"Watchdog"}

    def known(self) -> dict[str, set[str]]:
        """Return every name of a series with the names of its labels; alerts have them before the first fires."""
        names = {"ALERTS": {"alertname", "alertstate", "environment", "service", "severity"}}
        for series in self.get("series", **{"match[]": '{__name__=~".+"}'}):
            names.setdefault(series["__name__"], set()).update(series)
        return names


def alertmanager_configuration(folder: Path, inbox: Inbox) -> Path:
    """Copy what Alertmanager reads; its channels lead to the inbox, and Debian's version reads no ``url_file``."""
    shutil.copytree(monitoring() / "alertmanager", folder)
    web = f"http://127.0.0.1:{inbox.http}"
    keys = {"slack-url": web + SLACK, "pagerduty-key": "0123456789abcdef0123456789abcdef"}
    for name, key in keys.items():
        (folder / name).write_text(key)
    file = folder / "alertmanager.yml"
    text = faster(file.read_text())
    text = text.replace("url_file: /run/secrets/heartbeat-url", f"url: {web}{HEARTBEAT}")
    text = text.replace("smtp_smarthost: localhost:587", f"smtp_smarthost: 127.0.0.1:{inbox.smtp}")
    text = re.sub(r"  smtp_auth_username: .*\n  smtp_auth_password_file: .*\n", "  smtp_require_tls: false\n", text)
    text = text.replace("global:\n", f"global:\n  pagerduty_url: {web}{PAGERDUTY}\n", 1)
    file.write_text(text.replace("/run/secrets", str(folder)))
    return file


def prometheus_configuration(folder: Path, answers: Answers, own: int, service: int, alertmanager: int) -> Path:
    """Copy configuration and rules; the service is production's, scraped every half second."""
    for name in ("prometheus", "rules"):
        shutil.copytree(monitoring(answers) / name, folder / name)
    for file in (folder / "rules").glob("*.yml"):
        file.write_text(faster(file.read_text()))
    file = folder / "prometheus/prometheus.yml"
    text = faster(file.read_text()).replace("scrape_interval: 250ms", "scrape_interval: 500ms")
    text = text.replace("service:8080", f"127.0.0.1:{service}").replace(
        "alertmanager:9093", f"127.0.0.1:{alertmanager}"
    )
    text = text.replace("localhost:9090", f"127.0.0.1:{own}")
    file.write_text(text.replace("environment: development", "environment: production"))
    return file


@contextmanager
def alertmanager(folder: Path, inbox: Inbox) -> Iterator[int]:
    """Run an Alertmanager for the length of the block."""
    port = free_port()
    options = [
        f"--config.file={alertmanager_configuration(folder / 'alertmanager', inbox)}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with start([tool("prometheus-alertmanager"), *options], cwd=folder) as running:
        wait_until(lambda: running.code is not None or _ready(port), "Alertmanager is ready", deadline=30)
        assert running.code is None, str(running)
        yield port


@contextmanager
def prometheus(folder: Path, answers: Answers, service: int, alertmanager: int) -> Iterator[Prometheus]:
    """Run the Prometheus of a repository with these answers for the length of the block."""
    port = free_port()
    options = [
        f"--config.file={prometheus_configuration(folder, answers, port, service, alertmanager)}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--rules.alert.resend-delay={RESEND}",
        "--log.level=warn",
    ]
    with start([tool("prometheus"), *options], cwd=folder) as running, httpx.Client() as client:
        wait_until(lambda: running.code is not None or _ready(port), "Prometheus is ready", deadline=30)
        assert running.code is None, str(running)
        yield Prometheus(running, port, client)


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/-/ready").status_code == 200
    except httpx.TransportError:
        return False
