"""Prevention reviews and their append-only log. `data` and `evidence` hold counts, labels and references, never words.

What people typed stands sealed in the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, or_, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlmodel import Field, Session, SQLModel, col, select

from store.types import UtcDateTime

LIVE = "closed_on IS NULL"  # queries must say it in these words to be answered by the index


class Review(SQLModel, table=True):
    """One prevention review as it stands now. Of one series only one can be live."""

    __tablename__ = "review"
    __table_args__ = (
        Index(
            "ux_review_live",
            "dimension",
            "name",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True)
    version: int = 1
    state: str = "open"
    dimension: str
    name: str  # as the daily counts name it
    category: str  # key of the category most of it is in
    handoff: str
    round: int = 1
    holder: str | None = None
    opened_on: date  # of this round
    evidence: str  # JSON, of this round
    cause: str | None = None
    action: str | None = None
    responsible: str | None = None
    effective: date | None = None
    measure_on: date | None = None
    measured: int = 0  # measurements of this round
    verdict: str | None = None  # JSON, the latest
    dismissed_for: str | None = None
    closed_on: date | None = None
    remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded: int = 0  # reminders of this round
    home: str | None = None  # the message that shows it

    @property
    def seal_context(self) -> bytes:
        """What everything sealed for this review is bound to."""
        return self.ref.encode()


class ReviewEvent(SQLModel, table=True):
    """One line of a review's log."""

    __tablename__ = "review_event"
    id: int | None = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id", index=True)
    version: int
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    actor: str | None = None
    data: str = "{}"  # JSON
    note: bytes | None = Field(default=None, sa_type=LargeBinary)  # sealed


def add(session: Session, values: Mapping[str, Any]) -> Review | None:
    """A new review; None where its series has a live one already."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    whole = Review(**values).model_dump(exclude={"id"})
    query = insert(Review).values(**whole).on_conflict_do_nothing().returning(col(Review.ref))
    made = session.execute(query).first()
    return by_ref(session, str(made[0])) if made else None


def by_ref(session: Session, ref: str, *, lock: bool = False) -> Review | None:
    """The review known by this reference; `lock` keeps other transactions from changing it (PostgreSQL)."""
    query = select(Review).where(Review.ref == ref)
    return session.exec(query.with_for_update() if lock else query).first()


def by_refs(session: Session, refs: Sequence[str]) -> list[Review]:
    """Reviews by their references, in that order; unknown ones are left out."""
    found = {row.ref: row for row in session.exec(select(Review).where(col(Review.ref).in_(refs)))}
    return [found[ref] for ref in refs if ref in found]


def change(session: Session, review: Review, values: Mapping[str, Any]) -> bool:
    """Write `values` (`version` among them) if nobody changed the review since it was read; False otherwise."""
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment]  # an UPDATE answers with a cursor
        update(Review)
        .where(col(Review.id) == review.id, col(Review.version) == review.version)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:
        return False
    session.refresh(review)
    return True


def log_event(
    session: Session,
    review: Review,
    version: int,
    at: datetime,
    kind: str,
    actor: str | None,
    data: Mapping[str, object],
    note: bytes | None = None,
) -> int:
    """Append one event; its id."""
    row = ReviewEvent(
        review_id=review.id or 0,
        version=version,
        at=at,
        kind=kind,
        actor=actor,
        data=json.dumps(dict(data)),
        note=note,
    )
    session.add(row)
    session.flush()
    return row.id or 0


def events_of(session: Session, review_id: int) -> list[ReviewEvent]:
    """A review's history, oldest first."""
    query = select(ReviewEvent).where(ReviewEvent.review_id == review_id).order_by(col(ReviewEvent.id))
    return list(session.exec(query))


def event(session: Session, event_id: int) -> ReviewEvent | None:
    """One event."""
    return session.get(ReviewEvent, event_id)


def only_changed_by(session: Session, review: Review, version: int, user: str) -> bool:
    """Whether every change since that version was this person's own."""
    query = select(ReviewEvent.id).where(
        ReviewEvent.review_id == review.id,
        ReviewEvent.version > version,
        or_(col(ReviewEvent.actor).is_(None), col(ReviewEvent.actor) != user),
    )
    return session.exec(query.limit(1)).first() is None


def live(session: Session) -> list[Review]:
    """Reviews that go on, the longest open first."""
    return list(session.exec(select(Review).where(text(LIVE)).order_by(col(Review.opened_on), col(Review.id))))


def closed_since(session: Session, day: date) -> list[Review]:
    """Reviews that were closed on that day or later, the latest first."""
    query = select(Review).where(col(Review.closed_on) >= day).order_by(col(Review.closed_on).desc(), col(Review.id))
    return list(session.exec(query))


def worked_since(session: Session, day: date) -> list[Review]:
    """Reviews whose action helped, with an effective date on that day or later."""
    return list(session.exec(select(Review).where(Review.state == "worked", col(Review.effective) >= day)))


def opened_since(session: Session, at: datetime) -> int:
    """How many new reviews were opened at that moment or later; further rounds do not count."""
    query = select(ReviewEvent.id).where(ReviewEvent.kind == "opened", ReviewEvent.at >= at)
    return len(list(session.exec(query)))


def to_remind(session: Session, now: datetime) -> list[Review]:
    """Live reviews whose reminder has come; taken so that replicas do not share them."""
    query = select(Review).where(text(LIVE), col(Review.remind_at).is_not(None), col(Review.remind_at) <= now)
    return list(session.exec(query.order_by(col(Review.id)).with_for_update(skip_locked=True)))


def to_measure(session: Session, today: date) -> list[Review]:
    """Live reviews whose measurement has come."""
    query = select(Review).where(text(LIVE), Review.state == "measuring", col(Review.measure_on) <= today)
    return list(session.exec(query.order_by(col(Review.id))))


def set_reminders(session: Session, rows: Iterable[tuple[int, datetime | None, int]]) -> None:
    """Write (review id, when to remind next, how often so far); nobody sees it, so the version stays."""
    values = [{"id": row_id, "remind_at": at, "reminded": count} for row_id, at, count in rows]
    if values:
        session.execute(update(Review), values)


def set_home(session: Session, review: Review, message_id: str) -> None:
    """Which message shows the review; nobody sees that, so the version stays."""
    session.execute(
        update(Review)
        .where(col(Review.id) == review.id)
        .values(home=message_id)
        .execution_options(synchronize_session=False)
    )
    session.refresh(review)
