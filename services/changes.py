"""From a decision of the life cycle to the row, the log and the messages, within the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from denials.business_time import calendar_of
from denials.commands import ItemState, Outcome, State, Transition
from denials.escalation import Situation, next_at
from denials.rules.model import RuleSet
from services import keys
from services.desk import Desk
from services.items import show_change, state_of
from store import items
from store.tables import Escalation, Item


def apply(
    session: Session,
    desk: Desk,
    item: Item,
    change: Transition,
    actor: str | None,
    *,
    also: Mapping[str, Any] | None = None,
    note: str = "",
    show: bool = True,
) -> bool:
    """Write a change if nobody else has changed the item since it was read; False otherwise, with nothing written.

    `actor` is the person's id, None for a remittance or the clock. `also` holds further columns to set.
    """
    now, before = desk.now(), state_of(item)
    extra = dict(also or {})
    values = {**columns(item, before, change.after, now, by_person=actor is not None), **extra}
    values["next_escalation_at"] = next_escalation(session, desk.rules, item, values, now)
    if not items.change(session, item, values):
        return False
    if note:
        keys.hold(session, desk.vault)
    sealed = desk.vault.seal({"note": note}, item.seal_context) if note else None
    for entry in change.events:
        items.log_event(session, item.id or 0, entry.version, now, entry.kind, actor, entry.data, sealed)
    if show:
        show_change(session, item, datetime.now(UTC), human=actor is not None)
    return True


def touch(session: Session, desk: Desk, item: Item, actor: str) -> None:
    """The assignee has shown that the item is not forgotten: its time without activity begins anew.

    Nothing that anybody sees changes, so the version stays. The row must be locked by the caller's transaction.
    """
    if item.assignee != actor or item.state != State.CLAIMED:
        return
    now = desk.now()
    item.last_activity_at = now
    item.next_escalation_at = next_escalation(session, desk.rules, item, {"last_activity_at": now}, now)
    session.add(item)


def columns(item: Item, before: ItemState, after: ItemState, now: datetime, *, by_person: bool) -> dict[str, Any]:
    """The columns that a change of state sets, `version` included."""
    values: dict[str, Any] = {
        "state": str(after.state),
        "assignee": after.assignee,
        "version": after.version,
        "outcome": str(after.outcome) if after.outcome else None,
        "recovered_cents": after.recovered_cents,
        "follow_up": after.follow_up,
    }
    if by_person or after.state is not before.state:
        values["last_activity_at"] = now
    if after.state is State.OPEN and (before.state is not State.OPEN or by_person):
        values["opened_at"] = now
    if after.assignee != before.assignee:
        values["claimed_at"] = now if after.assignee else None
        if after.assignee and item.first_claimed_at is None:
            values["first_claimed_at"] = now
    values.update(_ending(item, before, after, now))
    return values


def _ending(item: Item, before: ItemState, after: ItemState, now: datetime) -> dict[str, Any]:
    if after.state is not State.RESOLVED:
        return {"resolved_at": None, "written_off_cents": None}
    same = before.state is State.RESOLVED and before.outcome == after.outcome
    written_off = item.amount_cents if after.outcome == Outcome.WRITTEN_OFF else None  # what is still refused now
    return {"resolved_at": item.resolved_at if same else now, "written_off_cents": written_off}


def next_escalation(
    session: Session, rules: RuleSet, item: Item, values: Mapping[str, Any], now: datetime
) -> datetime | None:
    """When the item must be looked at next, once `values` are written."""
    now_then: dict[str, Any] = {**item.model_dump(), **values}
    if now_then["history"] or now_then["state"] == State.RESOLVED:
        return None
    fired = items.fired_steps(session, [item.id]).get(item.id, []) if item.id is not None else []
    return next_at(rules.policy(now_then["escalation"]), situation(now_then, fired), calendar_of(rules), now)


def situation(values: Mapping[str, Any], fired: list[Escalation] | None = None) -> Situation:
    """An item's columns as escalation sees them. A deadline that an appeal has met is none any more."""
    return Situation(
        state=State(values["state"]),
        opened_at=values["opened_at"],
        claimed_at=values.get("claimed_at"),
        last_activity_at=values.get("last_activity_at"),
        due=None if values.get("outcome") == Outcome.APPEALED else values.get("due"),
        follow_up=values.get("follow_up"),
        fired=frozenset((row.step, row.anchor) for row in fired or []),
        owner=values.get("owner"),
    )
