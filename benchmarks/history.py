"""Whether numbers cost what the period costs, not the past: `python -m benchmarks.history`.

The last sixty days and the open work are the same each time; only the resolved denials before them grow. Asked are
`/denials stats 30d` and App Home of a manager, as services (no Slack), beside a plain `GROUP BY` over the items that
answers a part of the same question. `first` is App Home when past outcomes are looked at too, every five minutes.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session, SQLModel

from benchmarks.databases import databases
from benchmarks.home import add_words, benchmark_desk, row
from benchmarks.measure import load, machine, table
from services.desk import Desk
from services.home import home
from services.people import Actor
from services.stats import stats
from store.database import Database
from store.rollups import DIMENSIONS
from store.tables import Batch, Item

RECENT = 6_000  # denials of the last sixty days, of which this many are open:
OPEN = 2_000
RECENT_DAYS = 60
PAST_DAYS = 5 * 365
CLAIMS_PER_DENIAL = 8
STOCK = 10_000
_ROWS_AT_ONCE = 1_000
_MANAGER = Actor("U0MANAGER")
_COLUMN = {
    "category": "category",
    "payer": "payer_label",
    "owner": "owner",
    "handoff": "handoff",
    "code": "first_code",
    "practice": "practice_label",
    "location": "location_label",
}
_PLAIN = """
    SELECT category, SUM(CASE WHEN first_remit_date >= :first THEN 1 ELSE 0 END),
           SUM(CASE WHEN first_remit_date >= :before AND first_remit_date < :first THEN 1 ELSE 0 END),
           SUM(CASE WHEN first_remit_date >= :first THEN first_cents ELSE 0 END),
           SUM(CASE WHEN state <> 'resolved' THEN 1 ELSE 0 END)
    FROM item WHERE kind = 'denial' GROUP BY category
