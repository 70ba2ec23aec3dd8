"""A user who never stops: asks the front of an environment again and again while something else happens."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from kit.cloud import Cloud

MOST_REQUESTS = 20_000
PAUSE = 0.003  # seconds between two requests


@dataclass
class Hammer:
    """What the user met."""

    requests: int = 0
    failures: list[str] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)  # by the commit that answered


def ask(cloud: Cloud, host: str, path: str = "/version") -> tuple[int, str]:
    """Return the status that the front gives for a host, and the commit that answered."""
    connection = http.client.HTTPConnection("127.0.0.1", cloud.front_port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("X-Service-Version", "")
    finally:
        connection.close()


@contextmanager
def hammering(cloud: Cloud, host: str, path: str = "/v1/items?limit=1") -> Iterator[Hammer]:
    """Ask one read again and again while the block runs; whatever is not 200 in time is a failure."""
    hammer, enough = Hammer(), threading.Event()

    def work() -> None:
        while not enough.is_set() and hammer.requests < MOST_REQUESTS:
            hammer.requests += 1
            began = time.monotonic()
            try:
                status, commit = ask(cloud, host, path)
            except (OSError, http.client.HTTPException) as error:
                hammer.failures.append(f"request {hammer.requests}: {error!r} after {time.monotonic() - began:.1f} s")
                continue
            hammer.answered[commit] += 1
            if status != 200:
                hammer.failures.append(f"request {hammer.requests}: {status} by {commit or 'nobody'}")
            enough.wait(PAUSE)

    user = threading.Thread(target=work)
    user.start()
    try:
        yield hammer
    finally:
        enough.set()
        user.join()
