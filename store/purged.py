"""What remains of denials that were purged: counts by day. The recount and the numbers add them to what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col


class PurgedCount(SQLModel, table=True):
    """Counts and cents of purged denials.

    Under the dimensions of `daily` they mean what they mean there. `preventable` holds new denials by remit date and
    answer; `outcome` (by its name), `recovered`, `written_off` and `handed_off` go by the local day on which that
    happened.
    """

    __tablename__ = "purged_count"
    dimension: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    name: str = Field(primary_key=True)
    new: int = 0
    cents: int = Field(default=0, sa_type=BigInteger)
    repeats: int = 0
    rejections: int = 0


class PurgedClaims(SQLModel, table=True):
    """Adjudicated claims that were purged, by remit date; the columns of `daily_claims`."""

    __tablename__ = "purged_claims"
    day: date = Field(primary_key=True)
    adjudicated: int = 0
    denied: int = 0
    fully_denied: int = 0
    charge_cents: int = Field(default=0, sa_type=BigInteger)
    denied_cents: int = Field(default=0, sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class Work:
    """How purged denials ended in a span of days."""

    outcomes: dict[str, int]
    recovered_cents: int
    written_off_cents: int
    handed_off: int


WORK = ("outcome", "recovered", "written_off", "handed_off")
PREVENTABLE = "preventable"


def add_counts(session: Session, counts: Mapping[tuple[str, date, str], Sequence[int]]) -> None:
    """Add counts of purged denials: new, cents, repeats, rejections by (dimension, day, name)."""
    rows = [
        {"dimension": dimension, "day": day, "name": name, "new": a, "cents": b, "repeats": c, "rejections": d}
        for (dimension, day, name), (a, b, c, d) in sorted(counts.items())
        if any((a, b, c, d))
    ]
    _add(session, PurgedCount, rows, ("dimension", "day", "name"))


def add_claims(session: Session, counts: Sequence[tuple[date, Sequence[int]]]) -> None:
    """Add counts of purged claims by remit date, in the order of the columns."""
    names = ("adjudicated", "denied", "fully_denied", "charge_cents", "denied_cents")
    rows = [{"day": day, **dict(zip(names, numbers, strict=True))} for day, numbers in counts if any(numbers)]
    _add(session, PurgedClaims, rows, ("day",))


def _add(session: Session, table: type[SQLModel], rows: list[dict[str, Any]], keys: Sequence[str]) -> None:
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    added = {name: getattr(table, name) + statement.excluded[name] for name in rows[0] if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=added), rows)


def counts(session: Session) -> Iterator[tuple[tuple[str, date, str], tuple[int, int, int, int]]]:
    """What purged items count in the daily counts."""
    own = (*WORK, PREVENTABLE)
    for row in session.execute(select(PurgedCount).where(col(PurgedCount.dimension).not_in(own))).scalars():
        yield (row.dimension, row.day, row.name), (row.new, row.cents, row.repeats, row.rejections)


def claims(session: Session) -> Iterator[tuple[date, tuple[int, int, int, int, int]]]:
    """What purged claims count among the adjudicated."""
    for row in session.execute(select(PurgedClaims)).scalars():
        yield row.day, (row.adjudicated, row.denied, row.fully_denied, row.charge_cents, row.denied_cents)


def any_claims_in(session: Session, first: date, last: date) -> bool:
    """Whether claims adjudicated from `first` to `last`, both included, were purged."""
    query = select(col(PurgedClaims.day)).where(
        col(PurgedClaims.day).between(first, last), col(PurgedClaims.adjudicated) > 0
    )
    return session.execute(query.limit(1)).first() is not None


def work_between(session: Session, first: date, last: date) -> Work:
    """How purged denials ended from `first` to `last`, both included."""
    found = _between(session, WORK, first, last)
    outcomes = {name: new for (dimension, name), (new, _) in found.items() if dimension == "outcome"}
    nothing = (0, 0)
    return Work(
        outcomes,
        found.get(("recovered", ""), nothing)[1],
        found.get(("written_off", ""), nothing)[1],
        found.get(("handed_off", ""), nothing)[0],
    )


def preventable_between(session: Session, first: date, last: date) -> dict[str, int]:
    """yes, partly, no → purged denials first remitted from `first` to `last`, both included."""
    found = _between(session, (PREVENTABLE,), first, last)
    return {name: new for (_, name), (new, _) in found.items()}


def _between(
    session: Session, dimensions: Sequence[str], first: date, last: date
) -> dict[tuple[str, str], tuple[int, int]]:
    query = (
        select(
            col(PurgedCount.dimension),
            col(PurgedCount.name),
            func.sum(col(PurgedCount.new)),
            func.sum(col(PurgedCount.cents)),
        )
        .where(col(PurgedCount.dimension).in_(dimensions), col(PurgedCount.day).between(first, last))
        .group_by(col(PurgedCount.dimension), col(PurgedCount.name))
    )
    return {(dimension, name): (int(new), int(cents)) for dimension, name, new, cents in session.execute(query)}
