"""The daily counts worked out anew from what they count."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import and_, case, func, select, text
from sqlalchemy import delete as delete_
from sqlmodel import Session, col

from store.tables import Adjudication, Daily, DailyClaims, DenialRow, Event, Item, Remit

_PORTION = 2_000


class Counted(NamedTuple):
    """An item as the rollups count it."""

    id: int
    kind: str
    category: str
    first_category: str
    payer_label: str
    owner: str | None
    handoff: str
    first_code: str
    practice_label: str | None
    location_label: str | None
    first_remit_date: date
    first_cents: int


def items(session: Session, ids: Sequence[int] | None = None) -> Iterator[Counted]:
    """Every item, or some."""
    query = select(*(col(getattr(Item, name)) for name in Counted._fields)).order_by(col(Item.id))
    if ids is not None:
        query = query.where(col(Item.id).in_(ids))
    for row in session.execute(query.execution_options(yield_per=_PORTION)):
        yield Counted._make(row)


def denied_on(session: Session, ids: Sequence[int] | None = None) -> Iterator[tuple[int, date]]:
    """(item, remit date) of each remittance that denied an item, or some items, in the order of items and dates."""
    query = (
        select(col(DenialRow.item_id), col(Remit.remit_date))
        .join(Remit, col(Remit.id) == col(DenialRow.remit_id))
        .group_by(col(DenialRow.item_id), col(Remit.id), col(Remit.remit_date))
        .order_by(col(DenialRow.item_id), col(Remit.remit_date))
    )
    if ids is not None:
        of_claim = and_(col(Item.number_key) == col(DenialRow.claim_key), col(Item.id) == col(DenialRow.item_id))
        query = query.join(Item, of_claim).where(col(Item.id).in_(ids))
    for number, day in session.execute(query.execution_options(yield_per=_PORTION)):
        yield int(number), day


def first_refused(session: Session) -> Generator[tuple[int, date, list[tuple[str, str, int]]]]:
    """(item, remit date, rows) of the first remittance that denied each item; a row is (group, code, cents)."""
    query = (
        select(
            col(DenialRow.item_id),
            col(Remit.remit_date),
            col(Remit.id),
            col(DenialRow.grp),
            col(DenialRow.carc),
            col(DenialRow.amount_cents),
        )
        .join(Remit, col(Remit.id) == col(DenialRow.remit_id))
        .order_by(col(DenialRow.item_id), col(Remit.remit_date), col(Remit.remit_key), col(Remit.id))
    )
    with session.execute(query.execution_options(yield_per=_PORTION)) as rows:
        for number, of_item in groupby(rows, key=lambda row: int(row[0])):
            _, same = next(groupby(of_item, key=lambda row: row[2]))
            first = list(same)
            yield number, first[0][1], [(group, code, int(cents)) for *_, group, code, cents in first]


def handed_to(session: Session) -> dict[int, tuple[str, str | None]]:
    """item → (category, owner) as the log says the latest hand-off left it."""
    query = select(col(Event.item_id), col(Event.data)).where(col(Event.kind) == "handed_off").order_by(col(Event.id))
    told = ((int(number), json.loads(data)) for number, data in session.execute(query))
    return {number: (data["category"], data["owner"]) for number, data in told}


def claims(session: Session) -> Iterator[tuple[date, int, int, int, int, int]]:
    """(day, adjudicated, denied, fully denied, charged cents, denied cents) of what stands."""
    stands = col(Adjudication.standing) == 0
    yes = [
        func.sum(case((and_(stands, flag), 1), else_=0))
        for flag in (col(Adjudication.denied), col(Adjudication.fully_denied))
    ]
    money = [
        func.sum(case((stands, amount), else_=0))
        for amount in (col(Adjudication.charge_cents), col(Adjudication.denied_cents))
    ]
    query = (
        select(col(Remit.remit_date), func.sum(case((stands, 1), else_=0)), *yes, *money)
        .join(Remit, col(Remit.id) == col(Adjudication.remit_id))
        .group_by(col(Remit.remit_date))
    )
    for day, *numbers in session.execute(query):
        one, two, three, four, five = (int(number) for number in numbers)
        yield day, one, two, three, four, five


def stored_denials(session: Session) -> dict[tuple[str, date, str], tuple[int, int, int, int]]:
    """(dimension, day, name) → (new, cents, repeats, rejections) as kept."""
    return {
        (row.dimension, row.day, row.name): (row.new, row.cents, row.repeats, row.rejections)
        for row in session.execute(select(Daily)).scalars()
    }


def stored_claims(session: Session) -> dict[date, tuple[int, int, int, int, int]]:
    """Day → counts as kept."""
    return {
        row.day: (row.adjudicated, row.denied, row.fully_denied, row.charge_cents, row.denied_cents)
        for row in session.execute(select(DailyClaims)).scalars()
    }


def shut(session: Session) -> None:
    """Let nobody change a daily count until the transaction ends; SQLite's write lock does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE daily, daily_claims IN SHARE ROW EXCLUSIVE MODE"))


def forget(session: Session) -> None:
    """Delete what is kept."""
    session.execute(delete_(Daily))
    session.execute(delete_(DailyClaims))
