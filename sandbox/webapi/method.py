"""What every method of the Web API gets to work with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.core import Core
from sandbox.errors import SlackRefusal, missing_argument
from sandbox.records import Room

Answer = dict[str, Any]


@dataclass(slots=True)
class Request:
    """One call: its arguments, and the warnings that go into its answer."""

    core: Core
    method: str
    args: Mapping[str, Any]
    warnings: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """A required argument as text."""
        value = self.args.get(name)
        if value is None or value == "":
            raise missing_argument(name)
        return str(value)

    def optional(self, name: str) -> str | None:
        """An argument as text, None if it is absent or empty."""
        value = self.args.get(name)
        return None if value is None or value == "" else str(value)

    def flag(self, name: str) -> bool:
        """A boolean in any of the ways that clients write it."""
        return str(self.args.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int, most: int) -> int:
        """A count between 1 and ``most``."""
        value = self.optional(name)
        if value is None:
            return default
        if not value.isdigit() or not 1 <= int(value) <= most:
            raise SlackRefusal("invalid_limit")
        return int(value)

    def document(self, name: str, error: str) -> Any:
        """An argument that is JSON: as such in a JSON body, as text in a form. ``error`` if it cannot be read."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackRefusal(error) from None

    def need(self, scope: str) -> None:
        """Refuse unless the app has a scope."""
        if scope not in self.core.app.scopes:
            provided = ",".join(sorted(self.core.app.scopes))
            raise SlackRefusal("missing_scope", needed=scope, provided=provided)

    def room(self, name: str = "channel") -> Room:
        """The channel named, which must be one that the app may know of."""
        return self._known(self.core.workspace.room(self.text(name)))

    def addressed(self) -> Room:
        """The channel to write to; a person's id means the direct messages with them."""
        return self._known(self.core.workspace.addressed(self.text("channel")))

    def _known(self, room: Room | None) -> Room:
        if room is None or (room.kind != "channel" and not self.is_member(room)):
            raise SlackRefusal("channel_not_found")
        return room

    def is_member(self, room: Room) -> bool:
        """Whether the app is in a room."""
        return self.core.app.user_id in room.members


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what carries it out, the scope it needs if any, and the kind of token."""

    run: Callable[[Request], Answer]
    scope: str | None = None
    app_token: bool = False
