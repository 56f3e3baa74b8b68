"""Open items with their sealed facts, for the filing limits in them; and the plain flag that is kept of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import func, select, text, update
from sqlmodel import Session, col

from store.tables import OPEN_WORK, Item

_AT_ONCE = 1_000


class Sealed(NamedTuple):
    """One open item."""

    id: int
    ref: str
    has_appeal: bool
    passed: bool  # as it was found the last time
    sealed: bytes


def newest(session: Session) -> int:
    """The number of the item that came last; 0 where there is none."""
    return session.execute(select(func.max(col(Item.id)))).scalar_one() or 0


def open_items(session: Session, after: int = 0) -> Iterator[Sealed]:
    """Every open item, or those that came after another one; memory does not grow with them."""
    columns = (col(Item.id), col(Item.ref), col(Item.due).is_not(None), col(Item.filing_passed), col(Item.sealed))
    query = select(*columns).where(text(OPEN_WORK))
    if after:
        query = query.where(col(Item.id) > after)
    for number, ref, has_appeal, passed, sealed in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield Sealed(number, ref, bool(has_appeal), passed, sealed)


def set_passed(session: Session, passed: Mapping[int, bool]) -> None:
    """Keep whether each item's filing limit has passed; this is no step of its life, so the version stays."""
    if passed:
        session.execute(update(Item), [{"id": number, "filing_passed": flag} for number, flag in passed.items()])
