"""How long App Home takes: `python -m benchmarks.home`, for a member, the lead and the manager of all teams.

Only the service is measured, with the denials that are resolved already beside those that are open. `first` is the
call that also looks at past outcomes, as happens every five minutes; the other figures are medians.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session

from benchmarks.databases import databases
from benchmarks.measure import ROOT, load, machine, table
from denials.rules.load import load_rules
from denials.rules.model import Category, RuleSet
from services.desk import Desk
from services.home import home
from services.keys import provide_vault
from services.people import Actor
from services.vault import parse_data_key
from store import guidance
from store.database import Database
from store.guidance import Words, apart_key, guidance_id
from store.tables import Batch, Item

PEOPLE = (("member", "U0FRONT1"), ("lead", "U0LEAD"), ("manager", "U0MANAGER"))
RESOLVED_SHARE = 2  # for each open item
_ROWS_AT_ONCE = 1_000
_STATES = ("open",) * 70 + ("claimed",) * 15 + ("snoozed",) * 5 + ("waiting",) * 10
_OUTCOMES = ("Overturned and paid", "Billed to patient", "Written off", "Not a denial")
_CODES = ("CO-197", "CO-16", "PR-27", "CO-50", "CO-97", "OA-18", "CO-29", "PI-204")
_PAYERS = ("Aetna", "UnitedHealthcare", "Blue Cross Blue Shield", "Medicare", "Medicaid", "Cigna", "Humana")


@dataclass(frozen=True)
class _Rules:
    rules: RuleSet

    def current(self) -> RuleSet:
        return self.rules


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure App Home with few and with many open items.")
    parser.add_argument("--items", type=int, nargs="+", default=[100, 10_000], help="open items (default: 100 10000)")
    parser.add_argument("--rounds", type=int, default=15, help="calls of which the medians are shown (default: 15)")
    parser.add_argument("--sqlite", action="store_true", help="leave PostgreSQL out")
    given = parser.parse_args()
    print(machine())
    rows: list[list[str]] = []
    with (
        tempfile.TemporaryDirectory(prefix="denials-bench-") as name,
        databases(Path(name), postgresql=not given.sqlite) as places,
    ):
        for kind in ("sqlite",) if given.sqlite else ("sqlite", "postgresql"):
            for count in given.items:
                with places.fresh(kind) as environment:
                    rows += _measured(environment, kind, count, given.rounds)
    print(table(("database", "open items", "who", "first ms", "ms", "CPU ms", "worst ms", "shown"), rows))
    print(f"Load at the end: {load()}")


def _measured(environment: dict[str, str], kind: str, count: int, rounds: int) -> Iterator[list[str]]:
    db = Database(environment["DENIALS_DATABASE_URL"])
    try:
        desk = benchmark_desk(db, environment["DENIALS_DATA_KEY"])
        _fill(desk, count)
        for title, user in PEOPLE:
            desk.chances.forget()
            first, _ = _once(desk, user)
            spent = [_once(desk, user) for _ in range(rounds)]
            shown = home(desk, Actor(user))
            yield [
                kind,
                f"{count:,}",
                title,
                f"{first:.0f}",
                f"{median(ms for ms, _ in spent):.0f}",
                f"{median(cpu for _, cpu in spent):.0f}",
                f"{max(ms for ms, _ in spent):.0f}",
                f"{shown.in_work_count} in work, {shown.unclaimed_count:,} unclaimed, {len(shown.teams)} teams",
            ]
    finally:
        db.dispose()


def benchmark_desk(db: Database, key: str) -> Desk:
    """The shipped rules on an empty database; `key` is the data key as the environment has it."""
    rules = load_rules((ROOT / "rules.yaml").read_text(encoding="utf-8"))
    return Desk(db, _Rules(rules), provide_vault(db, parse_data_key(key)), _Now())


def _once(desk: Desk, user: str) -> tuple[float, float]:
    cpu, start = time.process_time(), time.perf_counter()
    home(desk, Actor(user))
    return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000


def _fill(desk: Desk, count: int) -> None:
    """Open items of all teams, and twice as many that were resolved in the last year."""
    draw = random.Random(835)
    total = count * (1 + RESOLVED_SHARE)
    with desk.db.write() as session:
        session.add(Batch(id="b1", sha256="0" * 64, format="835", ingested_at=desk.now()))
        session.flush()
        add_words(session, desk)
        for start in range(0, total, _ROWS_AT_ONCE):
            numbers = range(start, min(start + _ROWS_AT_ONCE, total))
            session.execute(insert(Item), [row(desk, draw, number, resolved=number >= count) for number in numbers])
    with desk.db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def words(category: Category, code: str) -> Words:
    """What the card of an item of that category and code says."""
    return Words(category.next_step, f"carc:{code.partition('-')[2]}", "CARC belongs to the category", "assumed")


def add_words(session: Session, desk: Desk) -> None:
    """Store what the cards of all rows say."""
    guidance.add(session, [words(category, code) for category in desk.rules.categories.values() for code in _CODES])


def row(desk: Desk, draw: random.Random, number: int, *, resolved: bool) -> dict[str, Any]:
    """One item's columns, drawn at random; what is resolved was opened within the last 300 days."""
    rules, now = desk.rules, desk.now()
    category = draw.choice([one for one in rules.categories.values() if one.owner])
    owner = rules.owners[category.owner or ""]
    state = "resolved" if resolved else draw.choice(_STATES)
    opened = now - timedelta(days=draw.uniform(0, 300 if resolved else 60))
    outcome = {"resolved": draw.choice(_OUTCOMES), "waiting": "Appeal sent"}.get(state)
    code = draw.choice(_CODES)
    return {
        "ref": f"DN-{number:08d}",
        "number_key": number,
        "apart_key": apart_key("p", "", category.name, "denial"),
        "guidance_id": guidance_id(words(category, code)),
        "batch_id": "b1",
        "state": state,
        "assignee": None if state == "open" else draw.choice(owner.members or ("U0FRONT1",)),
        "outcome": outcome,
        "follow_up": (now + timedelta(days=9)).date() if state in ("snoozed", "waiting") else None,
        "category": category.name,
        "first_category": category.name,
        "owner": owner.name,
        "handoff": category.handoff,
        "preventable": str(category.preventable),
        "escalation": category.escalation,
        "payer_key": "p",
        "payer_label": draw.choice(_PAYERS),
        "codes": code,
        "first_code": code,
        "amount_cents": draw.randint(20_00, 2_000_00),
        "billed_cents": 2_500_00,
        "remit_date": opened.date(),
        "first_remit_date": opened.date(),
        "due": (opened + timedelta(days=draw.choice((60, 90, 120, 180)))).date(),
        "sealed": b"x" * 120,
        "ingested_at": opened,
        "opened_at": opened,
        "claimed_at": None if state == "open" else opened + timedelta(hours=20),
        "last_activity_at": opened + timedelta(hours=30),
        "resolved_at": opened + timedelta(days=9) if resolved else None,
    }


if __name__ == "__main__":
    main()
