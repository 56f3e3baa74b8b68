"""What /metrics shows: counts and durations with few labels, never an id of a person or an item."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.version import __version__
from services import delivery, health
from services.desk import Desk

_ACK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)


class Metrics:
    """The process's own registry."""

    def __init__(self, desk: Desk) -> None:
        self.registry = CollectorRegistry()
        self.sends = Counter(
            "denials_sends", "Slack calls of the sender", ["method", "outcome"], registry=self.registry
        )
        self.ambiguous = Counter(
            "denials_ambiguous_posts", "How posts of unknown outcome ended", ["ended"], registry=self.registry
        )
        self.sweeps = Histogram("denials_sweep_seconds", "Duration of the escalation sweep", registry=self.registry)
        self.acks = Histogram(
            "denials_ack_seconds",
            "From a request of Slack's to its acknowledgement",
            ["transport"],
            buckets=_ACK_BUCKETS,
            registry=self.registry,
        )
        self.job_failures = Counter("denials_job_failures", "Jobs that failed", ["job"], registry=self.registry)
        Gauge("denials_info", "Version", ["version"], registry=self.registry).labels(__version__).set(1)
        self.registry.register(_Depths(desk))

    def text(self) -> bytes:
        """The metrics in the Prometheus text format."""
        return bytes(generate_latest(self.registry))


class _Depths(Collector):
    """Counts read from the database at the moment of asking."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def describe(self) -> Iterable[Any]:
        """Nothing in advance, so that registering does not query the database."""
        return ()

    def collect(self) -> Iterable[Any]:
        """Outbox depth and backlog, each by state."""
        outbox = GaugeMetricFamily("denials_outbox_rows", "Outbox rows that are not final", labels=["state"])
        depth = delivery.depth(self._desk)
        for state in ("pending", "sending", "ambiguous", "parked"):
            outbox.add_metric([state], depth.get(state, 0))
        yield outbox
        backlog = GaugeMetricFamily("denials_backlog_items", "Open work items", labels=["state"])
        for state, count in sorted(health.backlog(self._desk).items()):
            backlog.add_metric([state], count)
        yield backlog
