"""Of several processes exactly one may act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from store import jobs
from store.database import Database

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)


def test_a_slot_is_taken_once(database: Database) -> None:
    with database.write() as session:
        assert not jobs.slot_taken(session, "report", "2026-03-10")
        assert jobs.take_slot(session, "report", "2026-03-10", NOW)
    with database.write() as session:
        assert jobs.slot_taken(session, "report", "2026-03-10")
        assert not jobs.take_slot(session, "report", "2026-03-10", NOW)
        assert jobs.take_slot(session, "report", "2026-03-11", NOW)


def test_an_event_is_new_once(database: Database) -> None:
    with database.write() as session:
        assert jobs.remember_event(session, "Ev1", NOW)
        assert not jobs.remember_event(session, "Ev1", NOW)
        assert jobs.remember_event(session, "Ev1", NOW + jobs.EVENTS_KEPT + timedelta(seconds=1)), "forgotten since"


def test_a_lease_has_one_holder_until_it_runs_out(database: Database) -> None:
    def take(holder: str, now: datetime) -> bool:
        with database.write() as session:
            return jobs.take_lease(session, "sender", holder, now, now + timedelta(seconds=10), "1")

    assert take("one", NOW)
    assert not take("two", NOW)
    assert take("one", NOW + timedelta(seconds=5))
    assert not take("two", NOW + timedelta(seconds=14))
    assert take("two", NOW + timedelta(seconds=16))
