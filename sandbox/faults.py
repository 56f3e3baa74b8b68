"""Troubles that a test asks for: servers that fail, lines that break, answers that come late.

sandbox.faults.next("chat.postMessage", dropped_after())   # stored, but the answer never arrives
sandbox.faults.every(3, "chat.update", failing(503))
sandbox.faults.at_random(0.1, seed=7)
"""

from __future__ import annotations

import random
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble. ``kind``: status, before, after, slow, error or limited."""

    kind: str
    status: int = 200
    seconds: float = 0.0
    error: str = ""


def failing(status: int = 500) -> Fault:
    """Slack's server answers with an HTTP error and does nothing."""
    return Fault("status", status=status)


def dropped_before() -> Fault:
    """The connection breaks before the call is carried out."""
    return Fault("before")


def dropped_after() -> Fault:
    """The call is carried out, and the connection breaks before the answer."""
    return Fault("after")


def slow(seconds: float) -> Fault:
    """The call is carried out at once, and the answer comes late."""
    return Fault("slow", seconds=seconds)


def refused(error: str) -> Fault:
    """The call is refused with an error of Slack's, such as ``is_archived``."""
    return Fault("error", error=error)


def limited(retry_after: int = 1) -> Fault:
    """The call is refused as too fast."""
    return Fault("limited", status=429, seconds=retry_after)


ORDINARY: tuple[Fault, ...] = (failing(500), failing(503), dropped_before(), dropped_after(), limited(1))
"""What happens to a client of a real service now and then."""


class Faults:
    """The troubles to come. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._next: dict[str, deque[Fault]] = defaultdict(deque)
            self._every: dict[str, tuple[int, Fault]] = {}
            self._counts: Counter[str] = Counter()
            self._rate = 0.0
            self._random = random.Random(0)
            self._choice: Sequence[Fault] = ORDINARY
            self._methods: frozenset[str] = frozenset()

    def next(self, method: str, fault: Fault, times: int = 1) -> None:
        """The next calls of a method meet this trouble; several asked for come in order."""
        with self._lock:
            self._next[method].extend([fault] * times)

    def every(self, count: int, method: str, fault: Fault) -> None:
        """Each ``count``-th call of a method from now on meets this trouble."""
        with self._lock:
            self._every[method] = (count, fault)
            self._counts[method] = 0

    def at_random(
        self, rate: float, *, seed: int, faults: Sequence[Fault] = ORDINARY, methods: Sequence[str] = ()
    ) -> None:
        """This share of calls, of the methods named or of all, meets one of the troubles; the same seed, the same."""
        with self._lock:
            self._rate, self._random = rate, random.Random(seed)
            self._choice, self._methods = tuple(faults), frozenset(methods)

    def take(self, method: str) -> Fault | None:
        """The trouble that the call coming in now meets, if any."""
        with self._lock:
            if self._next[method]:
                return self._next[method].popleft()
            if method in self._every:
                self._counts[method] += 1
                count, fault = self._every[method]
                if self._counts[method] % count == 0:
                    return fault
            chosen = not self._methods or method in self._methods
            if chosen and self._rate and self._random.random() < self._rate:
                return self._random.choice(self._choice)
        return None

    def left(self) -> dict[str, int]:
        """How many troubles asked for with `next` are still to come, by method."""
        with self._lock:
            return {method: len(waiting) for method, waiting in self._next.items() if waiting}
