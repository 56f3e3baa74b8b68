"""Work items in the order of their rows, for writing them out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlmodel import Session, col, select

from store.tables import Item

_PAGE = 1000


def items_since(session: Session, since: date) -> Iterator[Item]:
    """Items remitted on or after a day, a page at a time, so that memory does not grow with their number."""
    last = 0
    while True:
        page = session.exec(
            select(Item).where(Item.remit_date >= since, col(Item.id) > last).order_by(col(Item.id)).limit(_PAGE)
        ).all()
        for item in page:
            last = item.id or last
            yield item
        session.expunge_all()
        if len(page) < _PAGE:
            return
