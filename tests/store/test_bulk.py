"""Rows in bulk arrive as they were given, and what goes wrong on the way is raised where they came from."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from store.bulk import Row, Shared, Target, loader_for
from store.database import Database
from store.tables import Adjudication, Batch, Event, Lease

EVENT = Target("event", ("item_id", "version", "at", "kind", "actor", "data", "note"))
CLAIM = Target("adjudication", tuple(Adjudication.__table__.columns.keys()))  # type: ignore[attr-defined]  # SQLModel's
NOW = datetime(2026, 3, 10, 15, 0, 0, 123456, tzinfo=UTC)
AWKWARD = ["", "plain", "tab\there", "new\nline", "back\\slash", "\\N", "quote'\"", "ünïcode ✓", "cr\rend", "\\."]


def claim_row(number: int) -> tuple[int, int, int, int, bool, bool, int, int, int, str | None]:
    """One adjudication."""
    return (
        number * 7919 - 2**62,
        1,
        number,
        0,
        number % 2 == 0,
        False,
        number,
        -number,
        0,
        None if number % 3 else "1:A:1:0",
    )


def test_every_kind_of_value_arrives_as_it_was_given(database: Database) -> None:
    with database.write() as session:
        loader = loader_for(session)
        rows = [(n, 1, loader.instant(NOW), text, None, text, bytes([n, 0, 255])) for n, text in enumerate(AWKWARD, 1)]
        loader.put(EVENT, rows)
        loader.flush()
        loader.close()
    with database.read() as session:
        found = session.exec(select(Event).order_by(col(Event.item_id))).all()
    assert [row.kind for row in found] == AWKWARD
    assert [row.note for row in found] == [bytes([n, 0, 255]) for n in range(1, len(AWKWARD) + 1)]
    assert {(row.at, row.actor) for row in found} == {(NOW, None)}


@pytest.mark.parametrize("count", [1, 799, 800, 801, 5000])
def test_any_number_of_rows_arrives_once(database: Database, count: int) -> None:
    with database.write() as session:
        loader = loader_for(session)
        for start in range(0, count, 700):
            loader.put(CLAIM, [claim_row(n) for n in range(start, min(count, start + 700))])
        loader.flush()
        assert loader_rows(session) == count
        loader.close()
    with database.read() as session:
        stored = session.exec(select(Adjudication).order_by(col(Adjudication.ordinal))).all()
    names = CLAIM.columns
    assert [tuple(getattr(row, name) for name in names) for row in stored] == [claim_row(n) for n in range(count)]


def loader_rows(session: Session) -> int:
    """What is there within the transaction."""
    return len(session.exec(select(Adjudication.ordinal)).all())


def test_shared_columns_follow_each_rows_own(database: Database) -> None:
    own, alike = Target("batch", ("id", "sha256")), ("format", "history", "ingested_at")
    counts = ("claims", "denials", "new", "repeats", "duplicates", "paid_claims", "reversals", "rejected_rows")
    with database.write() as session:
        loader = loader_for(session)
        shared = Shared(("835", True, loader.instant(NOW), *[0] * 8, 0))
        target = Target("batch", (*own.columns, *alike, *counts, "denied_cents"))
        loader.put_shared(target, [((f"b{n}", f"s\t{n}"), shared) for n in range(3)])
        loader.flush()
        loader.close()
    with database.read() as session:
        found = session.exec(select(Batch).order_by(col(Batch.id))).all()
    assert [(row.id, row.sha256, row.format, row.history, row.ingested_at) for row in found] == [
        (f"b{n}", f"s\t{n}", "835", True, NOW) for n in range(3)
    ]


def test_days_and_instants_are_stored_as_the_orm_stores_them(database: Database) -> None:
    target = Target("lease", ("name", "holder", "until", "code_version"))
    with database.write() as session:
        loader = loader_for(session)
        loader.put(
            target, [("a", "x", loader.instant(NOW), ""), ("b", "x", loader.instant(NOW.replace(microsecond=0)), "")]
        )
        loader.flush()
        loader.close()
    with database.read() as session:
        assert session.exec(select(Lease.name).where(Lease.until == NOW)).all() == ["a"]
        assert session.exec(select(Lease.name).where(Lease.until < NOW)).all() == ["b"]
    with database.read() as session:
        loader = loader_for(session)
        assert loader.day(date(2026, 3, 9)) == "2026-03-09"
        assert (loader.day(None), loader.instant(None)) == (None, None)
        loader.close()


def fill(database: Database, portions: list[list[Row]], failure: Exception | None = None) -> None:
    """Put portions of adjudications, then fail or flush."""
    with database.write() as session:
        loader = loader_for(session)
        try:
            for rows in portions:
                loader.put(CLAIM, rows)
            if failure is not None:
                raise failure
            loader.flush()
        finally:
            loader.close()


def test_a_failure_is_raised_by_flush_and_nothing_is_kept(database: Database) -> None:
    with pytest.raises(OperationalError):
        fill(database, [[claim_row(1)], [claim_row(1)]])
    with database.read() as session:
        assert loader_rows(session) == 0


def test_closing_without_a_flush_stores_nothing_more(database: Database) -> None:
    with pytest.raises(KeyError):
        fill(database, [[claim_row(n) for n in range(2000)]], KeyError())
    with database.read() as session:
        assert loader_rows(session) == 0


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), max_size=5))
def test_any_text_arrives(database: Database, texts: list[str]) -> None:
    with database.write() as session:
        loader = loader_for(session)
        loader.put(EVENT, [(n, 1, loader.instant(NOW), text, None, "{}", None) for n, text in enumerate(texts)])
        loader.flush()
        loader.close()
        query = select(Event.kind).order_by(col(Event.item_id))
        assert list(session.exec(query)) == texts
        session.rollback()
