"""Queries about the state of the whole."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from store.outbox import LIVE
from store.tables import Batch, Item, Outbox, SlackMessage, UnlistedPayer


def open_by_state(session: Session) -> dict[str, int]:
    """Items per state but resolved, without the practice's past."""
    query = (
        select(Item.state, func.count())
        .where(Item.state != "resolved", col(Item.history).is_(False))
        .group_by(Item.state)
    )
    return {str(state): int(count) for state, count in session.exec(query)}


def parked(session: Session, limit: int) -> list[tuple[Outbox, SlackMessage]]:
    """Parked outbox rows with their messages, oldest first."""
    query = (
        select(Outbox, SlackMessage)
        .join(SlackMessage, col(SlackMessage.id) == col(Outbox.message_id))
        .where(Outbox.state == "parked")
        .order_by(col(Outbox.seq))
        .limit(limit)
    )
    return list(session.exec(query).all())


def unlisted_payers(session: Session, limit: int) -> list[UnlistedPayer]:
    """Sealed payer names without a label, first seen first."""
    return list(session.exec(select(UnlistedPayer).order_by(col(UnlistedPayer.first_seen)).limit(limit)))


def sent_since(session: Session, since: datetime) -> list[tuple[str, str, datetime]]:
    """Operation, channel and time of the rows last handed to Slack after `since`."""
    query = select(Outbox.op, Outbox.channel, Outbox.sent_at).where(col(Outbox.sent_at) >= since)
    return [(str(op), str(channel), at) for op, channel, at in session.exec(query) if at is not None]


def oldest_waiting(session: Session) -> datetime | None:
    """When the row was made that has waited longest to be told to Slack; None where none waits."""
    query = select(func.min(Outbox.created_at)).where(col(Outbox.state).in_(LIVE))
    return session.exec(query).one()


def deepest_channel(session: Session) -> int:
    """How many rows wait for the one channel that most wait for."""
    depths = select(func.count()).where(col(Outbox.state).in_(LIVE)).group_by(col(Outbox.channel))
    return max((int(depth) for depth in session.exec(depths)), default=0)


def taken_in(session: Session) -> tuple[int, int, int]:
    """Files, claims and denials that were ever taken in."""
    query = select(
        func.count(), func.coalesce(func.sum(Batch.claims), 0), func.coalesce(func.sum(Batch.denials), 0)
    ).select_from(Batch)
    files, claims, denied = session.exec(query).one()
    return int(files), int(claims), int(denied)
