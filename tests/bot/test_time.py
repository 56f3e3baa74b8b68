"""Clocks that are wrong or set meanwhile: leases and the outbox go on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock_watch import ClockWatch
from bot.lease import Lease
from services import delivery, leases
from services.desk import Desk
from store.database import Database
from tests.bot.rig import OPS, Rig, eventually, fast_sandbox, idle, say, texts

HOUR = timedelta(hours=1)


@pytest.fixture(params=[-HOUR, HOUR], ids=["an hour behind", "an hour ahead"])
def skewed(desk: Desk, database_url: str, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """The same database as another replica sees it, whose clock is wrong."""
    database = Database(database_url, host_clock=lambda: datetime.now(UTC) + request.param)
    yield replace(desk, db=database)
    database.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_replica_whose_clock_is_wrong_neither_takes_nor_loses_the_lease(desk: Desk, skewed: Desk) -> None:
    assert Lease(desk, "right").ensure()
    assert not Lease(skewed, "wrong").ensure(), "it has not run out, whatever this clock says"
    leases.release(desk, "sender", "right")
    assert Lease(skewed, "wrong").ensure()
    assert not Lease(desk, "right").ensure()
    assert leases.holder_of(desk, "sender") == leases.holder_of(skewed, "sender") == "wrong"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_replica_whose_clock_is_wrong_sends_as_well_as_any(skewed: Desk) -> None:
    with fast_sandbox() as sandbox, Rig(skewed, sandbox):
        say(skewed, OPS, "on time")
        eventually(lambda: idle(skewed), "posted")
        assert texts(sandbox, OPS) == ["on time"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_one_replica_puts_off_another_with_a_wrong_clock_takes_in_time(desk: Desk, skewed: Desk) -> None:
    say(desk, OPS, "later")
    (send,) = delivery.take(desk, "right")
    delivery.retry(desk, send, 30, "rate limited")
    assert delivery.take(skewed, "wrong") == []
    delivery.forget_waits(skewed)
    assert len(delivery.take(skewed, "wrong")) == 1


def test_a_clock_that_is_set_is_noticed_once_and_one_that_runs_is_not() -> None:
    wall, steady = 1000.0, 50.0
    watch = ClockWatch(lambda: wall, lambda: steady)
    wall, steady = 1600.0, 650.0
    assert watch.jumped() == 0, "ten minutes have passed on both"
    wall -= 3600
    assert watch.jumped() == -3600
    assert watch.jumped() == 0
    wall += 86_400
    assert watch.jumped() == 86_400
    for _ in range(3):
        wall += 1  # kept in step by a time service
        assert watch.jumped() == 0


def test_after_the_clock_was_set_back_nothing_waits_for_hours(desk: Desk) -> None:
    with fast_sandbox() as sandbox:
        rig = Rig(desk, sandbox)
        wall = [0.0]
        rig.sender.watch_clock(ClockWatch(lambda: wall[0], lambda: 0.0))
        say(desk, OPS, "not in an hour")
        (send,) = delivery.take(desk, "test")
        delivery.retry(desk, send, 3600, "what the old clock made of a short wait")
        with rig:
            eventually(lambda: rig.workspace.works, "Slack knows us")
            assert texts(sandbox, OPS) == []
            wall[0] -= 3600
            eventually(lambda: texts(sandbox, OPS) == ["not in an hour"], "posted")


def test_leases_and_paces_do_not_look_at_the_clock_that_people_set(desk: Desk) -> None:
    moment = 0.0
    lease = Lease(desk, "ours", now=lambda: moment)
    assert lease.ensure()
    moment = 5.0
    assert lease.holds(), "whatever the time of day is by now"


def test_many_replicas_tell_of_one_broken_rules_file_once(desk: Desk) -> None:
    told = [delivery.tell_ops_once(desk, "rules abc", "The changed rules file is not valid.") for _ in range(3)]
    assert told == [True, False, False]
    assert delivery.tell_ops_once(desk, "rules def", "The changed rules file is not valid."), "broken anew"
    assert delivery.depth(desk) == {"pending": 2}
