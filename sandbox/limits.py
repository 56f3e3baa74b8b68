"""The pace Slack allows, and the bookkeeping that refuses what is faster."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_TIER_2, _TIER_3, _TIER_4 = 40, 100, 200  # Slack promises 20, 50 and 100 and lets short bursts through

_PER_MINUTE = {
    "chat.postMessage": 240,
    "chat.update": 50,
    "chat.postEphemeral": 100,
    "chat.delete": _TIER_3,
    "chat.getPermalink": 600,
    "conversations.history": 50,
    "conversations.replies": 50,
    "conversations.list": _TIER_2,
    "conversations.info": _TIER_3,
    "conversations.join": _TIER_3,
    "conversations.open": _TIER_3,
    "conversations.members": _TIER_4,
    "users.info": _TIER_4,
    "users.list": _TIER_2,
    "usergroups.list": _TIER_2,
    "usergroups.users.list": _TIER_2,
    "views.open": _TIER_4,
    "views.push": _TIER_4,
    "views.update": _TIER_4,
    "views.publish": _TIER_4,
    "team.info": _TIER_3,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls are let through.

    ``per_minute`` counts calls of a method in a sliding minute for the whole workspace; a method that is
    not named may be called ``other_per_minute`` times. ``post_interval`` is the time in seconds between
    two posts to one channel, with ``tolerance`` seconds forgiven. ``scale`` makes all of it run that many
    times faster, so that tests of pacing need not take minutes.

    The other times are in real seconds and not scaled: ``acknowledge`` is how long the app has to acknowledge
    a payload, ``redeliver`` the waits before an unacknowledged event is sent again, ``trigger`` the life of a trigger
    id, ``response_url`` that of a response URL, which takes ``response_url_uses`` messages.
    """

    per_minute: Mapping[str, int] = field(default_factory=lambda: dict(_PER_MINUTE))
    other_per_minute: int = 600
    post_interval: float = 1.0
    tolerance: float = 0.05
    scale: float = 1.0
    acknowledge: float = 3.0
    redeliver: tuple[float, ...] = (1.0, 60.0, 300.0)
    trigger: float = 3.0
    response_url: float = 1800.0
    response_url_uses: int = 5
    most_connections: int = 10


class RateLimiter:
    """Counts calls against `Limits` in real time."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._windows: dict[str, deque[float]] = {}
        self._next_post: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, method: str, channel: str | None = None) -> int | None:
        """Count one call; None when it may pass, else the Retry-After in whole seconds (at least 1).

        A refused call is not counted, so waiting the time named is always enough.
        """
        now = self._monotonic()
        with self._lock:
            window = self._windows.setdefault(method, deque())
            wait = self._window_wait(window, method, now)
            spaced = method == "chat.postMessage" and channel is not None
            if spaced:
                free_at = self._next_post.get(channel or "", now)
                early = free_at - self._limits.tolerance / self._limits.scale - now
                wait = max(wait, early)
            if wait > 0:
                return max(1, math.ceil(wait))
            window.append(now)
            if spaced:
                interval = self._limits.post_interval / self._limits.scale
                self._next_post[channel or ""] = max(now, self._next_post.get(channel or "", now)) + interval
        return None

    def _window_wait(self, window: deque[float], method: str, now: float) -> float:
        length = 60.0 / self._limits.scale
        while window and window[0] <= now - length:
            window.popleft()
        allowed = self._limits.per_minute.get(method, self._limits.other_per_minute)
        if len(window) < allowed:
            return 0.0
        return window[0] + length - now
