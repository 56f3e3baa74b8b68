"""Who may send: one at a time, and the next one soon after a death."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import select

from bot.lease import LOOK_S, Lease
from services.desk import Desk
from store import tables

TEN_SECONDS = timedelta(seconds=10)


def test_another_process_looks_within_ten_seconds_of_a_death(desk: Desk) -> None:
    assert Lease(desk, "dead").ensure()
    died = datetime.now(UTC)

    with desk.db.read() as session:
        free_at = session.exec(select(tables.Lease.until)).one()

    assert free_at - died + timedelta(seconds=LOOK_S) < TEN_SECONDS


def test_nobody_believes_in_a_lease_that_others_may_take(desk: Desk) -> None:
    moment = 0.0
    lease = Lease(desk, "ours", now=lambda: moment)
    asked = datetime.now(UTC)
    assert lease.ensure()
    with desk.db.read() as session:
        free_at = session.exec(select(tables.Lease.until)).one()

    moment = (free_at - asked).total_seconds() - 0.5

    assert not lease.holds()


def test_a_lease_is_renewed_by_its_holder_and_refused_to_another(desk: Desk) -> None:
    moment = 0.0
    ours, theirs = Lease(desk, "ours", now=lambda: moment), Lease(desk, "theirs")
    assert ours.ensure()
    assert not theirs.ensure()

    moment = 5.0
    assert ours.ensure()
    moment = 10.0
    assert ours.holds(), "counted from the renewal"
