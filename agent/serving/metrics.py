"""What a server counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The figures of one server, in a registry of its own, so that two servers in a process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "quodvide_requests", "Requests answered, by route and status.", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "quodvide_request_seconds", "From a request's arrival to the end of its answer.", ["route"],
            buckets=_SECONDS, registry=self.registry,
        )  # fmt: skip
        self.running = Gauge("quodvide_running", "Requests that are being worked on.", registry=self.registry)
        self.waiting = Gauge("quodvide_waiting", "Requests that wait for their turn.", registry=self.registry)
        self.refused = Counter(
            "quodvide_refused", "Requests turned away, by reason.", ["reason"], registry=self.registry
        )

    def text(self) -> bytes:
        """Return all figures in Prometheus' text form."""
        return generate_latest(self.registry)
