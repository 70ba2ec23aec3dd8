"""A generated service with its database, its callers and everything that watches it."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import httpx
import psycopg

from kit.folders import run_folder
from kit.postgres import Cluster, Database, own_cluster
from kit.process import free_port, wait_until
from monitoring import sinks, stack
from monitoring.sinks import Inbox
from service import instance
from service.document import Document
from service.instance import Service
from service.stacks import Build

POOL = 4
PATIENT = {"DB_POOL_MAX": str(POOL), "DB_CONNECT_TIMEOUT_MS": "60000", "DB_STATEMENT_TIMEOUT_MS": "60000"}
PAUSE = 0.02


@dataclass
class World:
    """What runs, and how to break it."""

    build: Build
    document: Document
    cluster: Cluster
    database: Database
    inbox: Inbox
    port: int
    watched: ExitStack = field(default_factory=ExitStack)
    running: ExitStack = field(default_factory=ExitStack)
    ended: threading.Event = field(default_factory=threading.Event)
    prometheus: stack.Prometheus = field(init=False)

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings of the service."""
        return {"PORT": str(self.port), "APP_ENV": "test", **PATIENT, **self.database.environment}

    def start_service(self) -> Service:
        """Start the service, again on its port."""
        service = self.running.enter_context(instance.serve(self.build, self.document, self.environment))
        return service.until_ready()

    def stop_service(self) -> None:
        """End the service."""
        self.running.close()

    def end(self) -> None:
        """End everything but the database: callers and rules sixty times as fast would slow whatever runs beside."""
        self.ended.set()
        self.watched.close()
        self.stop_service()

    def start_watching(self, folder: Path) -> None:
        """Start Alertmanager and Prometheus."""
        port = self.watched.enter_context(stack.alertmanager(folder / "alertmanager", self.inbox))
        answers = self.build.stack.answers
        self.prometheus = self.watched.enter_context(stack.prometheus(folder / "prometheus", answers, self.port, port))

    def until_fires(self, name: str, *, deadline: float = 40) -> None:
        """Wait until Prometheus says that an alert fires."""
        expression = f'ALERTS{{alertname="{name}", alertstate="firing"}}'
        wait_until(lambda: self.prometheus.value(expression), f"{name} fires", deadline=deadline)

    def until_told(self, channel: str, *words: str, over: bool = False, since: int = 0) -> str:
        """Wait for a message and return it."""
        what = f"{channel} hears {'the end of ' if over else ''}{words}"
        return wait_until(lambda: self.inbox.text(channel, *words, over=over, since=since), what, deadline=90)

    def until_calm(self, *names: str) -> None:
        """Wait until none of these alerts fires any more."""
        wait_until(lambda: not self.prometheus.firing() & set(names), f"{names} are over", deadline=90)

    @contextmanager
    def held_table(self) -> Iterator[None]:
        """Hold the table of the items locked for the length of the block."""
        with psycopg.connect(self.database.url) as connection:
            connection.execute("LOCK TABLE items")
            yield
            connection.rollback()


def _call(port: int, ended: threading.Event) -> None:
    """Make, read, list and delete items, one request after another, until told to end."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        number = 0
        while not ended.wait(PAUSE):
            number += 1
            with contextlib.suppress(httpx.TransportError):
                made = client.post("/v1/items", json={"name": f"item {number} of {threading.get_ident()}"})
                client.get("/v1/items?limit=2")
                if made.status_code == httpx.codes.CREATED:
                    client.get(made.headers["Location"])
                    client.delete(made.headers["Location"])


@contextmanager
def _callers(port: int, count: int, ended: threading.Event) -> Iterator[None]:
    """Let callers call for the length of the block, or until they are told to end."""
    threads = [threading.Thread(target=_call, args=(port, ended)) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(90)


@contextmanager
def world(build: Build, document: Document) -> Iterator[World]:
    """Run everything for the length of the block; at its begin the service is well and every metric has been seen."""
    with own_cluster() as cluster, sinks.inbox() as inbox:
        database = cluster.database()
        instance.migrate(build, database.environment).succeeded()
        here = World(build, document, cluster, database, inbox, free_port())
        with here.watched, here.running:
            here.start_service()
            with _callers(here.port, 2 * POOL, here.ended):
                here.start_watching(Path(mkdtemp(prefix="watched-", dir=run_folder())))
                seen = 'slo:requests:increase5m{slo="availability", environment="production"} > 60'
                wait_until(lambda: here.prometheus.value(seen), "Prometheus has seen the callers", deadline=60)
                # Sixty times as fast, ServiceDown does not wait as long as Prometheus takes to find what it scrapes.
                wait_until(lambda: not here.prometheus.firing(), "nothing fires", deadline=30)
                inbox.messages.clear()
                yield here
