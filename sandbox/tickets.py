"""What Slack hands out for a short time: trigger ids, response URLs and Socket Mode tickets. All in real time."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.errors import SlackRefusal
from sandbox.limits import Limits


@dataclass(slots=True)
class Trigger:
    """The right to open or push one modal for a person; ``view`` is the open one it was born in."""

    user: str
    born: float
    view: str | None = None
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer one interaction: the person, the channel and the message that it was pressed in."""

    user: str
    channel: str
    message: str | None
    born: float
    uses: int = 0


_MOST = 10_000


def _forget(kept: dict[str, Any]) -> None:
    """Make room for a new one: the oldest of ten thousand is long dead."""
    if len(kept) >= _MOST:
        del kept[next(iter(kept))]


class Tickets:
    """Hands out and takes back. Thread-safe."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._now = monotonic
        self._lock = threading.Lock()
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}
        self._sockets: dict[str, float] = {}

    def trigger(self, user: str, view: str | None = None) -> str:
        """A new trigger id."""
        number = 10**12 + secrets.randbelow(10**12)
        name = f"{number}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        with self._lock:
            _forget(self._triggers)
            self._triggers[name] = Trigger(user, self._now(), view)
        return name

    def look_at(self, name: str) -> Trigger:
        """The trigger, unused and alive, or Slack's refusal. It is used up only by `exchange`."""
        with self._lock:
            trigger = self._triggers.get(name)
        if trigger is None:
            raise SlackRefusal("invalid_trigger_id")
        if trigger.used:
            raise SlackRefusal("exchanged_trigger_id")
        if self._now() - trigger.born > self._limits.trigger:
            raise SlackRefusal("expired_trigger_id")
        return trigger

    def exchange(self, name: str) -> None:
        """Use a trigger up."""
        with self._lock:
            self._triggers[name].used = True

    def response_url(self, user: str, channel: str, message: str | None) -> str:
        """The secret last part of a new response URL."""
        name = secrets.token_urlsafe(18)
        with self._lock:
            _forget(self._urls)
            self._urls[name] = ResponseUrl(user, channel, message, self._now())
        return name

    def respond(self, name: str) -> ResponseUrl:
        """Count one use of a response URL, or refuse."""
        with self._lock:
            url = self._urls.get(name)
            if url is None:
                raise SlackRefusal("invalid_url", status=404)
            if self._now() - url.born > self._limits.response_url:
                raise SlackRefusal("expired_url", status=404)
            if url.uses >= self._limits.response_url_uses:
                raise SlackRefusal("used_url", status=404)
            url.uses += 1
            return url

    def socket(self) -> str:
        """A ticket for one Socket Mode connection, good for 30 seconds."""
        name = secrets.token_urlsafe(18)
        with self._lock:
            self._sockets[name] = self._now()
        return name

    def enter(self, name: str) -> bool:
        """Use a connection ticket up; False if it is unknown, used or old."""
        with self._lock:
            born = self._sockets.pop(name, None)
        return born is not None and self._now() - born <= 30
