"""What is remembered and written together while a file goes in: nothing that is stored may depend on how much it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from denials.rules.model import RuleSet
from services import ingest, ingest_adjudications, ingest_drafts, ingest_items, ingest_known, ingest_remits
from services.desk import Desk
from services.keys import provide_vault
from services.views import BatchSummary
from store import rollups
from store.database import Database
from store.tables import Adjudication, DenialRow, Item, Remit
from tests.conftest import DATA_KEY, FixedClock, FixedRules
from tests.remits import DAY, Claim, claim, csv_text, interchange, line, paid_claim, remit, reversal, transaction
from tests.services.files import put

PARTS = (ingest, ingest_adjudications, ingest_drafts, ingest_items, ingest_known, ingest_remits)
LIMITS = ("PORTION", "_PORTION", "_MOST_KEPT", "_WRITE_AT", "_WRITE_ROWS_AT")
CARCS = ("197", "16", "29", "50", "96")


def denied(number: int) -> Claim:
    """A claim with one or two lines that refuse money: five codes, some with a remark that takes the appeal away."""
    first = line(100, cas=[("CO", CARCS[number % 5], 100)], remarks=["MA130"] if number % 4 == 0 else [])
    second = line(80, cas=[("CO", "45", 10), ("CO", CARCS[number % 3], 30), ("CO", CARCS[number % 3], 30)])
    lines = [first, second] if number % 3 else [first]
    return claim(f"C{number}", sum(one.charge for one in lines), lines=lines, filing=("12", "MB")[number % 2])


def export(numbers: range) -> str:
    """Rows of which many are alike, of one claim and day and of others, near together and far apart."""
    rows = [
        {
            "claim_id": f"C{number % 11}",
            "payer": ("AETNA", "Unlisted Payer")[number % 2],
            "group": "CO",
            "carc": CARCS[number % 3],
            "amount": ("100.00", "40.00")[number % 5 == 0],
            "remit_date": f"2026-02-{20 + number % 2}",
            "location": ("", "Main", "Eastside", "West")[number % 11 % 4],
        }
        for number in numbers
    ]
    return csv_text([*rows, *rows[:7], *rows[::3]])


FILES: list[tuple[str, str]] = [
    ("csv", export(range(30))),
    (
        "835",
        interchange(
            [
                transaction(
                    [denied(number) for number in range(day, 24, 2)], date=DAY.replace(day=3 + day), trace=f"T{day}"
                )
                for day in (0, 1)
            ]
        ),
    ),
    (
        "835",
        remit([*[denied(number) for number in range(6, 15)], *[paid_claim(f"C{n}") for n in range(4)]], trace="T2"),
    ),
    ("835", remit([reversal(denied(number)) for number in range(3, 8)], trace="T3", date=DAY.replace(day=9))),
    ("csv", export(range(10, 50))),
]


def small_limits(patch: pytest.MonkeyPatch) -> None:
    """Remember and gather next to nothing."""
    for part in PARTS:
        for name in LIMITS:
            if hasattr(part, name):
                patch.setattr(part, name, 3)


@contextmanager
def fresh(path: Path, template: Path, rules: RuleSet) -> Iterator[Desk]:
    """A desk on an empty database of its own."""
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}")
    yield Desk(db=database, rules_source=FixedRules(rules), vault=provide_vault(database, DATA_KEY), clock=FixedClock())
    database.dispose()


def stored(desk: Desk) -> dict[str, list[str]]:
    """What the database holds, without drawn or hashed keys, and versions: an item may grow while its file goes in."""
    with desk.db.read() as session:
        items = {item.id: item for item in session.exec(select(Item))}
        remits = {one.id: f"{one.payer_label} {one.remit_date}" for one in session.exec(select(Remit))}
        names = {item.number_key: desk.vault.open(item.sealed, item.ref.encode())["n"] for item in items.values()}
        rows: dict[str, list[Any]] = {
            "items": [
                (
                    names[one.number_key],
                    one.kind,
                    one.category,
                    one.codes,
                    one.rarcs,
                    one.first_code,
                    one.amount_cents,
                    one.billed_cents,
                    one.payer_label,
                    one.practice,
                    one.location_label,
                    str(one.due),
                    one.state,
                    one.repeats,
                    one.payment,
                    remits[one.remit_id],
                    one.filing_indicator,
                    tuple(one.words),
                    tuple(sorted(desk.vault.open(one.sealed, one.ref.encode()).items())),
                )
                for one in items.values()
            ],
            "denied amounts": [
                (
                    names[row.claim_key],
                    remits[row.remit_id],
                    row.line,
                    row.grp,
                    row.carc,
                    row.amount_cents,
                    row.nth,
                    items[row.item_id].category,
                    items[row.item_id].number_key == row.claim_key,
                    row.rarcs,
                    row.hint,
                )
                for row in session.exec(select(DenialRow))
            ],
            "adjudications": [
                (names.get(row.claim_key), remits[row.remit_id], row.ordinal, row.standing, row.denied_cents, row.lines)
                for row in session.exec(select(Adjudication).order_by(col(Adjudication.ordinal)))
            ],
            "counted": [
                *rollups.denials_between(session, "category", DAY.replace(month=1), DAY.replace(month=4)).items(),
                *rollups.denials_between(session, "location", DAY.replace(month=1), DAY.replace(month=4)).items(),
                rollups.claims_between(session, DAY.replace(month=1), DAY.replace(month=4)),
            ],
        }
    return {name: sorted(map(repr, values)) for name, values in rows.items()}


def told(summary: BatchSummary) -> tuple[object, ...]:
    """What is said of a file."""
    counts = (summary.claims, summary.denials, summary.new, summary.repeats, summary.duplicates, summary.paid_claims)
    return (summary.status, *counts, summary.reversals, summary.denied_amount, summary.by_category)


def test_what_is_stored_does_not_depend_on_how_much_is_remembered_and_written_together(
    sqlite_template: Path, rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh(tmp_path / "one.db", sqlite_template, rules) as one:
        summaries = [told(put(one, tmp_path, text, suffix)) for suffix, text in FILES]
        expected = stored(one)
    small_limits(monkeypatch)
    with fresh(tmp_path / "other.db", sqlite_template, rules) as other:
        assert [told(put(other, tmp_path, text, suffix)) for suffix, text in FILES] == summaries
        found = stored(other)
    for name, rows in expected.items():
        assert found[name] == rows, name
    assert all(len(rows) > 3 for rows in expected.values())
