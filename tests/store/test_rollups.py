"""Daily counts are added to, never replaced, and read by period."""

from __future__ import annotations

from datetime import date, timedelta

from store import rollups
from store.database import Database
from store.rollups import Tally

DAY = date(2026, 3, 2)
NAMES = {"category": "coding", "payer": "Aetna"}


def write(database: Database, tally: Tally) -> None:
    """Write a tally in a transaction of its own."""
    with database.write() as session:
        tally.write(session)


def test_tallies_add_up_under_each_name_and_the_whole(database: Database) -> None:
    for _ in range(2):
        tally = Tally()
        tally.denial(NAMES, DAY, new=1, cents=500)
        tally.denial(NAMES, DAY + timedelta(days=1), repeats=1)
        tally.rejection(DAY, 3)
        write(database, tally)
    with database.read() as session:
        assert rollups.denials_between(session, "all", DAY, DAY) == {"": (2, 1000, 0, 6)}
        assert rollups.denials_between(session, "category", DAY, DAY + timedelta(days=1)) == {"coding": (2, 1000, 2, 0)}
        assert rollups.denials_between(session, "payer", DAY, DAY) == {"Aetna": (2, 1000, 0, 0)}
        assert rollups.denials_between(session, "owner", DAY, DAY) == {}
        assert rollups.denials_by_day(session, DAY, DAY) == {DAY: (2, 1000)}


def test_what_is_counted_can_be_taken_back(database: Database) -> None:
    for sign in (1, 1, -1):
        tally = Tally()
        tally.claim(DAY, sign, denied=True, fully=False, charge=300, denied_cents=100)
        write(database, tally)
    with database.read() as session:
        assert rollups.claims_between(session, DAY, DAY) == (1, 1, 0, 300, 100)
        assert rollups.claims_between(session, DAY + timedelta(days=1), DAY + timedelta(days=9)) == (0, 0, 0, 0, 0)


def test_a_tally_that_cancels_out_writes_nothing(database: Database) -> None:
    tally = Tally()
    tally.denial(NAMES, DAY, new=1, cents=5)
    tally.denial(NAMES, DAY, new=-1, cents=-5)
    write(database, tally)
    with database.read() as session:
        assert rollups.denials_between(session, "all", DAY, DAY) == {}
