"""The pace that Slack allows, kept by us so that Slack never has to refuse.

Real (monotonic) time. A call counts from its start until one window after its end: wherever between start and end
Slack counted it, it cannot see more than the window allows.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Method = Literal["post", "update", "history"]

POST_GAP_S = 1.0  # between posts to one channel
PER_MINUTE: dict[Method, int] = {"post": 240, "update": 50, "history": 50}
KEPT_FOR_PEOPLE = 15  # updates a minute that bulk leaves to clicks
_MINUTE_S = 60.0
_CATCH_UP_S = 2.0  # what was not used of the even pace in so long may be caught up on


@dataclass(slots=True)
class Ticket:
    """The right to one call; `end` it when the call is over, `cancel` it when it was not made."""

    method: Method
    channel: str
    started: float


@dataclass(slots=True)
class _Window:
    ended: deque[float] = field(default_factory=deque)
    running: int = 0
    held_until: float = 0.0
    next_even: float = float("-inf")  # when the next call would go if all were spread evenly


class Pace:
    """Says whether a call may go now, and how long until it may. Safe to use from several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic, scale: float = 1.0) -> None:
        """`scale` makes everything that many times faster; only for tests, never for Slack."""
        self._now = now
        self._minute = _MINUTE_S / scale
        self._gap = POST_GAP_S / scale
        self._catch_up = _CATCH_UP_S / scale
        self._windows: dict[Method, _Window] = {method: _Window() for method in PER_MINUTE}
        self._free_at: dict[str, float] = {}  # channels, for posts
        self._posting: dict[str, int] = {}
        self._lock = threading.Lock()

    def wait(self, method: Method, channel: str | None = None, *, human: bool = False) -> float:
        """Seconds until such a call may go; 0 means now."""
        with self._lock:
            return self._wait(method, channel, human, self._now())

    def begin(self, method: Method, channel: str) -> Ticket:
        """Count a call that goes now."""
        with self._lock:
            now = self._now()
            window = self._windows[method]
            window.running += 1
            window.next_even = max(window.next_even, now - self._catch_up) + self._minute / PER_MINUTE[method]
            if method == "post":
                self._posting[channel] = self._posting.get(channel, 0) + 1
            return Ticket(method, channel, now)

    def end(self, ticket: Ticket) -> None:
        """The call is over, whatever came of it."""
        with self._lock:
            now = self._now()
            self._forget(ticket)
            self._windows[ticket.method].ended.append(now)
            if ticket.method == "post":
                self._free_at[ticket.channel] = max(self._free_at.get(ticket.channel, 0.0), now + self._gap)

    def cancel(self, ticket: Ticket) -> None:
        """The call was not made after all."""
        with self._lock:
            self._forget(ticket)

    def hold(self, method: Method, seconds: float, channel: str | None = None) -> None:
        """Slack said to wait: this channel (for posts), or the whole method."""
        with self._lock:
            until = self._now() + seconds
            if channel is not None and method == "post":
                self._free_at[channel] = max(self._free_at.get(channel, 0.0), until)
            else:
                window = self._windows[method]
                window.held_until = max(window.held_until, until)

    def remember(self, method: Method, channel: str, ago: float) -> None:
        """Count a call that another process ended so many seconds ago."""
        with self._lock:
            at = self._now() - max(0.0, ago)
            ended = self._windows[method].ended
            ended.append(at)
            self._windows[method].ended = deque(sorted(ended))
            if method == "post":
                self._free_at[channel] = max(self._free_at.get(channel, 0.0), at + self._gap)

    def resting(self) -> set[str]:
        """Channels that may not be posted to yet."""
        with self._lock:
            now = self._now()
            self._free_at = {channel: at for channel, at in self._free_at.items() if at > now}
            return {*self._free_at, *self._posting}

    def next_change(self) -> float | None:
        """Seconds until the soonest resting channel or full window frees up; None when nothing waits."""
        with self._lock:
            now = self._now()
            waits = [at - now for at in self._free_at.values() if at > now]
            waits += [wait for method in PER_MINUTE if (wait := self._wait(method, None, False, now)) > 0]
            return min(waits, default=None)

    def rested(self, channel: str) -> bool:
        """Whether a refusal to post to this channel cannot be the channel's own pace."""
        with self._lock:
            return self._now() > self._free_at.get(channel, float("-inf"))

    def _wait(self, method: Method, channel: str | None, human: bool, now: float) -> float:
        window = self._windows[method]
        while window.ended and window.ended[0] <= now - self._minute:
            window.ended.popleft()
        allowed = PER_MINUTE[method] - (KEPT_FOR_PEOPLE if method == "update" and not human else 0)
        wait = window.held_until - now
        over = len(window.ended) + window.running - allowed
        if over >= 0:
            wait = max(wait, self._until_room(window, over, now))
        if method == "post":
            # Evenly over the minute, so that somebody's click never waits behind a burst of bulk posts.
            wait = max(wait, window.next_even - now)
            if channel is not None:
                wait = max(wait, self._gap if channel in self._posting else self._free_at.get(channel, 0.0) - now)
        return max(0.0, wait)

    def _until_room(self, window: _Window, over: int, now: float) -> float:
        """When enough counted calls have left the window; calls still running count as ending now."""
        if over < len(window.ended):
            return window.ended[over] + self._minute - now
        return self._gap

    def _forget(self, ticket: Ticket) -> None:
        self._windows[ticket.method].running -= 1
        if ticket.method == "post":
            left = self._posting[ticket.channel] - 1
            if left:
                self._posting[ticket.channel] = left
            else:
                del self._posting[ticket.channel]
