"""What a workspace remembers: rooms and the messages in them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Message:
    """One message. ``only_for`` is the one person who sees an ephemeral one, ``edited`` the time of the last edit."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: dict[str, Any] | None = None
    edited: str | None = None
    only_for: str | None = None
    by_app: bool = False

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread and is not the thread's first message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        return asdict(self)


@dataclass(slots=True)
class Room:
    """A public channel, a private one, or a direct message between two people."""

    id: str
    name: str
    topic: str = ""
    kind: str = "channel"  # or "private" or "im"
    members: list[str] = field(default_factory=list)
    archived: bool = False
    created: int = 0

    def document(self) -> dict[str, Any]:
        """All of it as JSON."""
        return asdict(self)

    def other(self, user: str) -> str:
        """Whom a person talks to in a direct message."""
        return next((one for one in self.members if one != user), user)


@dataclass(frozen=True, slots=True)
class Notice:
    """Slack's own word to a person, shown at the top of the page until it is dismissed."""

    id: str
    text: str
    level: str = "error"
