"""The record of every call to the Web API."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call: when it came in real seconds since the epoch, and what became of it.

    ``error`` is Slack's name for a refusal, "" when the call was accepted. ``injected`` says that a test wanted it.
    """

    method: str
    at: float
    channel: str | None = None
    user: str | None = None
    ts: str | None = None
    error: str = ""
    status: int = 200
    injected: bool = False
    messages: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the call was accepted."""
        return not self.error


class Calls:
    """The last hundred thousand calls, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=100_000)
        self._lock = threading.Lock()

    def add(self, call: Call) -> None:
        """Record a call."""
        with self._lock:
            self._calls.append(call)

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def of(self, *methods: str) -> list[Call]:
        """The calls of some methods."""
        return [call for call in self if call.method in methods]

    def refused(self) -> list[Call]:
        """What Slack would have refused, without what a test asked for."""
        return [call for call in self if not call.ok and not call.injected]

    def clear(self) -> None:
        """Forget all calls so far."""
        with self._lock:
            self._calls.clear()

    def documents(self) -> list[dict[str, Any]]:
        """All calls as JSON."""
        return [asdict(call) for call in self]
