"""What the daily rollups do not hold: how work went in a period, and what is open now. Each query follows one index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select, text
from sqlmodel import Session, col

from denials.metrics import AGING_BUCKETS, BUCKET_ENDS
from denials.model import Kind
from store.items import late
from store.tables import BY_PEOPLE, OPEN_WORK, Batch, Event, Item

_DENIALS = col(Item.kind) == Kind.DENIAL.value
_LIVE = col(Item.history).is_(False)


@dataclass(frozen=True, slots=True)
class Ended:
    """One item that got its final outcome in the period."""

    outcome: str
    ingested_at: datetime
    resolved_at: datetime
    recovered_cents: int
    written_off_cents: int


@dataclass(frozen=True, slots=True)
class OpenWork:
    """All open denials: counts, cents, and counts by age."""

    open: int
    unclaimed: int
    overdue: int
    cents: int
    aging: dict[str, int]


def _ended(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """Denials resolved from `start` up to, not including, `end`; by the index on that moment."""
    resolved_at = col(Item.resolved_at)
    return (resolved_at >= start, resolved_at < end, col(Item.state) == "resolved", _DENIALS, _LIVE)


def ended_between(session: Session, start: datetime, end: datetime) -> list[Ended]:
    """Denials resolved from `start` up to, not including, `end`."""
    query = select(
        col(Item.outcome),
        col(Item.ingested_at),
        col(Item.resolved_at),
        col(Item.recovered_cents),
        col(Item.written_off_cents),
    ).where(*_ended(start, end))
    return [
        Ended(outcome or "", ingested, resolved, recovered or 0, written_off or 0)
        for outcome, ingested, resolved, recovered, written_off in session.execute(query)
        if resolved is not None
    ]


def waits_for_claim(session: Session, start: datetime, end: datetime) -> list[timedelta]:
    """How long denials first claimed in the span had been there."""
    query = select(col(Item.ingested_at), col(Item.first_claimed_at)).where(
        col(Item.first_claimed_at) >= start, col(Item.first_claimed_at) < end, _DENIALS, _LIVE
    )
    return [claimed - ingested for ingested, claimed in session.execute(query) if claimed is not None]


def handed_off_between(session: Session, start: datetime, end: datetime) -> int:
    """How often denials changed teams or categories by hand from `start` up to, not including, `end`."""
    query = (
        select(func.count())
        .select_from(Event)
        .join(Item, col(Item.id) == col(Event.item_id))
        .where(text(BY_PEOPLE), col(Event.at) >= start, col(Event.at) < end, col(Event.kind) == "handed_off", _DENIALS)
    )
    return int(session.execute(query).scalar_one())


def preventable_between(session: Session, first: date, last: date) -> dict[str, int]:
    """yes, partly, no → denials first remitted from `first` to `last`, both included; a practice's past too."""
    query = (
        select(col(Item.preventable), func.count())
        .where(col(Item.first_remit_date).between(first, last), _DENIALS)
        .group_by(col(Item.preventable))
    )
    return {str(answer): int(count) for answer, count in session.execute(query)}


def open_work(session: Session, today: date) -> OpenWork:
    """Everything that is open, by the index that holds nothing else."""
    starts = [today - timedelta(days=days) for days in BUCKET_ENDS]
    remit_date = col(Item.remit_date)
    bucket = case(*((remit_date >= start, n) for n, start in enumerate(starts)), else_=len(starts))
    query = (
        select(
            bucket.label("bucket"),
            func.count(),
            func.sum(case((col(Item.state) == "open", 1), else_=0)),
            func.sum(case((late(today), 1), else_=0)),
            func.sum(col(Item.amount_cents)),
        )
        .where(text(OPEN_WORK), _DENIALS)
        .group_by(text("bucket"))
    )
    aging, total = dict.fromkeys(AGING_BUCKETS, 0), OpenWork(0, 0, 0, 0, {})
    for number, count, unclaimed, overdue, cents in session.execute(query):
        aging[AGING_BUCKETS[number]] = int(count)
        total = OpenWork(
            total.open + int(count),
            total.unclaimed + int(unclaimed),
            total.overdue + int(overdue),
            total.cents + int(cents),
            aging,
        )
    return replace(total, aging=aging)


@dataclass(frozen=True, slots=True)
class Coming:
    """Open denials that become due in a span of days: counts and cents."""

    deadlines: int
    deadline_cents: int
    follow_ups: int
    follow_up_cents: int


def due_between(session: Session, first: date, last: date) -> Coming:
    """Open denials whose appeal limit, and whose follow-up date, lies from `first` to `last`, both included."""
    limit, follow_up, cents = col(Item.due), col(Item.follow_up), col(Item.amount_cents)
    counted = [
        func.coalesce(func.sum(case((day.between(first, last), value), else_=0)), 0)
        for day in (limit, follow_up)
        for value in (1, cents)
    ]
    query = select(*counted).where(text(OPEN_WORK), _DENIALS)
    one, two, three, four = session.execute(query).one()
    return Coming(int(one), int(two), int(three), int(four))


@dataclass(frozen=True, slots=True)
class PayerWork:
    """One denial of a payer that got its final outcome in the period."""

    payer: str  # its label
    outcome: str
    wait: timedelta  # from taken in to resolved
    recovered_cents: int


def ended_by_payer(session: Session, start: datetime, end: datetime) -> list[PayerWork]:
    """What `ended_between` finds, with the payer's label."""
    query = select(
        col(Item.payer_label),
        col(Item.outcome),
        col(Item.ingested_at),
        col(Item.resolved_at),
        col(Item.recovered_cents),
    ).where(*_ended(start, end))
    return [
        PayerWork(payer, outcome or "", resolved - ingested, recovered or 0)
        for payer, outcome, ingested, resolved, recovered in session.execute(query)
        if resolved is not None
    ]


def codes_by_payer(session: Session, first: date, last: date) -> list[tuple[str, str, int]]:
    """(payer's label, first code, new denials) of the remit dates from `first` to `last`, most of a payer first."""
    number = func.count()
    query = (
        select(col(Item.payer_label), col(Item.first_code), number)
        .where(col(Item.first_remit_date).between(first, last), _DENIALS)
        .group_by(col(Item.payer_label), col(Item.first_code))
        .order_by(col(Item.payer_label), number.desc(), col(Item.first_code))
    )
    return [(str(payer), str(code), int(count)) for payer, code, count in session.execute(query)]


def in_use_since(session: Session, moment: datetime) -> bool:
    """Whether a file had been taken in by that moment."""
    query = select(col(Batch.id)).where(col(Batch.ingested_at) <= moment).limit(1)
    return session.execute(query).first() is not None


def open_apart(session: Session) -> dict[str, int]:
    """kind → open items that are no denials: claim rejections and take-backs, which are shown apart."""
    query = (
        select(col(Item.kind), func.count())
        .where(text(OPEN_WORK), col(Item.kind) != Kind.DENIAL.value)
        .group_by(col(Item.kind))
    )
    return {str(kind): int(count) for kind, count in session.execute(query)}
