"""Every place where something stands sealed, for a change of the data key. A test compares it with the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy import text as sql
from sqlmodel import Session, SQLModel

from store import tables  # noqa: F401 - the models must be known before their tables are asked for

_PORTION = 2_000


class Place(NamedTuple):
    """A column of sealed values. `bound` names what a value is bound to, as a table and a column of it."""

    table: str
    key: str
    column: str
    bound: tuple[str, str]
    through: str = ""  # the column that leads to the row it is bound to, where that is another table's


PLACES = (
    Place("remit", "id", "sealed", ("remit", "payer_key")),
    Place("item", "id", "sealed", ("item", "ref")),
    Place("event", "id", "note", ("item", "ref"), "item_id"),
    Place("review_event", "id", "note", ("review", "ref"), "review_id"),
    Place("unlisted_payer", "name_key", "sealed", ("unlisted_payer", "name_key")),
)


class Value(NamedTuple):
    """One sealed value."""

    key: Any
    sealed: bytes
    context: bytes


def keep_writers_away(session: Session) -> None:
    """Let nobody write what may be sealed until this transaction ends; reading goes on. SQLite has one writer."""
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join([*dict.fromkeys(place.table for place in PLACES), "meta"])
        session.execute(sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def count(session: Session) -> int:
    """How many sealed values there are."""
    total = 0
    for place in PLACES:
        value = _table(place).c[place.column]
        total += session.execute(select(func.count()).where(func.length(value) > 0)).scalar_one()
    return total


def portions(session: Session, place: Place) -> Iterator[list[Value]]:
    """The values of one place, in the order of their keys; memory does not grow with them."""
    table = _table(place)
    key, value = table.c[place.key], table.c[place.column]
    other = SQLModel.metadata.tables[place.bound[0]]
    query = select(key, value, other.c[place.bound[1]]).where(func.length(value) > 0).order_by(key).limit(_PORTION)
    if place.through:
        query = query.join(other, other.c.id == table.c[place.through])
    last = None
    while True:
        rows = session.execute(query if last is None else query.where(key > last)).all()
        if not rows:
            return
        yield [Value(number, sealed, str(bound).encode()) for number, sealed, bound in rows]
        last = rows[-1][0]


def rewrite(session: Session, place: Place, values: list[Value]) -> None:
    """Put other sealed values in their place."""
    table = _table(place)
    statement = (
        update(table)
        .where(table.c[place.key] == bindparam("row"))
        .values({place.column: bindparam("value", type_=table.c[place.column].type)})
    )
    session.connection().execute(statement, [{"row": one.key, "value": one.sealed} for one in values])


def _table(place: Place) -> Table:
    return SQLModel.metadata.tables[place.table]