"""


def main() -> None:
    """Measure and print, with the ratio of the longest past to the shortest."""
    parser = argparse.ArgumentParser(description="Measure the numbers with a short and a long past.")
    parser.add_argument(
        "--past", type=int, nargs="+", default=[10_000, 1_000_000], help="denials before (default: 10000 1000000)"
    )
    parser.add_argument("--rounds", type=int, default=25, help="calls of which the medians are shown (default: 25)")
    parser.add_argument("--sqlite", action="store_true", help="leave PostgreSQL out")
    given = parser.parse_args()
    print(machine())
    rows: list[list[str]] = []
    with (
        tempfile.TemporaryDirectory(prefix="denials-bench-") as name,
        databases(Path(name), postgresql=not given.sqlite) as places,
    ):
        for kind in ("sqlite",) if given.sqlite else ("sqlite", "postgresql"):
            found: list[dict[str, float]] = []
            for past in given.past:
                with places.fresh(kind) as environment:
                    found.append(_measured(environment, past, given.rounds))
                rows.append([kind, f"{past:,}", *(f"{ms:.1f}" for ms in found[-1].values())])
            ratios = (found[-1][what] / found[0][what] for what in found[0])
            rows.append([kind, "ratio", *(f"{ratio:.2f}" for ratio in ratios)])
    print(table(("database", "denials before", "stats 30d ms", "App Home ms", "first ms", "GROUP BY ms"), rows))
    print(f"Load at the end: {load()}")


def _measured(environment: dict[str, str], past: int, rounds: int) -> dict[str, float]:
    db = Database(environment["DENIALS_DATABASE_URL"])
    try:
        desk = benchmark_desk(db, environment["DENIALS_DATA_KEY"])
        fill(desk, past)
        today = desk.today()
        asked = {"first": today - timedelta(days=29), "before": today - timedelta(days=59)}

        def plainly() -> object:
            with db.read() as session:
                return session.execute(text(_PLAIN), asked).all()

        def learning() -> object:
            desk.chances.forget()
            return home(desk, _MANAGER)

        return {
            "stats": _median_ms(rounds, lambda: stats(desk, 30)),
            "home": _median_ms(rounds, lambda: home(desk, _MANAGER)),
            "first": _median_ms(max(3, rounds // 5), learning),
            "plain": _median_ms(max(3, rounds // 5), plainly),
        }
    finally:
        db.dispose()


def _median_ms(rounds: int, call: Callable[[], object]) -> float:
    call()
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        spent.append((time.perf_counter() - start) * 1000)
    return median(spent)


def fill(desk: Desk, past: int) -> None:
    """The same sixty days, and `past` resolved denials over the five years before; events and daily counts included.

    Above `STOCK` the past is a stock of that many denials, copied by the database until there are enough.
    """
    draw = random.Random(835)
    with desk.db.write() as session:
        session.add(Batch(id="b1", sha256="0" * 64, format="835", ingested_at=desk.now()))
        session.flush()
        add_words(session, desk)
        rows = list(_rows(desk, draw, min(past, STOCK)))
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            session.execute(insert(Item), rows[start : start + _ROWS_AT_ONCE])
        for copy in range(1, past // STOCK):
            _copy(session, copy)
        session.execute(
            text(
                "INSERT INTO event (item_id, version, at, kind, actor, data)"
                " SELECT id, 2, resolved_at, 'resolved', 'U0FRONT1', '{}' FROM item WHERE resolved_at IS NOT NULL"
            )
        )
        _count(session)
    with desk.db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _rows(desk: Desk, draw: random.Random, past: int) -> Iterator[dict[str, Any]]:
    """Work of the last sixty days first, so that it is the same however long the past is."""
    today = desk.today()
    for number in range(RECENT):
        yield _dated(row(desk, draw, number, resolved=number >= OPEN), today - timedelta(days=number % RECENT_DAYS), 1)
    for number in range(past):
        days = RECENT_DAYS + 30 + number % PAST_DAYS
        yield _dated(row(desk, draw, RECENT + number, resolved=True), today - timedelta(days=days), 20)


def _copy(session: Session, copy: int) -> None:
    """The stock once more, as other claims under other references."""
    made = {"ref": f"'C{copy}-' || ref", "number_key": f"number_key + {copy * STOCK}"}
    names = [column.name for column in SQLModel.metadata.tables["item"].columns if column.name != "id"]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(made.get(name, f'"{name}"') for name in names)
    session.execute(
        text(
            f"INSERT INTO item ({columns}) SELECT {values} FROM item WHERE number_key >= :first AND number_key < :end"
        ),
        {"first": RECENT, "end": RECENT + STOCK},
    )


def _dated(one: dict[str, Any], day: date, resolved_after: int) -> dict[str, Any]:
    """The item as of that day, and resolved so many days later."""
    shift = timedelta(days=(day - one["remit_date"]).days)
    one |= {name: one[name] + shift for name in ("ingested_at", "opened_at", "last_activity_at", "due")}
    one |= {"remit_date": day, "first_remit_date": day, "first_cents": one["amount_cents"]}
    if one["claimed_at"] is not None:
        one["claimed_at"] += shift
    if one["resolved_at"] is not None:
        one["resolved_at"] = one["opened_at"] + timedelta(days=resolved_after)
        one["recovered_cents"] = one["amount_cents"] if one["outcome"] == "Overturned and paid" else None
    return one


def _count(session: Session) -> None:
    """The daily counts, worked out by the database from the items just written."""
    for dimension in ("all", *DIMENSIONS):
        name = f"COALESCE({_COLUMN[dimension]}, '')" if dimension in _COLUMN else "''"
        session.execute(
            text(
                'INSERT INTO daily (dimension, day, name, "new", cents, repeats, rejections)'
                f" SELECT '{dimension}', first_remit_date, {name}, COUNT(*), SUM(first_cents), 0, 0"
                " FROM item GROUP BY 2, 3"
            )
        )
    session.execute(
        text(
            "INSERT INTO daily_claims (day, adjudicated, denied, fully_denied, charge_cents, denied_cents)"
            f" SELECT first_remit_date, {CLAIMS_PER_DENIAL} * COUNT(*), COUNT(*), 0,"
            f" {CLAIMS_PER_DENIAL} * SUM(billed_cents), SUM(first_cents) FROM item GROUP BY first_remit_date"
        )
    )


if __name__ == "__main__":
    main()
