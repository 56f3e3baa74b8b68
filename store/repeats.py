"""Counts and items for finding what repeats and measuring what became of it: by remittance date, from the rollups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from denials.model import Kind
from store.tables import Adjudication, Batch, Daily, DailyClaims, Item, Remit


class Denied(NamedTuple):
    """One denial of the window, with its name under each dimension."""

    id: int
    ref: str
    category: str
    handoff: str
    code: str
    payer: str
    location: str | None
    practice: str | None
    cents: int


def batches(session: Session) -> int:
    """How many files were taken in so far."""
    return int(session.execute(select(func.count()).select_from(Batch)).scalar_one())


def first_day(session: Session) -> date | None:
    """The remittance date of the very first denial; None where there is none."""
    query = select(func.min(col(Daily.day))).where(col(Daily.dimension) == "all", col(Daily.new) > 0)
    found: date | None = session.execute(query).scalar_one()
    return found


def by_day(
    session: Session, dimensions: Sequence[str], first: date, last: date
) -> Iterator[tuple[str, str, date, int]]:
    """(dimension, name, remit date, new denials) of some days, both ends included."""
    query = select(col(Daily.dimension), col(Daily.name), col(Daily.day), col(Daily.new)).where(
        col(Daily.dimension).in_(list(dimensions)), col(Daily.day).between(first, last), col(Daily.new) > 0
    )
    for dimension, name, day, new in session.execute(query):
        yield str(dimension), str(name), day, int(new)


def of_series(session: Session, dimension: str, name: str, first: date, last: date) -> list[tuple[date, int, int]]:
    """(remit date, new denials, cents) of one series, both ends included, by day."""
    query = (
        select(col(Daily.day), col(Daily.new), col(Daily.cents))
        .where(col(Daily.dimension) == dimension, col(Daily.name) == name, col(Daily.day).between(first, last))
        .order_by(col(Daily.day))
    )
    return [(day, int(new), int(cents)) for day, new, cents in session.execute(query)]


def anything_in(session: Session, first: date, last: date) -> bool:
    """Whether any denial or adjudicated claim was remitted in the days, both ends included."""
    denied = select(col(Daily.day)).where(col(Daily.dimension) == "all", col(Daily.new) > 0)
    adjudicated = select(col(DailyClaims.day)).where(col(DailyClaims.adjudicated) > 0)
    return any(
        session.execute(query.where(column.between(first, last)).limit(1)).first() is not None
        for query, column in ((denied, col(Daily.day)), (adjudicated, col(DailyClaims.day)))
    )


def denied_in(session: Session, first: date, last: date) -> list[Denied]:
    """Denials first remitted in the days, both ends included, without a practice's past; most dollars first."""
    query = (
        select(
            col(Item.id),
            col(Item.ref),
            col(Item.category),
            col(Item.handoff),
            col(Item.first_code),
            col(Item.payer_label),
            col(Item.location_label),
            col(Item.practice_label),
            col(Item.first_cents),
        )
        .where(
            col(Item.first_remit_date).between(first, last),
            col(Item.kind) == Kind.DENIAL.value,
            col(Item.history).is_(False),
        )
        .order_by(col(Item.first_cents).desc(), col(Item.id))
    )
    return [Denied._make(row) for row in session.execute(query)]


def claims_of_payer(session: Session, label: str, first: date, last: date) -> int:
    """Claims that one payer adjudicated in the days, both ends included. Reads all adjudications: a rare question."""
    return _claims(session, [col(Remit.payer_label) == label], first, last)


def claims_of_payees(session: Session, payees: Sequence[str], first: date, last: date) -> int:
    """Claims adjudicated for payees (NPIs) in the days, both ends included. Reads all adjudications."""
    return _claims(session, [col(Remit.payee).in_(list(payees))], first, last)


def _claims(session: Session, scope: list[object], first: date, last: date) -> int:
    query = (
        select(func.count())
        .select_from(Adjudication)
        .join(Remit, col(Remit.id) == col(Adjudication.remit_id))
        .where(col(Adjudication.standing) == 0, col(Remit.remit_date).between(first, last), *scope)  # type: ignore[arg-type]  # conditions
    )
    return int(session.execute(query).scalar_one())
