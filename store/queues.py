"""What waits for whom: the queries behind App Home. Each follows an index and reads only what it ranks by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, or_
from sqlmodel import Session, col, select

from store.tables import Item

_LIVE = col(Item.history).is_(False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One unclaimed item, as far as ranking needs it."""

    id: int
    ref: str
    amount_cents: int
    due: date | None


@dataclass(frozen=True, slots=True)
class TeamCounts:
    """One team's open work."""

    owner: str | None
    open: int
    unclaimed: int
    overdue: int
    cents: int
    oldest: datetime | None  # when the unclaimed item that waits longest was opened


def unclaimed(session: Session, owners: Collection[str]) -> list[Waiting]:
    """Every open item of these teams that nobody has, in no order."""
    if not owners:
        return []
    columns = (col(Item.id), col(Item.ref), col(Item.amount_cents), col(Item.due))
    query = select(*columns).where(col(Item.owner).in_(sorted(owners)), Item.state == "open", _LIVE)
    return [Waiting(int(number or 0), ref, int(cents), due) for number, ref, cents, due in session.exec(query)]


def done_by(session: Session, user: str, since: datetime, limit: int) -> list[Item]:
    """What one person resolved lately, latest first."""
    return list(
        session.exec(
            select(Item)
            .where(Item.assignee == user, Item.state == "resolved", col(Item.resolved_at) >= since)
            .order_by(col(Item.resolved_at).desc(), col(Item.id))
            .limit(limit)
        )
    )


def team_counts(session: Session, owners: Collection[str], today: date) -> list[TeamCounts]:
    """Open, unclaimed and overdue items and their dollars, per team."""
    if not owners:
        return []
    is_open = col(Item.state) == "open"
    late = or_(col(Item.due) < today, col(Item.follow_up) < today)
    query = (
        select(  # type: ignore[call-overload]  # SQLModel types four columns at most
            col(Item.owner),
            func.count(),
            func.sum(case((is_open, 1), else_=0)),
            func.sum(case((late, 1), else_=0)),
            func.sum(col(Item.amount_cents)),
            func.min(case((is_open, col(Item.opened_at)))),
        )
        .where(
            col(Item.owner).in_(sorted(owners)), col(Item.state).in_(("open", "claimed", "snoozed", "waiting")), _LIVE
        )
        .group_by(col(Item.owner))
    )
    return [
        TeamCounts(owner, int(number), int(free), int(past), int(cents), oldest)
        for owner, number, free, past, cents, oldest in session.exec(query)
    ]
