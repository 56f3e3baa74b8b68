"""Deleting denials that are long over, with everything that hangs on them, and finding those.

Each call is one portion of one transaction, so that nobody waits for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, case, delete, func, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col

from store.tables import (
    Adjudication,
    DenialRow,
    Digest,
    DigestItem,
    Escalation,
    Event,
    Item,
    MessageItem,
    Outbox,
    Remit,
    Reveal,
    SlackMessage,
    UnlistedPayer,
)

PORTION = 500
_CLAIMS = 2_000
_WAITS = ("pending", "sending", "ambiguous", "parked")

HANGING = (DenialRow, Event, Escalation, MessageItem, SlackMessage, DigestItem)
"""The tables with an `item_id`; a test compares them with the models. Digests go by their own age."""


class Ended(NamedTuple):
    """What a purged denial leaves behind beside its counts as a denial."""

    preventable: str
    first_remit_date: date
    outcome: str | None
    resolved_at: datetime | None
    recovered_cents: int | None
    written_off_cents: int | None
    history: bool


def _over(before: datetime, day: date) -> ColumnElement[bool]:
    resolved = and_(col(Item.state) == "resolved", col(Item.resolved_at) < before)
    past = and_(col(Item.history).is_(True), col(Item.remit_date) < day)  # nobody works a practice's past
    return or_(resolved, past)


def count_over(session: Session, before: datetime, day: date) -> int:
    """How many items are over since before a moment (those of a practice's past: remitted before a day)."""
    return int(session.execute(select(func.count()).select_from(Item).where(_over(before, day))).scalar_one())


def over(session: Session, before: datetime, day: date, after: int) -> list[int]:
    """The next of them, locked, in the order of their ids."""
    query = (
        select(col(Item.id))
        .where(col(Item.id) > after, _over(before, day))
        .order_by(col(Item.id))
        .limit(PORTION)
        .with_for_update(skip_locked=True)
    )
    return [int(number) for number in session.execute(query).scalars()]


def still_told(session: Session, ids: Sequence[int]) -> set[int]:
    """Which of these items have a message that Slack has not been told yet, or that the administrator must look at."""
    waits = col(Outbox.state).in_(_WAITS)
    cards = (
        select(col(SlackMessage.item_id))
        .join(Outbox, col(Outbox.message_id) == col(SlackMessage.id))
        .where(col(SlackMessage.item_id).in_(ids), waits)
    )
    lines = (
        select(col(MessageItem.item_id))
        .join(Outbox, col(Outbox.message_id) == col(MessageItem.message_id))
        .where(col(MessageItem.item_id).in_(ids), waits)
    )
    return {int(number) for query in (cards, lines) for number in session.execute(query).scalars()}


def ends(session: Session, ids: Sequence[int]) -> list[Ended]:
    """How these items ended, of those that are denials."""
    columns = [col(getattr(Item, name)) for name in Ended._fields]
    query = select(*columns).where(col(Item.id).in_(ids), col(Item.kind) == "denial")
    return [Ended._make(row) for row in session.execute(query)]


def hand_offs(session: Session, ids: Sequence[int]) -> list[datetime]:
    """When denials among these items changed teams or categories by hand."""
    query = (
        select(col(Event.at))
        .join(Item, col(Item.id) == col(Event.item_id))
        .where(
            col(Event.item_id).in_(ids),
            col(Event.kind) == "handed_off",
            col(Event.actor).is_not(None),
            col(Item.kind) == "denial",
        )
    )
    return list(session.execute(query).scalars())


def delete_items(session: Session, ids: Sequence[int]) -> None:
    """Delete items and everything that hangs on them. Messages that still show another item stay."""
    refs = list(session.execute(select(col(Item.ref)).where(col(Item.id).in_(ids))).scalars())
    shared = set(
        session.execute(select(col(MessageItem.message_id)).where(col(MessageItem.item_id).in_(ids)).distinct())
        .scalars()
        .all()
    )
    session.execute(delete(MessageItem).where(col(MessageItem.item_id).in_(ids)))
    _delete_messages(session, ids, sorted(shared))
    of_claims = col(DenialRow.claim_key).in_(select(col(Item.number_key)).where(col(Item.id).in_(ids)))
    session.execute(delete(DenialRow).where(of_claims, col(DenialRow.item_id).in_(ids)))
    for table in (Escalation, Event):
        session.execute(delete(table).where(col(table.item_id).in_(ids)))
    session.execute(delete(Reveal).where(col(Reveal.ref).in_(refs)))
    session.execute(delete(Item).where(col(Item.id).in_(ids)))


def _delete_messages(session: Session, ids: Sequence[int], shared: Sequence[str]) -> None:
    left = select(col(MessageItem.message_id)).where(col(MessageItem.message_id).in_(shared))
    empty = and_(
        col(SlackMessage.id).in_(shared), col(SlackMessage.id).not_in(left), col(SlackMessage.item_id).is_(None)
    )
    query = select(col(SlackMessage.id)).where(or_(col(SlackMessage.item_id).in_(ids), empty))
    gone = list(session.execute(query).scalars())
    for start in range(0, len(gone), PORTION):
        part = gone[start : start + PORTION]
        session.execute(delete(MessageItem).where(col(MessageItem.message_id).in_(part)))
        session.execute(delete(Outbox).where(col(Outbox.message_id).in_(part)))
        session.execute(delete(SlackMessage).where(col(SlackMessage.id).in_(part)))


def delete_digests(session: Session, before: datetime) -> int:
    """Delete digests that were composed long ago, a portion of them; how many."""
    old = select(col(Digest.id)).where(col(Digest.composed_at) < before).order_by(col(Digest.id)).limit(PORTION)
    gone = list(session.execute(old).scalars())
    if gone:
        session.execute(delete(DigestItem).where(col(DigestItem.digest_id).in_(gone)))
        session.execute(delete(Digest).where(col(Digest.id).in_(gone)))
    return len(gone)


def delete_payer_names(session: Session, before: datetime) -> None:
    """Delete the sealed payer names without a label that came up before a moment; a file brings them again."""
    session.execute(delete(UnlistedPayer).where(col(UnlistedPayer.first_seen) < before))


class ClaimsPortion(NamedTuple):
    """Claims in a range of keys. `last` is where the next range begins; None when this was the last."""

    keys: list[int]
    last: int | None


def any_claims(session: Session, day: date) -> bool:
    """Whether a remittance from before a day is known at all."""
    return session.execute(select(col(Remit.id)).where(col(Remit.remit_date) < day).limit(1)).first() is not None


def claims_over(session: Session, day: date, after: int | None) -> ClaimsPortion:
    """The next claims that have no item and of which every decision is from before a day."""
    of_claim = col(Adjudication.claim_key)
    later = [of_claim > after] if after is not None else []
    keys = session.execute(select(of_claim).where(*later).distinct().order_by(of_claim).limit(_CLAIMS)).scalars().all()
    if not keys:
        return ClaimsPortion([], None)
    query = (
        select(of_claim)
        .join(Remit, col(Remit.id) == col(Adjudication.remit_id))
        .where(*later, of_claim <= keys[-1])
        .group_by(of_claim)
        .having(func.max(col(Remit.remit_date)) < day)
    )
    old = set(session.execute(query).scalars())
    if old:
        worked = select(col(Item.number_key)).where(*([col(Item.number_key) > after] if after is not None else []))
        old -= set(session.execute(worked.where(col(Item.number_key) <= keys[-1])).scalars())
    return ClaimsPortion(sorted(old), keys[-1])


def counts_of_claims(session: Session, keys: Sequence[int]) -> list[tuple[date, list[int]]]:
    """By remit date, what these claims count among the adjudicated: the columns of `daily_claims`."""
    found: dict[date, list[int]] = {}
    amounts: list[Any] = [
        1,
        case((col(Adjudication.denied), 1), else_=0),
        case((col(Adjudication.fully_denied), 1), else_=0),
        col(Adjudication.charge_cents),
        col(Adjudication.denied_cents),
    ]
    for start in range(0, len(keys), PORTION):
        query = (
            select(col(Remit.remit_date), *[func.sum(amount) for amount in amounts])
            .join(Remit, col(Remit.id) == col(Adjudication.remit_id))
            .where(col(Adjudication.claim_key).in_(keys[start : start + PORTION]), col(Adjudication.standing) == 0)
            .group_by(col(Remit.remit_date))
        )
        for day, *numbers in session.execute(query):
            cell = found.setdefault(day, [0, 0, 0, 0, 0])
            for place, number in enumerate(numbers):
                cell[place] += int(number)
    return sorted(found.items())


def delete_claims(session: Session, keys: Sequence[int]) -> None:
    """Delete what was decided on these claims."""
    for start in range(0, len(keys), PORTION):
        part = keys[start : start + PORTION]
        session.execute(delete(Adjudication).where(col(Adjudication.claim_key).in_(part)))


def overwrite_deleted(session: Session) -> None:
    """On SQLite, have what this connection deletes overwritten, not only left unused in the file."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
