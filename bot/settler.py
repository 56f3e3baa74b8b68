"""Posts whose outcome is unknown: looked for in channel history by their outbox id, and posted again only when absent.

Absent means: the history since the first attempt was read completely twice, the second time at least 30 seconds after
the post was known to be in doubt. Of other people's messages nothing is kept.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.gateway import Answer, Failure, Gateway, RateLimited, Refused, next_cursor, own_messages
from bot.homes import Home, home_of
from bot.logs import get_logger
from bot.metrics import Metrics
from bot.pace import Pace
from bot.workspace import Workspace
from services import delivery
from services.desk import Desk
from services.views import Send

log = get_logger(__name__)

SECOND_READ_S = 30.0
MOST_PAGES = 100
_LOOK_BACK_S = 3600.0  # this host's clock and Slack's may differ
_AGAIN_S = 5.0


@dataclass(slots=True)
class _Doubt:
    """What is known of one ambiguous post, in monotonic seconds."""

    since: float
    reads: int = 0


class Settler:
    """Settles doubts, one channel at a time. `step` is called from one thread at a time."""

    def __init__(
        self,
        desk: Desk,
        gateway: Gateway,
        pace: Pace,
        workspace: Workspace,
        metrics: Metrics,
        stopping: threading.Event,
        scale: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._gateway = gateway
        self._pace = pace
        self._workspace = workspace
        self._metrics = metrics
        self._stopping = stopping
        self._second_read = SECOND_READ_S / scale
        self._again = _AGAIN_S / scale
        self._now = now
        self._doubts: dict[str, _Doubt] = {}
        self._later: dict[str, float] = {}  # channels whose history did not answer

    def forget(self) -> None:
        """Start anew, after another process had the lease."""
        self._doubts.clear()
        self._later.clear()

    def next_due(self) -> float | None:
        """Seconds until a history should be read; None when nothing is in doubt."""
        due = [at for at, _ in self._due_by_channel(delivery.ambiguous_rows(self._desk)).values()]
        return max(0.0, min(due) - self._now()) if due else None

    def step(self) -> None:
        """Read the history that is due first and settle what it tells."""
        by_channel = self._due_by_channel(delivery.ambiguous_rows(self._desk))
        if not by_channel:
            return
        channel, (at, rows) = min(by_channel.items(), key=lambda one: one[1][0])
        if at <= self._now():
            self._settle(channel, rows)

    def _due_by_channel(self, rows: list[Send]) -> dict[str, tuple[float, list[Send]]]:
        now = self._now()
        known = {send.outbox_id for send in rows}
        self._doubts = {key: doubt for key, doubt in self._doubts.items() if key in known}
        grouped: dict[str, list[Send]] = defaultdict(list)
        for send in rows:
            self._doubts.setdefault(send.outbox_id, _Doubt(since=now))
            grouped[send.channel].append(send)
        return {
            channel: (max(self._later.get(channel, 0.0), min(self._due(send) for send in sends)), sends)
            for channel, sends in grouped.items()
        }

    def _due(self, send: Send) -> float:
        doubt = self._doubts[send.outbox_id]
        return doubt.since if doubt.reads == 0 else doubt.since + self._second_read

    def _settle(self, channel: str, rows: list[Send]) -> None:
        started = self._now()
        conversation = self._gateway.conversation(channel)
        if not isinstance(conversation, str):
            self._unread(channel, rows, conversation)
            return
        found = self._read(conversation, rows)
        if not isinstance(found, dict):
            self._unread(channel, rows, found)
            return
        for send in rows:
            ts = found.get(send.outbox_id)
            if ts is not None:
                delivery.posted(self._desk, send, conversation, ts)
                self._ended(send, "had_arrived")
                continue
            doubt = self._doubts[send.outbox_id]
            doubt.reads += 1
            if doubt.reads >= 2 and started >= doubt.since + self._second_read:
                delivery.not_arrived(self._desk, send)
                self._ended(send, "had_not_arrived")

    def _read(self, conversation: str, rows: list[Send]) -> dict[str, str] | Failure:
        """Outbox id to ts of our messages since the first of these was tried; complete, or a failure."""
        oldest = self._oldest(rows)
        found: dict[str, str] = {}
        cursor = ""
        for _ in range(MOST_PAGES):
            if self._stopping.wait(self._pace.wait("history")):
                return RateLimited(0)
            ticket = self._pace.begin("history", conversation)
            try:
                page = self._gateway.history_page(conversation, oldest, cursor)
            finally:
                self._pace.end(ticket)
            if not isinstance(page, Answer):
                return page
            found.update(own_messages(page))
            cursor = next_cursor(page)
            if not cursor:
                return found if not page.data.get("has_more") else Refused("history_incomplete")
        return Refused("history_too_long")

    def _oldest(self, rows: list[Send]) -> float:
        first = min(send.first_sent_at or datetime.now(UTC) for send in rows).timestamp()
        moved = (self._desk.now() - datetime.now(UTC)).total_seconds()  # only a sandbox's clock is moved
        return max(0.0, first + min(0.0, moved) - _LOOK_BACK_S)

    def _unread(self, channel: str, rows: list[Send], failure: Failure) -> None:
        if isinstance(failure, RateLimited):
            self._pace.hold("history", failure.seconds)
            return
        if not isinstance(failure, Refused):
            self._later[channel] = self._now() + self._again
            return
        home = home_of(failure.error)
        if home is Home.STOP and failure.error != "missing_scope":
            self._workspace.refuse(failure.error)
        elif home is Home.JOIN and isinstance(self._join(channel), Answer):
            log.info("joined a channel to read its history", channel=channel)
        else:
            for send in rows:
                delivery.park(
                    self._desk,
                    send,
                    f"whether it arrived cannot be seen, the channel's history cannot be read ({failure.error})",
                )
                self._ended(send, "parked")

    def _join(self, channel: str) -> Answer | Failure:
        conversation = self._gateway.conversation(channel)
        return self._gateway.join(conversation) if isinstance(conversation, str) else conversation

    def _ended(self, send: Send, how: str) -> None:
        self._doubts.pop(send.outbox_id, None)
        self._metrics.ambiguous.labels(how).inc()
        log.info("a post in doubt is settled", outbox_id=send.outbox_id, channel=send.channel, ended=how)
