"""Work items and their event log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlmodel import Session, col, select

from store.tables import OPEN_WORK, Escalation, Event, Item

_MANY = 500  # keys in one IN list; SQLite allows 32,766 variables, plans stay readable below


def by_ref(session: Session, ref: str, *, lock: bool = False) -> Item | None:
    """The item known by this reference; `lock` keeps other transactions from changing it (PostgreSQL)."""
    query = select(Item).where(Item.ref == ref)
    return session.exec(query.with_for_update() if lock else query).first()


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Item]:
    """Items by their row id."""
    wanted = list(ids)
    found: dict[int, Item] = {}
    for start in range(0, len(wanted), _MANY):
        for item in session.exec(select(Item).where(col(Item.id).in_(wanted[start : start + _MANY]))):
            found[item.id or 0] = item
    return found


def refs_of_number(session: Session, number_key: int) -> list[str]:
    """References of every item of one claim number."""
    return list(session.exec(select(Item.ref).where(Item.number_key == number_key).order_by(col(Item.id))))


def change(session: Session, item: Item, values: Mapping[str, Any]) -> bool:
    """Write `values` (and the next version) if nobody changed the item since it was read; False otherwise.

    On success the object in hand holds the new values too.
    """
    if item.id is None:
        raise ValueError("an item without a row cannot be changed")
    fields = {**values, "version": values.get("version", item.version + 1)}
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment]  # an UPDATE answers with a cursor
        update(Item)
        .where(col(Item.id) == item.id, col(Item.version) == item.version)
        .values(**fields)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:
        return False
    session.refresh(item)
    return True


def log_event(
    session: Session,
    item_id: int,
    version: int,
    at: datetime,
    kind: str,
    actor: str | None,
    data: Mapping[str, object],
    note: bytes | None = None,
) -> None:
    """Append one event to the log."""
    session.add(
        Event(
            item_id=item_id,
            version=version,
            at=at,
            kind=kind,
            actor=actor,
            data=json.dumps(dict(data)),
            note=note,
        )
    )


def add_events(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append many events at once."""
    if rows:
        session.execute(insert(Event), list(rows))


def events_of(session: Session, item_id: int) -> list[Event]:
    """An item's history, oldest first."""
    return list(session.exec(select(Event).where(Event.item_id == item_id).order_by(col(Event.id))))


def events_of_kinds(session: Session, item_ids: Iterable[int], kinds: Sequence[str]) -> list[Event]:
    """What the logs of some items say of these kinds, oldest first."""
    wanted = list(item_ids)
    found: list[Event] = []
    for start in range(0, len(wanted), _MANY):
        part = wanted[start : start + _MANY]
        query = select(Event).where(col(Event.item_id).in_(part), col(Event.kind).in_(kinds)).order_by(col(Event.id))
        found.extend(session.exec(query))
    return found


def only_changed_by(session: Session, item_id: int, version: int, user: str) -> bool:
    """Whether every change since that version was this person's own."""
    query = select(Event.id).where(
        Event.item_id == item_id,
        Event.version > version,
        or_(col(Event.actor).is_(None), col(Event.actor) != user),
    )
    return session.exec(query.limit(1)).first() is None


def assigned_to(session: Session, user: str) -> list[Item]:
    """What one person has in work, most urgent first."""
    return list(
        session.exec(
            select(Item)
            .where(Item.assignee == user, Item.state != "resolved", col(Item.history).is_(False))
            .order_by(col(Item.due).is_(None), col(Item.due), col(Item.id))
        )
    )


def late(today: date) -> ColumnElement[bool]:
    """Whether an item's appeal limit, filing limit or follow-up date has passed."""
    return or_(col(Item.due) < today, col(Item.follow_up) < today, col(Item.filing_passed).is_(True))


def past_due(session: Session, today: date, limit: int) -> list[Item]:
    """Open items whose appeal limit, filing limit or follow-up date has passed, longest first."""
    return list(
        session.exec(
            select(Item)
            .where(text(OPEN_WORK), late(today))
            .order_by(func.coalesce(col(Item.due), col(Item.follow_up), col(Item.remit_date)), col(Item.id))
            .limit(limit)
        )
    )


def due_for_escalation(session: Session, now: datetime, limit: int) -> list[Item]:
    """Items whose next escalation step has come, by the index on it; taken so that replicas do not share them."""
    return list(
        session.exec(
            select(Item)
            .where(col(Item.next_escalation_at).is_not(None), col(Item.next_escalation_at) <= now)
            .order_by(col(Item.next_escalation_at), col(Item.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def any_escalation_due(session: Session, now: datetime) -> bool:
    """Whether an item's next step has come: a cheap look before the write lock is taken."""
    query = select(Item.id).where(col(Item.next_escalation_at).is_not(None), col(Item.next_escalation_at) <= now)
    return session.exec(query.limit(1)).first() is not None


def set_next_escalation(session: Session, moments: Mapping[int, datetime | None]) -> None:
    """Write when each item is to be looked at next; this is no change that anybody sees, so the version stays."""
    if moments:
        session.execute(
            update(Item), [{"id": item_id, "next_escalation_at": moment} for item_id, moment in moments.items()]
        )


def look_again(session: Session, now: datetime) -> None:
    """Have every open item looked at by the next sweep."""
    session.execute(
        update(Item).where(text(OPEN_WORK)).values(next_escalation_at=now).execution_options(synchronize_session=False)
    )


def add_escalations(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Record steps that were told or skipped; one that is recorded already stays as it is."""
    if rows:
        insert_new = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert_new(Escalation).on_conflict_do_nothing(), list(rows))


def fired_steps(session: Session, item_ids: Iterable[int]) -> dict[int, list[Escalation]]:
    """Escalation steps that fired or were skipped, per item."""
    wanted = list(item_ids)
    found: dict[int, list[Escalation]] = {}
    for start in range(0, len(wanted), _MANY):
        chunk = wanted[start : start + _MANY]
        for row in session.exec(select(Escalation).where(col(Escalation.item_id).in_(chunk))):
            found.setdefault(row.item_id, []).append(row)
    return found
