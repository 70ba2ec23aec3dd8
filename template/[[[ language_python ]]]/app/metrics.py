"""Metrics: the only file that knows their names."""

from collections import Counter as Tally
from collections.abc import Callable
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from app.config import Config

REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
LAG_BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 5)
QUERY_BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

OPERATIONAL = frozenset({"/health", "/ready", "/metrics", "/version", "/openapi.yaml"})
"""What platforms and operators ask: neither counted nor limited."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"})
_POOL = "main"


class PoolStatistics(NamedTuple):
    """Connections of the pool, and requests that wait for one."""

    idle: int
    used: int
    limit: int
    pending: int


class Metrics:
    """What is counted; `active` tells how many requests of a method are being served."""

    def __init__(self, config: Config, active: Tally[str]) -> None:
        disable_created_metrics()
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._active = active
        self._children: dict[tuple[str, str, int], Histogram] = {}
        self._duration = Histogram(
            "http_server_request_duration_seconds",
            "Duration of requests.",
            ("http_request_method", "http_route", "http_response_status_code"),
            buckets=REQUEST_BUCKETS,
            registry=self.registry,
        )
        self._in_flight = Gauge(
            "http_server_active_requests",
            "Requests that are being served.",
            ("http_request_method",),
            registry=self.registry,
        )
        self._operations = Histogram(
            "db_client_operation_duration_seconds",
            "Duration of database operations.",
            ("db_operation_name", "db_collection_name", "error_type"),
            buckets=QUERY_BUCKETS,
            registry=None,
        )
        self._timeouts = Counter(
            "db_client_connection_timeouts_total",
            "Waits for a connection that took too long.",
            ("db_client_connection_pool_name",),
            registry=None,
        )
        self._tell_target(config)

    def _tell_target(self, config: Config) -> None:
        target = {
            "service_name": config.service_name,
            "service_version": config.service_version,
            "vcs_ref_head_revision": config.service_commit,
            "deployment_environment_name": config.app_env,
            "telemetry_sdk_language": "python",
        }
        Gauge("target_info", "What runs.", target, registry=self.registry).labels(**target).set(1)

    def text(self) -> bytes:
        """Write all of them in the form of Prometheus."""
        return generate_latest(self.registry)

    def expect_route(self, method: str, route: str) -> None:
        """Make the series that burn an error budget exist from the first scrape: a first error is then an increase."""
        self._child(method, route, 500)
        self._watch_active(method)

    def request_started(self, method: str) -> str:
        """Return the label of a method."""
        name = method if method in _METHODS else "_OTHER"
        if name not in self._active:
            self._watch_active(name)
        return name

    def request_ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._child(method, route, status).observe(seconds)

    def query_ended(self, operation: str, collection: str, error: str, seconds: float) -> None:
        """Count a statement."""
        self._operations.labels(operation, collection, error).observe(seconds)

    def connection_timed_out(self) -> None:
        """Count a wait for a connection that took too long."""
        self._timeouts.labels(_POOL).inc()

    def watch_event_loop(self) -> Callable[[float], None]:
        """Return what takes the seconds by which the event loop was late."""
        lag = Histogram(
            "python_eventloop_lag_seconds",
            "Seconds by which the event loop was late.",
            buckets=LAG_BUCKETS,
            registry=self.registry,
        )
        return lag.observe

    def watch_pool(self, statistics: Callable[[], PoolStatistics]) -> None:
        """Ask the pool for its figures at each scrape."""
        self.registry.register(self._operations)
        self.registry.register(self._timeouts)
        self._timeouts.labels(_POOL)
        pool, state = "db_client_connection_pool_name", "db_client_connection_state"
        count = Gauge("db_client_connection_count", "Connections by state.", (pool, state), registry=self.registry)
        count.labels(_POOL, "idle").set_function(lambda: statistics().idle)
        count.labels(_POOL, "used").set_function(lambda: statistics().used)
        most = Gauge("db_client_connection_max", "Connections the pool may open.", (pool,), registry=self.registry)
        most.labels(_POOL).set_function(lambda: statistics().limit)
        pending = Gauge(
            "db_client_connection_pending_requests",
            "Requests that wait for a connection.",
            (pool,),
            registry=self.registry,
        )
        pending.labels(_POOL).set_function(lambda: statistics().pending)

    def _child(self, method: str, route: str, status: int) -> Histogram:
        key = (method, route, status)
        if (child := self._children.get(key)) is None:
            child = self._children[key] = self._duration.labels(method, route, str(status))
        return child

    def _watch_active(self, method: str) -> None:
        self._active.setdefault(method, 0)
        self._in_flight.labels(method).set_function(lambda: self._active[method])
