"""What waits for whom: the queries behind App Home. Each reads only what it ranks by.

What is asked by team is answered by the index of open work, so every query says that condition in its words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, text
from sqlalchemy import select as rows
from sqlmodel import Session, col, select

from store.items import late
from store.tables import OPEN_WORK, Item

_LIVE = text(OPEN_WORK)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One unclaimed item, as far as ranking needs it."""

    id: int
    ref: str
    amount_cents: int
    due: date | None
    kind: str = "denial"
    code: str = ""  # as first denied, the one with most dollars
    payer: str = ""


_ranked_by = rows(
    col(Item.id),
    col(Item.ref),
    col(Item.amount_cents),
    col(Item.due),
    col(Item.kind),
    col(Item.first_code),
    col(Item.payer_label),
)


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
    return _waiting(session, owners, col(Item.state) == "open")


def held_in(session: Session, owners: Collection[str], user: str) -> list[Waiting]:
    """What one person has of these teams' work, in no order."""
    return _waiting(session, owners, col(Item.assignee) == user)


def unclaimed_count(session: Session, owners: Collection[str], due_by: date | None = None) -> int:
    """How many open items of these teams nobody has; with `due_by` only those due until then."""
    if not owners:
        return 0
    query = rows(func.count()).where(col(Item.owner).in_(sorted(owners)), *_free(due_by), _LIVE)
    return int(session.execute(query).scalar_one())


def unclaimed_dearest_first(
    session: Session, owners: Collection[str], due_by: date | None = None, *, at_once: int = 500
) -> Iterator[list[Waiting]]:
    """What `unclaimed_count` counts, most dollars first and some at once, read only as far as somebody asks."""
    if not owners:
        return
    query = _ranked_by.where(col(Item.owner).in_(sorted(owners)), *_free(due_by), _LIVE)
    ordered = query.order_by(col(Item.amount_cents).desc()).execution_options(yield_per=at_once)
    with session.execute(ordered) as found:
        for part in found.partitions():
            yield [Waiting(*row) for row in part]


def _free(due_by: date | None) -> tuple[ColumnElement[bool], ...]:
    nobody = col(Item.state) == "open"
    return (nobody,) if due_by is None else (nobody, col(Item.due) <= due_by)


def _waiting(session: Session, owners: Collection[str], which: ColumnElement[bool]) -> list[Waiting]:
    if not owners:
        return []
    query = _ranked_by.where(col(Item.owner).in_(sorted(owners)), which, _LIVE)
    return [Waiting(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class AlikeCounts:
    """Items of one payer with the same codes."""

    payer: str
    codes: str
    count: int
    cents: int


def alike(session: Session, owners: Collection[str], user: str | None, limit: int) -> list[AlikeCounts]:
    """Which items of these teams are alike, most of a kind first: those nobody has, and with `user` those they have."""
    if not owners:
        return []
    number = func.count()
    query = (
        select(col(Item.payer_label), col(Item.codes), number, func.sum(col(Item.amount_cents)))
        .where(col(Item.owner).in_(sorted(owners)), _free_or(user), _LIVE)
        .group_by(col(Item.payer_label), col(Item.codes))
        .having(number > 1)
        .order_by(number.desc(), col(Item.payer_label), col(Item.codes))
        .limit(limit)
    )
    return [AlikeCounts(payer, codes, int(count), int(cents)) for payer, codes, count, cents in session.exec(query)]


def those_alike(
    session: Session, owners: Collection[str], user: str | None, payer: str, codes: str, limit: int
) -> list[Item]:
    """The items of these teams of one payer with the same codes, most dollars first."""
    if not owners:
        return []
    query = (
        select(Item)
        .where(
            col(Item.owner).in_(sorted(owners)),
            _free_or(user),
            _LIVE,
            Item.payer_label == payer,
            Item.codes == codes,
        )
        .order_by(col(Item.amount_cents).desc(), col(Item.id))
        .limit(limit)
    )
    return list(session.exec(query))


def _free_or(user: str | None) -> ColumnElement[bool]:
    free = col(Item.state) == "open"
    if user is None:
        return free
    return or_(free, and_(col(Item.assignee) == user, col(Item.state).in_(("claimed", "snoozed", "waiting"))))


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


def stale(session: Session, owners: Collection[str], before: datetime, limit: int) -> list[Item]:
    """What these teams have not touched since `before`, longest first: unclaimed, or claimed without activity."""
    if not owners:
        return []
    return list(
        session.exec(
            select(Item)
            .where(
                col(Item.owner).in_(sorted(owners)),
                col(Item.state).in_(("open", "claimed")),
                col(Item.last_activity_at) < before,
                _LIVE,
            )
            .order_by(col(Item.last_activity_at), col(Item.id))
            .limit(limit)
        )
    )


def team_counts(session: Session, owners: Collection[str], today: date) -> list[TeamCounts]:
    """Open, unclaimed and overdue items and their dollars, per team."""
    if not owners:
        return []
    is_open = col(Item.state) == "open"
    query = (
        select(  # type: ignore[call-overload]  # SQLModel types four columns at most
            col(Item.owner),
            func.count(),
            func.sum(case((is_open, 1), else_=0)),
            func.sum(case((late(today), 1), else_=0)),
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
