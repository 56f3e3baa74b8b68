"""How often Slack refused each message, told apart from every other trouble that it met on its way."""

from __future__ import annotations

import threading
from collections import Counter

from bot.homes import Home

_MOST_ROWS = 10_000  # rows that go another way are never told as settled; the oldest are forgotten


class Refusals:
    """Refusals by outbox row and kind, kept in memory: who takes the sending over counts anew. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, Counter[Home]] = {}

    def one_more(self, outbox_id: str, home: Home) -> int:
        """Count one; how often the row has met a refusal of that kind now."""
        with self._lock:
            counts = self._rows.setdefault(outbox_id, Counter())
            counts[home] += 1
            if len(self._rows) > _MOST_ROWS:
                del self._rows[next(iter(self._rows))]
            return counts[home]

    def settled(self, outbox_id: str) -> None:
        """The row has ended, or goes to another channel: whatever it meets next is counted from the beginning."""
        with self._lock:
            self._rows.pop(outbox_id, None)

    def forget(self) -> None:
        """Count anew, after another process had the lease."""
        with self._lock:
            self._rows.clear()
