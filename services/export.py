"""Work items as CSV for a spreadsheet on the practice's own host."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from typing import TextIO

from denials.commands import State
from services.cells import cell
from services.desk import Desk
from services.money import dollars
from store import export
from store.tables import Item, LookupLog

COLUMNS = (
    "reference",
    "kind",
    "state",
    "owner",
    "assignee",
    "category",
    "handoff",
    "preventable",
    "codes",
    "rarcs",
    "payer",
    "practice",
    "location",
    "amount",
    "recovered",
    "written_off",
    "remit_date",
    "appeal_due",
    "ingested_at",
    "claimed_at",
    "resolved_at",
    "follow_up",
    "outcome",
    "repeats",
)
CLAIM_NUMBER = "claim_number"
PAST = "history"
"""The state of what was taken in as a practice's past and is no open work."""


def write_csv(desk: Desk, file: TextIO, days: int, *, claim_numbers_for: str | None = None) -> int:
    """Write the items remitted in the last `days` days; how many there were.

    With `claim_numbers_for`, the person who asks, a last column holds claim numbers, and the look-up is logged.
    """
    writer = csv.writer(file)
    writer.writerow([*COLUMNS, CLAIM_NUMBER] if claim_numbers_for else COLUMNS)
    count = 0
    with desk.db.read() as session:
        for item in export.items_since(session, desk.today() - timedelta(days=days)):
            row = _row(item, desk)
            if claim_numbers_for:
                row.append(cell(desk.vault.open(item.sealed, item.seal_context)["n"]))
            writer.writerow(row)
            count += 1
    if claim_numbers_for:
        with desk.db.write() as session:
            session.add(LookupLog(at=desk.now(), who=claim_numbers_for, direction="export", ref=None, found=count > 0))
    return count


def _row(item: Item, desk: Desk) -> list[str]:
    owner = desk.rules.owners.get(item.owner) if item.owner else None
    texts = (
        item.ref,
        item.kind,
        PAST if item.history and item.state == State.OPEN else item.state,
        owner.name if owner else item.owner,
        item.assignee,
        item.category,
        item.handoff,
        item.preventable,
        item.codes.replace(",", " "),
        item.rarcs.replace(",", " "),
        item.payer_label,
        item.practice_label,
        item.location_label,
    )
    return [
        *(cell(text) for text in texts),
        f"{dollars(item.amount_cents):.2f}",
        _money(item.recovered_cents),
        _money(item.written_off_cents),
        item.remit_date.isoformat(),
        item.due.isoformat() if item.due else "",
        _time(item.ingested_at),
        _time(item.first_claimed_at),
        _time(item.resolved_at),
        item.follow_up.isoformat() if item.follow_up else "",
        cell(item.outcome),
        str(item.repeats),
    ]


def _money(cents: int | None) -> str:
    return "" if cents is None else f"{dollars(cents):.2f}"


def _time(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
