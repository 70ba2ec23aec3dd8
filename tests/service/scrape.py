"""Read ``/metrics`` as families and samples."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from kit.process import wait_until
from service.client import Client


@dataclass(frozen=True)
class Scrape:
    """The metrics of one moment."""

    families: Mapping[str, Metric]

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of the samples of this name that carry these labels; 0 if there is none."""
        return sum(value for found, value in self.samples(name) if labels.items() <= found.items())

    def labels(self, name: str) -> list[dict[str, str]]:
        """Return the labels of each sample of this name."""
        return [labels for labels, _ in self.samples(name)]

    def samples(self, name: str) -> list[tuple[dict[str, str], float]]:
        """Return labels and value of each sample of this name."""
        return [
            (sample.labels, sample.value)
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name
        ]

    def kind(self, name: str) -> str:
        """Return the type of a family, such as ``gauge``; the parser drops ``_total`` from the names of counters."""
        return str(self.families[name.removesuffix("_total")].type)


def scrape(client: Client) -> Scrape:
    """Ask a service for its metrics."""
    text = client.get("/metrics").body.decode()
    return Scrape({family.name: family for family in text_string_to_metric_families(text)})


def until(client: Client, condition: Callable[[Scrape], bool], what: str) -> Scrape:
    """Scrape until a condition holds and return that scrape: a response may arrive before it is counted."""

    def fitting() -> Scrape | None:
        now = scrape(client)
        return now if condition(now) else None

    found = wait_until(fitting, what)
    assert found is not None
    return found
