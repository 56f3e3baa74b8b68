"""Who saw what stays sealed: the log of look-ups, and the private links that open one claim number once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.engine import CursorResult
from sqlmodel import Field, Session, SQLModel, col, select

from store.types import UtcDateTime


class LookupLog(SQLModel, table=True):
    """Who asked for the claim number or the notes behind which reference, when, and from where."""

    __tablename__ = "lookup_log"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    who: str
    direction: str  # reference, claim, export, note, reveal
    ref: str | None = None
    found: bool
    source: str | None = None  # the network address of a reveal


class Reveal(SQLModel, table=True):
    """A private link that shows one claim number once. Only the hash of its token is kept. Times are real time."""

    __tablename__ = "reveal"
    token_hash: str = Field(primary_key=True)
    ref: str
    person: str
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def looked_up(session: Session, since: datetime) -> Sequence[LookupLog]:
    """Every look at what is sealed from a moment on, the oldest first."""
    query = select(LookupLog).where(col(LookupLog.at) >= since).order_by(col(LookupLog.at), col(LookupLog.id))
    return session.exec(query).all()


def forget_reveals(session: Session, before: datetime, ref: str, person: str) -> None:
    """Drop links that ended before a moment, and those this person has for this item: a newer one replaces them."""
    session.execute(delete(Reveal).where(col(Reveal.expires_at) < before))
    session.execute(delete(Reveal).where(col(Reveal.ref) == ref, col(Reveal.person) == person))


def reveal_of(session: Session, token_hash: str) -> Reveal | None:
    """The link with this hash."""
    return session.get(Reveal, token_hash)


def use_reveal(session: Session, token_hash: str, now: datetime) -> bool:
    """Use a link up; False where it was used, has ended or never was. Of two at once one succeeds."""
    result: CursorResult[object] = session.execute(  # type: ignore[assignment]  # an UPDATE answers with a cursor
        update(Reveal)
        .where(col(Reveal.token_hash) == token_hash, col(Reveal.used_at).is_(None), col(Reveal.expires_at) > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return result.rowcount == 1
