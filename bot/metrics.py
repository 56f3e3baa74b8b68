"""What /metrics shows: counts and durations with few labels, never an id of a person, an item or a channel.

`deploy/alerts.yaml` holds the alert rules that go with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
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
        self.last_sweep = Gauge(
            "denials_last_sweep_timestamp_seconds", "When the last escalation sweep ended", registry=self.registry
        )
        self.batches = Counter(
            "denials_inbox_batches",
            "Files taken from the drop folder by this process",
            ["outcome"],
            registry=self.registry,
        )
        self.rejected_rows = Counter(
            "denials_inbox_rejected_rows", "Rows of those files that did not go in", registry=self.registry
        )
        for outcome in ("ingested", "already_ingested", "rejected"):
            self.batches.labels(outcome)  # there from the beginning, so that the first one is seen as an increase
        self.acks = Histogram(
            "denials_ack_seconds",
            "From a request of Slack's to its acknowledgement",
            ["transport"],
            buckets=_ACK_BUCKETS,
            registry=self.registry,
        )
        self.job_failures = Counter("denials_job_failures", "Jobs that failed", ["job"], registry=self.registry)
        Gauge("denials_info", "Version", ["version"], registry=self.registry).labels(__version__).set(1)
        self._ready = Gauge("denials_ready", "1 while everything works that /readyz looks at", registry=self.registry)
        self._sending = Gauge("denials_sending", "1 in the process that sends", registry=self.registry)
        self.registry.register(_Depths(desk))

    def watch(self, ready: Callable[[], bool], sending: Callable[[], bool]) -> None:
        """Show from now on what these say at the moment of asking."""
        self._ready.set_function(lambda: float(ready()))
        self._sending.set_function(lambda: float(sending()))

    def swept(self, seconds: float) -> None:
        """A sweep has ended."""
        self.sweeps.observe(seconds)
        self.last_sweep.set(time.time())

    def took_in(self, outcome: str, rejected_rows: int) -> None:
        """A file of the drop folder has been taken."""
        self.batches.labels(outcome).inc()
        self.rejected_rows.inc(rejected_rows)

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
        flow = health.flow(self._desk)
        yield GaugeMetricFamily(
            "denials_outbox_oldest_seconds", "How long the oldest waiting outbox row has waited", flow.oldest_seconds
        )
        yield GaugeMetricFamily(
            "denials_outbox_deepest_channel_rows", "Rows that wait for the fullest channel", flow.deepest_channel
        )
        yield CounterMetricFamily("denials_files", "Files ever taken in", flow.files)
        yield CounterMetricFamily("denials_claims", "Claims ever taken in", flow.claims)
        yield CounterMetricFamily("denials_denials", "Denied amounts ever taken in", flow.denials)
