"""What only the logs of items tell of them: who approved a write-off, and whether the payer took its decision back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session

from denials.commands import LogEntry, Outcome, State, Transition
from services.items import state_of
from services.views import ItemView
from store import items
from store.tables import Item

TAKEN_BACK = "taken_back"
"""The payer reversed its decision and has not made another one; `day` is the remittance's."""

NOT_AWAITED = "decision_not_awaited"
"""A decision of the payer is in force again."""


def with_log(session: Session, shown: Sequence[tuple[Item, ItemView]]) -> tuple[ItemView, ...]:
    """The items with what their logs say of how they stand: one look for all of them."""
    written_off = [item.id or 0 for item, _ in shown if _is_written_off(item)]
    approved = {
        event.item_id: json.loads(event.data).get("approved_by")
        for event in items.events_of_kinds(session, written_off, ["resolved"])
    }
    taken_back = taken_back_on(session, [item.id or 0 for item, _ in shown if item.state != State.RESOLVED])
    return tuple(
        replace(view, approved_by=approved.get(item.id or 0), taken_back_on=taken_back.get(item.id or 0))
        for item, view in shown
    )


def one_with_log(session: Session, item: Item, view: ItemView) -> ItemView:
    """`with_log` for one item."""
    return with_log(session, [(item, view)])[0]


def taken_back_on(session: Session, item_ids: Iterable[int]) -> dict[int, date]:
    """Of which items the payer took its decision back without making another one, and on which day."""
    found: dict[int, date] = {}
    for event in items.events_of_kinds(session, item_ids, [TAKEN_BACK, NOT_AWAITED]):
        if event.kind == TAKEN_BACK:
            found[event.item_id] = date.fromisoformat(json.loads(event.data)["day"])
        else:
            found.pop(event.item_id, None)
    return found


def taken_back(item: Item, day: date | None) -> Transition:
    """The change that notes in an item's log that its decision was taken back on a day, or that none is awaited now."""
    before = state_of(item)
    after = replace(before, version=before.version + 1)
    kind, data = (NOT_AWAITED, {}) if day is None else (TAKEN_BACK, {"day": day.isoformat()})
    return Transition(after, (LogEntry(kind, data, after.version),))


def _is_written_off(item: Item) -> bool:
    return item.state == State.RESOLVED and item.outcome == Outcome.WRITTEN_OFF
