"""Rules that are wrong in one place: each right text, the wrong one, and which of the places where it stands."""

import re
from dataclasses import dataclass

AVAILABILITY = 'slo="availability"'
LATENCY = 'slo="latency"'
COUNT = 'http_server_request_duration_seconds_count{job="my-service"'
GUARD = 'slo:failures:increase1h{{job="my-service", {}}} >= 10'


@dataclass(frozen=True)
class Mutant:
    """One wrong place in a rule file: the ``nth`` place, from 0, where ``right`` stands becomes ``wrong``."""

    file: str
    right: str
    wrong: str
    nth: int = 0

    @property
    def first(self) -> str:
        """The tests that most likely notice it: those that are long enough for its windows."""
        if re.search(r"1d|2h|3d|30d|15m|BurnsSlowly|1 -", self.right):
            return "slo-days"
        return "slo-hours" if re.search(r"6h|30m|burn_rate:(1h|5m)|job=|by \(job", self.right) else "slo"

    def of(self, text: str) -> str:
        """Return the wrong file; a mutant that has no place in it fails."""
        parts = text.split(self.right)
        assert len(parts) > self.nth + 1, f"{self.right!r} stands in {self.file} {len(parts) - 1} times"
        return self.right.join(parts[: self.nth + 1]) + self.wrong + self.right.join(parts[self.nth + 1 :])


def slo(right: str, wrong: str, *places: int) -> list[Mutant]:
    """Return mutants of the objectives, one for each place."""
    return [Mutant("slo.yml", right, wrong, nth) for nth in places or (0,)]


def burn(window: str, name: str, factor: str, worse: str) -> list[Mutant]:
    """Return mutants of one comparison of a burn rate with its factor."""
    right = f'slo:burn_rate:{window}{{job="my-service", slo="{name}"}} > {factor}'
    return slo(right, right.replace(f"> {factor}", f"> {worse}"))


def other(file: str, right: str, wrong: str, nth: int = 0) -> list[Mutant]:
    """Return the mutant of another file as a list."""
    return [Mutant(file, right, wrong, nth)]


def named() -> dict[str, Mutant]:
    """Return every mutant by the words that tell it; where a text has several places, each has its number."""
    return {
        name if len(mutants) == 1 else f"{name} ({number})": mutant
        for name, mutants in MUTANTS.items()
        for number, mutant in enumerate(mutants, start=1)
    }


def _burns() -> dict[str, list[Mutant]]:
    factors = {
        "availability": (
            ("1h", "14.4"),
            ("5m", "14.4"),
            ("6h", "6"),
            ("30m", "6"),
            ("1d", "3"),
            ("2h", "3"),
            ("3d", "1"),
            ("6h", "1"),
        ),
        "latency": (
            ("1h", "14.4"),
            ("5m", "14.4"),
            ("6h", "6"),
            ("30m", "6"),
            ("1d", "3"),
            ("2h", "3"),
            ("3d", "1"),
            ("6h", "1"),
        ),
    }
    found = {}
    for name, pairs in factors.items():
        for window, factor in pairs:
            for words, times in (("twice", 2), ("half", 0.5)):
                worse = f"{float(factor) * times:g}"
                found[f"{name}: {window} over {words} of {factor}"] = burn(window, name, factor, worse)
    return found


