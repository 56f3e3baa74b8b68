"""Daily counts by remit date, kept in the transaction of the change, so that numbers cost what the period costs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from store.tables import Daily, DailyClaims

DIMENSIONS = ("category", "payer", "owner", "handoff", "code", "practice", "location")


@dataclass(slots=True)
class Tally:
    """Changes to the rollups gathered by one transaction, written once at its end."""

    denials: dict[tuple[str, date, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0]))
    claims: dict[date, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0, 0]))

    def denial(self, names: dict[str, str], day: date, *, new: int = 0, cents: int = 0, repeats: int = 0) -> None:
        """Count under every dimension that `names` has a name for, and under the whole."""
        for dimension, name in (("all", ""), *names.items()):
            cell = self.denials[(dimension, day, name)]
            cell[0] += new
            cell[1] += cents
            cell[2] += repeats

    def rejection(self, day: date, count: int = 1) -> None:
        """Count 277CA rejections, apart from the denials."""
        self.denials[("all", day, "")][3] += count

    def claim(self, day: date, sign: int, *, denied: bool, fully: bool, charge: int, denied_cents: int) -> None:
        """Count an adjudicated claim (`sign` 1) or take one back (`sign` -1)."""
        cell = self.claims[day]
        for n, value in enumerate((1, int(denied), int(fully), charge, denied_cents)):
            cell[n] += sign * value

    def write(self, session: Session) -> None:
        """Add everything gathered to the stored rollups."""
        denials = [
            {
                "dimension": dimension,
                "day": day,
                "name": name,
                "new": c[0],
                "cents": c[1],
                "repeats": c[2],
                "rejections": c[3],
            }
            for (dimension, day, name), c in sorted(self.denials.items())
            if any(c)
        ]
        claims = [
            {
                "day": day,
                "adjudicated": c[0],
                "denied": c[1],
                "fully_denied": c[2],
                "charge_cents": c[3],
                "denied_cents": c[4],
            }
            for day, c in sorted(self.claims.items())
            if any(c)
        ]
        if denials:
            _add(
                session,
                Daily,
                ["dimension", "day", "name"],
                ["new", "cents", "repeats", "rejections"],
                denials,
            )
        if claims:
            _add(
                session,
                DailyClaims,
                ["day"],
                ["adjudicated", "denied", "fully_denied", "charge_cents", "denied_cents"],
                claims,
            )


def _add(
    session: Session,
    table: type[Daily] | type[DailyClaims],
    keys: list[str],
    values: list[str],
    rows: list[dict[str, object]],
) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=keys,
            set_={value: getattr(table, value) + statement.excluded[value] for value in values},
        ),
        rows,
    )


def denials_between(session: Session, dimension: str, first: date, last: date) -> dict[str, tuple[int, int, int, int]]:
    """name → (new, cents, repeats, rejections) over remit dates from `first` to `last`, both included."""
    query = (
        select(
            col(Daily.name),
            func.sum(Daily.new),
            func.sum(Daily.cents),
            func.sum(Daily.repeats),
            func.sum(Daily.rejections),
        )
        .where(col(Daily.dimension) == dimension, col(Daily.day).between(first, last))
        .group_by(col(Daily.name))
    )
    return {str(name): (int(a), int(b), int(c), int(d)) for name, a, b, c, d in session.execute(query).all()}


def denials_by_day(session: Session, first: date, last: date) -> dict[date, tuple[int, int]]:
    """remit date → (new, cents) of the whole practice; days without denials are left out."""
    query = select(col(Daily.day), col(Daily.new), col(Daily.cents)).where(
        col(Daily.dimension) == "all", col(Daily.day).between(first, last)
    )
    return {day: (int(new), int(cents)) for day, new, cents in session.execute(query).all()}


def claims_between(session: Session, first: date, last: date) -> tuple[int, int, int, int, int]:
    """(adjudicated, denied, fully denied, charged cents, denied cents) over remit dates, both ends included."""
    query = select(
        func.coalesce(func.sum(DailyClaims.adjudicated), 0),
        func.coalesce(func.sum(DailyClaims.denied), 0),
        func.coalesce(func.sum(DailyClaims.fully_denied), 0),
        func.coalesce(func.sum(DailyClaims.charge_cents), 0),
        func.coalesce(func.sum(DailyClaims.denied_cents), 0),
    ).where(col(DailyClaims.day).between(first, last))
    row = session.execute(query).one()
    return (int(row[0]), int(row[1]), int(row[2]), int(row[3]), int(row[4]))
