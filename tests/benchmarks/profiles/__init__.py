"""Where the processor time of a request goes, for the services that miss their goal: one file for each."""

from collections.abc import Callable, Mapping

from benchmarks.profiles import go, node, python
from benchmarks.rounds import Figure, Section

PROFILES: Mapping[str, Callable[[], Mapping[str, float]]] = {
    "Express": node.times,
    "FastAPI": python.fastapi,
    "Flask, the app alone": python.flask,
    "net/http": go.times,
}
ROUNDS = 3
SMALLEST = 1.0


def measure() -> Section:
    """Sample each service under load; its parts are shares of its busy time, in percent."""
    shown = []
    for title, times in PROFILES.items():
        profiles = [_shares(times()) for _ in range(ROUNDS)]
        parts = {part for profile in profiles for part in profile}
        figures = [Figure(f"{title}: {part}", [one.get(part, 0.0) for one in profiles], unit="%") for part in parts]
        shown += sorted((one for one in figures if one.median >= SMALLEST), key=lambda figure: -figure.median)
    return Section(
        "profile",
        shown,
        ["Time counts for the nearest caller that is a package or a file of the service, from 1 % on."],
    )


def _shares(times: Mapping[str, float]) -> dict[str, float]:
    busy = sum(times.values())
    return {part: 100 * time / busy for part, time in times.items()}
