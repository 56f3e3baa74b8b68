"""Batches as files for the ingestion tests: written, taken in, and what is stored afterwards."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from services.desk import Desk
from services.ingest import ingest_file
from services.views import BatchSummary
from store import rollups
from store.tables import Event, Item
from tests import remits
from tests.remits import Claim

_numbers = itertools.count(1)
DAY = remits.DAY


def put(desk: Desk, folder: Path, text: str | bytes, suffix: str = "835", **more: Any) -> BatchSummary:
    """Write a file and take it in."""
    path = folder / f"batch{next(_numbers)}.{suffix}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return ingest_file(desk, path, **more)


def remit(desk: Desk, folder: Path, *claims: Claim, day: date = DAY, **more: Any) -> BatchSummary:
    """Take in a remittance of its own with these claims."""
    text = remits.remit(claims, date=day, trace=f"T{day:%Y%m%d}{next(_numbers)}", **more)
    summary = put(desk, folder, text)
    assert summary.status == "ingested", summary.errors
    return summary


def rows(desk: Desk, rows: list[dict[str, str]], folder: Path, **more: Any) -> BatchSummary:
    """Take in a CSV."""
    return put(desk, folder, remits.csv_text(rows), "csv", **more)


def items(desk: Desk) -> list[Item]:
    """Every item, in the order of making."""
    with desk.db.read() as session:
        return list(session.exec(select(Item).order_by(col(Item.id))))


def item(desk: Desk) -> Item:
    """The only item."""
    (found,) = items(desk)
    return found


def events(desk: Desk, item_id: int | None) -> list[str]:
    """The kinds of an item's events, oldest first."""
    with desk.db.read() as session:
        query = select(Event.kind).where(Event.item_id == item_id).order_by(col(Event.id))
        return list(session.exec(query))


def counted(desk: Desk, day: date = DAY) -> tuple[int, int, int, int]:
    """New, cents, repeats and rejections of one day."""
    with desk.db.read() as session:
        return rollups.denials_between(session, "all", day, day).get("", (0, 0, 0, 0))


def adjudicated(desk: Desk, first: date = DAY, last: date | None = None) -> tuple[int, int, int, int, int]:
    """Adjudicated, denied and fully denied claims, charged and denied cents."""
    with desk.db.read() as session:
        return rollups.claims_between(session, first, last or first)


def everything(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    from sqlalchemy import func
    from sqlmodel import SQLModel

    return {
        table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in SQLModel.metadata.sorted_tables
    }
