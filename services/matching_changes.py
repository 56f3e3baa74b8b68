"""Changes that remittances make to items: written by the portion, logged, shown and announced.

The items are locked by the file's transaction, so that what is decided on cannot change before it is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from denials.business_time import calendar_of
from denials.commands import Command, Refusal, State, Transition
from denials.escalation import next_at
from denials.lifecycle import decide
from services.changes import columns, situation
from services.ingest_context import Context
from services.ingest_items import Items
from services.items import show_change, state_of
from store import items, messages
from store.tables import Escalation, Item

_ON_CARDS = {"codes", "rarcs", "amount_cents", "remit_date", "due", "repeats"}
_FOR_ESCALATION = ("state", "opened_at", "claimed_at", "last_activity_at", "outcome", "due", "follow_up", "owner")


class Changes:
    """Gathers what is to be written of one portion of items."""

    def __init__(self, context: Context, made: Items) -> None:
        self._session, self._rules, self._made = context.session, context.rules, made
        self._batch, self._now, self._history = context.batch_id, context.now, context.history
        self._fired: dict[int, list[Escalation]] = {}
        self._shown: set[int] = set()
        self._events: list[dict[str, Any]] = []
        self._to_show: list[Item] = []

    def prepare(self, loaded: Sequence[Item]) -> None:
        """Look up what the items of a portion have in common use: escalations told, messages that show them."""
        older = [item.id for item in loaded if item.id is not None and item.batch_id != self._batch]
        self._fired = items.fired_steps(self._session, older)
        self._shown = messages.shown_among(self._session, older)

    def apply(self, item: Item, values: Mapping[str, Any], commands: Sequence[Command | Transition]) -> None:
        """Set columns and carry out commands that are not refused. Any change of what a card shows is a new version."""
        was_open = item.state != State.RESOLVED and not item.history
        differ = {name: value for name, value in values.items() if getattr(item, name) != value}
        for name, value in differ.items():
            setattr(item, name, value)
        changed = False
        for command in commands:
            before = state_of(item)
            change = command if isinstance(command, Transition) else decide(before, command, self._now)
            if isinstance(change, Refusal):
                continue
            for name, value in columns(item, before, change.after, self._now, by_person=False).items():
                if name not in differ or name == "version":
                    setattr(item, name, value)
            for entry in change.events:
                self.log(item, entry.kind, entry.data)
            changed = True
        if not changed and differ.keys() & _ON_CARDS:
            item.version += 1
            changed = True
        if changed:
            item.next_escalation_at = self._next_look(item)
            if item.id in self._shown:
                self._to_show.append(item)
        news = not was_open and item.state == State.OPEN and not item.history and not self._history
        if news and item.batch_id != self._batch:  # what this file made is announced anyway
            place = (self._rules.channel_for(item.owner), item.owner)
            self._made.reopened.setdefault(place, []).append(item.id or 0)

    def log(self, item: Item, kind: str, data: Mapping[str, object]) -> None:
        """Append to the log of an item, at its version."""
        self._events.append(
            {
                "item_id": item.id,
                "version": item.version,
                "at": self._now,
                "kind": kind,
                "actor": None,
                "data": json.dumps(dict(data)),
                "note": None,
            }
        )

    def write(self) -> None:
        """Write the portion and forget its items."""
        self._session.flush()
        items.add_events(self._session, self._events)
        now = datetime.now(UTC)
        for item in self._to_show:
            show_change(self._session, item, now, human=False)
        self._session.flush()
        self._session.expunge_all()
        self._events, self._to_show = [], []

    def _next_look(self, item: Item) -> datetime | None:
        if item.history or item.state == State.RESOLVED:
            return None
        seen = situation({name: getattr(item, name) for name in _FOR_ESCALATION}, self._fired.get(item.id or 0))
        return next_at(self._rules.policy(item.escalation), seen, calendar_of(self._rules), self._now)
