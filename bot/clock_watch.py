"""Notices when somebody sets this host's clock.

Paces, leases and doubts run on clocks that nobody can set. What is left are the moments in the outbox before which a
row is not tried again: on SQLite they are this host's time, and after a jump back they would be hours away.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.lease import boot_time

_WORTH_S = 5.0  # less is a clock that is kept in step


class ClockWatch:
    """Compares the time of day with a clock that only ever runs."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = boot_time) -> None:
        self._wall, self._steady = wall, steady
        self._apart = wall() - steady()

    def jumped(self) -> float:
        """How many seconds the clock was set since the last call, forward or back; 0 where it was not."""
        apart = self._wall() - self._steady()
        by = apart - self._apart
        if abs(by) < _WORTH_S:
            return 0.0  # what it was slewed by adds up until it is worth a word
        self._apart = apart
        return by
