"""What Prometheus is told: requests, how long they take, searches, ingests, the generation. No label holds anything that a user typed."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import Scope

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

# A second series beside each, of when it began, is of no use here.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The counters of one application."""

    def __init__(self, generation: Callable[[], str]) -> None:
        """`generation` names the one that would be asked now."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._requests = Counter("rolesearch_requests", "Requests that have ended", ["method", "path", "status"], registry=self._registry)
        self._seconds = Histogram(
            "rolesearch_request_seconds", "From a request's head to the end of its answer", ["path"], buckets=_SECONDS, registry=self._registry
        )
        self._in_flight = Gauge("rolesearch_requests_in_flight", "Requests under way", registry=self._registry)
        self._searches = Counter("rolesearch_searches", "Searches by mode", ["mode"], registry=self._registry)
        self._ingests = Counter("rolesearch_ingests_started", "Ingests that were started here", registry=self._registry)
        Gauge("rolesearch_index_generation", "Number of the generation that is asked; 0 where there is none", registry=self._registry).set_function(
            lambda: int(generation() or 0)
        )

    def in_flight(self) -> AbstractContextManager[None]:
        """Counts a request as under way for the time of a block."""
        return self._in_flight.track_inprogress()

    def request(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request under the path that it was for; all that there is not go under one name, so that nobody can fill the memory with names."""
        path = getattr(scope.get("route"), "path", "elsewhere")
        method = scope["method"] if scope["method"] in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE") else "other"
        self._requests.labels(method, path, status).inc()
        self._seconds.labels(path).observe(seconds)

    def search(self, mode: str) -> None:
        """Count a search."""
        self._searches.labels(mode).inc()

    def ingest(self) -> None:
        """Count an ingest."""
        self._ingests.inc()

    def exposed(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self._registry)
