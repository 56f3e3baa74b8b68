"""What is stored of claims: remittances, adjudications, denied amounts; looked up by the portion a file brings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from store.tables import Adjudication, Batch, DenialRow, Item, Remit, UnlistedPayer

_MANY = 2_000
_IS_REVERSAL = "standing = 3"  # denials.settlement.Standing.REVERSAL, in the words of the partial index
_INGEST_LOCK = 0x44454E4A  # one file at a time goes in on PostgreSQL; SQLite has one writer anyway


class RemitKey(NamedTuple):
    """What makes a remittance the same one."""

    remit_key: str
    payee: str
    payer_key: str
    remit_date: date


class StoredRemit(NamedTuple):
    """A remittance as the database knows it."""

    id: int
    remit_key: str
    payee: str
    payer_key: str
    payer_label: str
    remit_date: date
    batch_id: str


class StoredClaim(NamedTuple):
    """One adjudication; money in cents."""

    claim_key: int
    remit_id: int
    ordinal: int
    standing: int
    denied: bool
    fully_denied: bool
    charge_cents: int
    paid_cents: int
    denied_cents: int
    lines: str | None


class StoredDenial(NamedTuple):
    """One denied amount. The first seven are its natural key."""

    claim_key: int
    remit_id: int
    line: int
    grp: str
    carc: str
    amount_cents: int
    nth: int
    rarcs: str
    procedure: str | None
    hint: str
    item_id: int


class StoredItem(NamedTuple):
    """What makes an item the same one, and its row."""

    number_key: int
    id: int
    first_category: str
    kind: str
    payer_key: str
    payer_label: str
    practice: str


class Stored(NamedTuple):
    """Whether the database has any of these at all."""

    items: bool
    adjudications: bool
    reversals: bool
    remits: bool


def begin_ingest(session: Session) -> None:
    """Let nobody else take a file in until this transaction ends, however long that takes."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sql("SET LOCAL lock_timeout = 0"))
        session.execute(sql("SET LOCAL statement_timeout = 0"))
        session.execute(sql("SELECT pg_advisory_xact_lock(:key)"), {"key": _INGEST_LOCK})


def batch_of(session: Session, sha256: str) -> str | None:
    """The batch that a file became, known by its SHA-256."""
    return session.execute(select(col(Batch.id)).where(col(Batch.sha256) == sha256)).scalar()


class Numbers:
    """Row ids handed out before the rows are written. PostgreSQL's sequence is asked; SQLite has one writer."""

    def __init__(self, session: Session, table: type[Item] | type[Remit]) -> None:
        self._session, self._table = session, table
        self._free: Iterator[int] = iter(())
        self._next = 0
        self._sequence = session.get_bind().dialect.name == "postgresql"
        if not self._sequence:
            self._next = int(session.execute(select(func.coalesce(func.max(col(table.id)), 0))).scalar_one())

    def draw(self) -> int:
        """The next id."""
        if not self._sequence:
            self._next += 1
            return self._next
        found = next(self._free, None)
        if found is None:
            query = sql("SELECT nextval(pg_get_serial_sequence(:t, 'id')) FROM generate_series(1, 500)")
            rows = self._session.execute(query, {"t": str(self._table.__tablename__)})
            self._free = iter([int(number) for (number,) in rows])
            found = next(self._free)
        return found


def remits_alike(session: Session, key: RemitKey) -> list[tuple[StoredRemit, bytes]]:
    """Remittances of that trace, payee and day, whoever pays, with their sealed facts; the one of this payer first."""
    columns = [col(getattr(Remit, name)) for name in StoredRemit._fields]
    query = select(*columns, col(Remit.sealed)).where(
        col(Remit.remit_key) == key.remit_key,
        col(Remit.payee) == key.payee,
        col(Remit.remit_date) == key.remit_date,
    )
    order = (col(Remit.payer_key) != key.payer_key, col(Remit.id))
    return [(StoredRemit._make(row[:-1]), row[-1]) for row in session.execute(query.order_by(*order))]


def anything(session: Session) -> Stored:
    """What the database has at all."""
    queries = (
        "SELECT 1 FROM item",
        "SELECT 1 FROM adjudication",
        f"SELECT 1 FROM adjudication WHERE {_IS_REVERSAL}",  # noqa: S608 - a constant
        "SELECT 1 FROM remit",
    )
    connection = session.connection()
    return Stored._make([connection.exec_driver_sql(f"{query} LIMIT 1").first() is not None for query in queries])


def items_among(session: Session, keys: Iterable[int]) -> set[int]:
    """Which claim numbers have an item."""
    return {row[0] for row in _rows(session, "SELECT DISTINCT number_key FROM item WHERE number_key", keys)}


