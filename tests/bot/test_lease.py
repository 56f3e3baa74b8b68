"""Who may send: one at a time, and the next one soon after a death."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.lease import LOOK_S, Lease
from services import leases
from services.desk import Desk
from store import tables
from tests.bot.rig import eventually

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


def test_what_a_dead_process_held_while_it_worked_is_free_within_ten_seconds(desk: Desk) -> None:
    with leases.held(desk, "inbox:abc", "dead") as ours, desk.db.read() as session:
        assert ours
        until = session.exec(select(tables.Lease.until).where(tables.Lease.name == "inbox:abc")).one()
        assert until - desk.db.real_now(session) < TEN_SECONDS


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_takes_longer_than_the_lease_is_held_all_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_HELD_S", 1.0)
    monkeypatch.setattr(leases, "_RENEWED_S", 0.1)
    with leases.held(desk, "inbox:abc", "ours") as ours:
        assert ours
        first = _until(desk)
        eventually(lambda: _until(desk) > first + timedelta(seconds=2), "renewed for longer than it is")
        with leases.held(desk, "inbox:abc", "theirs") as theirs:
            assert not theirs
    with leases.held(desk, "inbox:abc", "theirs") as theirs:
        assert theirs, "given back at the end"


def _until(desk: Desk) -> datetime:
    with desk.db.read() as session:
        return session.exec(select(tables.Lease.until).where(tables.Lease.name == "inbox:abc")).one()