MUTANTS: dict[str, list[Mutant]] = {
    **_burns(),
    # what is counted
    "only 500 fails": slo('http_response_status_code=~"5.."', 'http_response_status_code="500"'),
    "504 does not fail": slo('=~"5.."', '=~"50[0-3]"'),
    "4xx fails": slo('=~"5.."', '=~"[45].."'),
    "what succeeds fails": slo('=~"5.."', '!~"5.."'),
    "failures are answers, too": slo('!~"5.."', '!~""', 0, 1, 2),
    "another bucket": slo('le="0.5"', 'le="0.25"'),
    "every instance has its objective": slo("sum by (job, environment)", "sum by (job, environment, instance)", 0, 1),
    "all environments are one": slo("sum by (job, environment)", "sum by (job)", 0, 1),
    "other services count": slo(f"{COUNT}}}", "http_server_request_duration_seconds_count", 0),
    "other services' failures count": slo(
        f"{COUNT}, http_response_status_code=~",
        "http_server_request_duration_seconds_count{http_response_status_code=~",
    ),
    "a short look": slo("[5m]", "[1m]", 0, 1),
    "a long look": slo("[5m]", "[10m]", 0, 1, 2, 3, 4),
    "the average instance": slo("sum by (job, environment)", "avg by (job, environment)", 0, 1),
    # what is computed
    "another objective": [*slo('expr: "0.999"', 'expr: "0.99"'), *slo('expr: "0.99"', 'expr: "0.999"')],
    "the objectives change places": slo(
        '{job: my-service, slo: availability}\n        expr: "0.999"',
        '{job: my-service, slo: latency}\n        expr: "0.999"',
    ),
    "no guard against a division by zero": slo(" > 0)", ")", 0, 1, 2, 6),
    "another window": [
        *slo('slo:failures:increase5m{job="my-service"}[30m]', 'slo:failures:increase5m{job="my-service"}[1h]'),
        *slo(
            'slo:failures:increase5m{job="my-service"}[1h])\n          /',
            'slo:failures:increase5m{job="my-service"}[30m])\n          /',
        ),
        *slo('slo:failures:increase5m{job="my-service"}[2h]', 'slo:failures:increase5m{job="my-service"}[6h]'),
        *slo('slo:failures:increase5m{job="my-service"}[6h]', 'slo:failures:increase5m{job="my-service"}[1h]'),
        *slo('slo:failures:increase5m{job="my-service"}[1d]', 'slo:failures:increase5m{job="my-service"}[6h]'),
        *slo('slo:failures:increase5m{job="my-service"}[3d]', 'slo:failures:increase5m{job="my-service"}[1d]'),
        *slo('slo:failures:increase5m{job="my-service"}[30d]', 'slo:failures:increase5m{job="my-service"}[1d]'),
    ],
    "the objective instead of what it leaves": slo("(1 - slo:objective:ratio", "(slo:objective:ratio", 0, 2, 6, 7),
    "the spent budget": slo("1 -\n          avg", "avg"),
    "a recording is gone": [
        Mutant("slo.yml", f"record: slo:burn_rate:{window}\n", f"record: slo:burn_rates:{window}\n")
        for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
    ],
    "failures are counted by the minute": slo("* 12", "* 60"),
    # when it fires
    "one window is enough": slo("and slo:burn_rate:5m", "or slo:burn_rate:5m", 0, 1)
    + slo("and slo:burn_rate:30m", "or slo:burn_rate:30m", 0, 1)
    + slo("and slo:burn_rate:2h", "or slo:burn_rate:2h", 0, 1)
    + slo("and slo:burn_rate:6h", "or slo:burn_rate:6h", 0, 1),
    "both pairs are needed": slo("\n          or\n", "\n          and\n", 0, 1, 2, 3),
    "a handful of failures pages": slo(GUARD.format(AVAILABILITY), GUARD.format(AVAILABILITY).replace("10", "1"), 0, 1)
    + slo(GUARD.format(LATENCY), GUARD.format(LATENCY).replace("10", "1"), 0, 1),
    "only many failures page": slo(GUARD.format(AVAILABILITY), GUARD.format(AVAILABILITY).replace("10", "100"), 0)
    + slo(GUARD.format(LATENCY), GUARD.format(LATENCY).replace("10", "100"), 0),
    "a page waits": slo("for: 1m", "for: 10m", 0, 1),
    "a page does not wait": slo("        for: 1m\n", "", 0, 1),
    "a ticket does not wait": slo("        for: 15m\n", "", 0, 1),
    "a ticket waits for hours": slo("for: 15m", "for: 5h", 0, 1),
    "the other objective": slo(
        f'slo:burn_rate:5m{{job="my-service", {AVAILABILITY}}}', f'slo:burn_rate:5m{{job="my-service", {LATENCY}}}'
    )
    + slo(f'slo:burn_rate:1d{{job="my-service", {LATENCY}}}', f'slo:burn_rate:1d{{job="my-service", {AVAILABILITY}}}'),
    # what it says
    "a ticket that pages": slo("severity: ticket", "severity: page", 0, 1),
    "a page that does not": slo("severity: page", "severity: ticket", 0, 1),
    "another runbook": slo("runbooks/ErrorBudgetBurnsFast.md", "runbooks/ServiceDown.md"),
    "another dashboard": slo("dashboard: /d/my-service-slo", "dashboard: /d/my-service-service", 0, 1, 2, 3),
    # the service
    "one instance is all": other("service.yml", "sum by (job, environment) (up", "min by (job, environment) (up"),
    "the service may have one dead instance": other("service.yml", '"}) == 0\n', '"}) <= 1\n'),
    "environments are one service": other("service.yml", "sum by (job, environment) (up", "sum by (job) (up"),
    "who vanishes is not missed": other(
        "service.yml", "unless on (job, environment) up", "and on (job, environment) up"
    ),
    "who vanishes is missed for an hour": other("service.yml", "[6h]))", "[1h]))"),
    "who vanishes is missed for a week": other("service.yml", "[6h]))", "[7d]))"),
    "staging stands in for production": other("service.yml", "unless on (job, environment) up", "unless on (job) up"),
    "another service stands in": other(
        "service.yml", '0 * absent_over_time(up{job="my-service"}[6h])', "0 * absent_over_time(up[6h])"
    ),
    "what was never there is not missed": other("service.yml", "0 * absent_over_time", "0 * present_over_time"),
    "a blip is an outage": other("service.yml", "        for: 2m\n", ""),
    "an outage waits": other("service.yml", "for: 2m", "for: 20m"),
    "a restart is an instance down": other("service.yml", "for: 10m", "for: 1m"),
    "an instance is down for an hour": other("service.yml", "for: 10m", "for: 1h"),
    "an instance that answers is down": other("service.yml", '"} == 0', '"} == 1'),
    "silence at once": other("service.yml", "for: 5m", "for: 1m"),
    "a long silence": other("service.yml", "for: 5m", "for: 1h"),
    "few requests are missed": other("service.yml", ">= 60", ">= 40"),
    "only many requests are missed": other("service.yml", ">= 60", ">= 600"),
    "silence that is compared with itself": other("service.yml", " offset 10m", ""),
    "a request ends no silence": other("service.yml", "unless slo:requests", "and slo:requests"),
    "restarts of a release": other("service.yml", "> 3\n", "> 2\n"),
    "restarts are overlooked": other("service.yml", "> 3\n", "> 5\n"),
    "an outage is a ticket": other("service.yml", "severity: page", "severity: ticket"),
    "silence is a ticket": other("service.yml", "severity: page", "severity: ticket", 1),
    # saturation
    "one who waits": other("saturation.yml", "min_over_time", "max_over_time"),
    "those who wait in vain are overlooked": other("saturation.yml", "[5m]) > 0\n", "[5m]) > 5\n"),
    "those who wait are overlooked": other("saturation.yml", "[2m]) > 0\n", "[2m]) > 50\n"),
    "the pool waits longer": other("saturation.yml", "for: 1m", "for: 10m"),
    "the pool at once": other("saturation.yml", "        for: 1m\n", ""),
    "less CPU": other("saturation.yml", "> 0.8\n", "> 0.7\n"),
    "more CPU": other("saturation.yml", "> 0.8\n", "> 0.95\n"),
    "a busy minute": other("saturation.yml", "for: 15m", "for: 5m"),
    "less memory": other("saturation.yml", "> 1610612736", "> 1073741824"),
    "more memory": other("saturation.yml", "> 1610612736", "> 2147483648"),
    "a moment of memory": other("saturation.yml", "for: 15m", "for: 5m", 1),
    "fewer files": other("saturation.yml", "> 0.8\n", "> 0.5\n", 1),
    "more files": other("saturation.yml", "> 0.8\n", "> 0.95\n", 1),
    "files at once": other("saturation.yml", "for: 5m", "for: 1m"),
    "saturation pages": other("saturation.yml", "severity: ticket", "severity: page", 2),
    # runtime and watchdog
    "a smaller lag": other("runtime.yml", "> 0.2", "> 0.1"),
    "a larger lag": other("runtime.yml", "> 0.2", "> 0.5"),
    "a moment of lag": other("runtime.yml", "for: 10m", "for: 1m"),
    "the heart stops": other("watchdog.yml", "vector(1)", "vector(1) < 1"),
    "the heart pages": other("watchdog.yml", "severity: heartbeat", "severity: page"),
}
