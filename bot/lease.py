"""The right to send: one process at a time has it, and another takes over within ten seconds of its death.

It runs out in time for that: its length, and how often others look at it, leave a second for the takeover itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.version import __version__
from services import leases
from services.desk import Desk

NAME = "sender"
LENGTH_S = 8.0
RENEW_S = 3.0
LOOK_S = 1.0  # how often those without it try to get it
_MARGIN_S = 1.0  # we stop believing in our lease a little before others may take it


def boot_time() -> float:
    """Seconds that also pass while the machine sleeps, where the system can tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


class Lease:
    """A lease in the database, renewed by whoever calls `ensure` often enough."""

    def __init__(self, desk: Desk, holder: str, now: Callable[[], float] = boot_time) -> None:
        self.holder = holder
        self._desk = desk
        self._now = now
        self._until = float("-inf")
        self._renewed = float("-inf")

    def holds(self) -> bool:
        """Whether it is still surely ours."""
        return self._now() < self._until

    def ensure(self) -> bool:
        """Take or renew it when it is time to; whether it is ours."""
        now = self._now()
        if self.holds() and now < self._renewed + RENEW_S:
            return True
        if leases.acquire(self._desk, NAME, self.holder, LENGTH_S, __version__):
            self._until, self._renewed = now + LENGTH_S - _MARGIN_S, now
            return True
        self._until = float("-inf")
        return False

    def release(self) -> None:
        """Give it back, so that another need not wait."""
        self._until = float("-inf")
        leases.release(self._desk, NAME, self.holder)