def adjudicated_among(session: Session, keys: Iterable[int]) -> set[int]:
    """Which claims were adjudicated in any remittance."""
    return {row[0] for row in _rows(session, "SELECT DISTINCT claim_key FROM adjudication WHERE claim_key", keys)}


def reversed_among(session: Session, keys: Iterable[int]) -> set[int]:
    """Which claims have a reversal."""
    query = f"SELECT DISTINCT claim_key FROM adjudication WHERE {_IS_REVERSAL} AND claim_key"  # noqa: S608 - a constant
    return {row[0] for row in _rows(session, query, keys)}


def refs_among(session: Session, refs: Iterable[str]) -> set[str]:
    """Which references are taken."""
    return {row[0] for row in _rows(session, "SELECT ref FROM item WHERE ref", refs)}


def adjudications(session: Session, keys: Iterable[int]) -> list[StoredClaim]:
    """Every adjudication of some claims."""
    query = f"SELECT {','.join(StoredClaim._fields)} FROM adjudication WHERE claim_key"  # noqa: S608 - our own names
    return [StoredClaim._make(row) for row in _rows(session, query, keys)]


def denials(session: Session, keys: Iterable[int]) -> list[StoredDenial]:
    """Every denied amount of some claims."""
    query = f"SELECT {','.join(StoredDenial._fields)} FROM denial_row WHERE claim_key"  # noqa: S608 - our own names
    return [StoredDenial._make(row) for row in _rows(session, query, keys)]


def remits(session: Session, ids: Iterable[int]) -> dict[int, StoredRemit]:
    """Remittances by id."""
    columns = [col(getattr(Remit, name)) for name in StoredRemit._fields]
    found: dict[int, StoredRemit] = {}
    for part in _parts(sorted(set(ids))):
        for row in session.execute(select(*columns).where(col(Remit.id).in_(part))):
            found[row[0]] = StoredRemit._make(row)
    return found


def repeat_days(session: Session, item_id: int) -> list[date]:
    """On which remit dates an item came back: those of its remittances but the first."""
    days = (
        select(col(Remit.remit_date))
        .join(DenialRow, col(DenialRow.remit_id) == col(Remit.id))
        .join(Item, col(Item.number_key) == col(DenialRow.claim_key))
        .where(col(Item.id) == item_id, col(DenialRow.item_id) == item_id)
        .group_by(col(Remit.id), col(Remit.remit_date))
        .order_by(col(Remit.remit_date))
    )
    return list(session.execute(days).scalars())[1:]


def item_keys(session: Session, keys: Iterable[int]) -> list[StoredItem]:
    """The items of some claim numbers, by what never changes of them."""
    query = f"SELECT {','.join(StoredItem._fields)} FROM item WHERE number_key"  # noqa: S608 - our own names
    return [StoredItem._make(row) for row in _rows(session, query, keys)]


def items_of(session: Session, keys: Iterable[int]) -> list[Item]:
    """Every item of some claim numbers, locked until the transaction ends."""
    found: list[Item] = []
    for part in _parts(sorted(set(keys))):
        query = select(Item).where(col(Item.number_key).in_(part)).order_by(col(Item.id)).with_for_update()
        found.extend(session.execute(query).scalars())
    return found


def remember_payer(session: Session, name_key: str, sealed: bytes, at: datetime) -> None:
    """Note a payer name without a label, unless it is noted."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(UnlistedPayer).values(name_key=name_key, sealed=sealed, first_seen=at)
    session.execute(row.on_conflict_do_nothing())


def set_standing(session: Session, claim: StoredClaim, standing: int) -> None:
    """Note what became of an adjudication."""
    session.execute(
        update(Adjudication)
        .where(
            col(Adjudication.claim_key) == claim.claim_key,
            col(Adjudication.remit_id) == claim.remit_id,
            col(Adjudication.ordinal) == claim.ordinal,
        )
        .values(standing=standing)
        .execution_options(synchronize_session=False)
    )


def _rows(session: Session, query: str, keys: Iterable[int] | Iterable[str]) -> Iterator[Any]:
    """Rows whose key is among many: one statement with one value to bind, whatever their number."""
    connection = session.connection()
    arrays = connection.dialect.name == "postgresql"
    wanted: list[Any] = sorted(set(keys))
    for part in _parts(wanted):
        if arrays:
            yield from connection.exec_driver_sql(f"{query} = ANY(%s)", (part,))
        else:
            listed = f"{query} IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own statements
            yield from connection.exec_driver_sql(listed, (json.dumps(part),))


def _parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), _MANY):
        yield keys[start : start + _MANY]
