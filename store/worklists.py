"""What is open, for the files that teams work from."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from store.tables import OPEN_WORK, Event, Item

_PORTION = 1_000


def latest_event(session: Session) -> int:
    """The newest entry of the log: as long as it stays, nothing has changed."""
    return session.exec(select(func.max(col(Event.id)))).one() or 0


def open_items(session: Session) -> Iterator[Item]:
    """Everything that is not resolved, without the practice's past; by owner, soonest due first."""
    for owned in (col(Item.owner).is_not(None), col(Item.owner).is_(None)):  # in the words of the index by owner
        query = (
            select(Item)
            .where(text(OPEN_WORK), owned)
            .order_by(
                col(Item.owner), col(Item.due).is_(None), col(Item.due), col(Item.amount_cents).desc(), col(Item.id)
            )
        )
        yield from session.exec(query.execution_options(yield_per=_PORTION))
