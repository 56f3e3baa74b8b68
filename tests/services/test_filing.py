"""Filing limits stay sealed, and still count as overdue and hurry people on where there is no appeal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.delivery import content, posted, take
from services.desk import Desk
from services.filing import ANCHOR, look, week_of
from services.stats import stats
from services.views import Ping
from services.work import find, overdue
from store import items
from tests.conftest import FixedClock
from tests.services.stock import add_items, get, item_id


def _with_limit(desk: Desk, limit: date, **values: Any) -> str:
    [ref] = add_items(desk, 1, **values)
    with desk.db.write() as session:
        item = items.by_ref(session, ref)
        assert item is not None
        item.sealed = desk.vault.seal({"n": "C1", "f": limit.isoformat()}, item.seal_context)
        session.add(item)
    return ref


def _rejection(desk: Desk, limit: date) -> str:
    return _with_limit(desk, limit, kind="rejection", codes="A7:562", due=None, due_confidence="")


def _pings(desk: Desk) -> list[tuple[str, str]]:
    """(channel, reason) of what is told."""
    told = []
    while sends := take(desk, "w", limit=20):
        for send in sends:
            shown = content(desk, send)
            if isinstance(shown, Ping):
                told.append((send.channel, shown.reason))
            posted(desk, send, send.channel, send.message_id)
    return told


def test_work_is_overdue_from_the_day_after_its_filing_limit(desk: Desk, clock: FixedClock) -> None:
    ref = _with_limit(desk, desk.today())
    look(desk)
    assert overdue(desk) == ()
    clock.forward(days=1)

    look(desk)

    assert [one.ref for one in overdue(desk)] == [ref]
    assert stats(desk).backlog.overdue == 1
    shown = find(desk, ref)
    assert shown is not None
    assert shown.filing_passed


def test_what_comes_in_during_the_day_is_looked_at_soon(desk: Desk) -> None:
    look(desk)
    late = _with_limit(desk, desk.today() - timedelta(days=1))

    look(desk)

    assert [one.ref for one in overdue(desk)] == [late]


def test_a_limit_that_was_moved_is_seen_the_next_day(desk: Desk, clock: FixedClock) -> None:
    ref = _with_limit(desk, desk.today() - timedelta(days=1))
    look(desk)
    assert len(overdue(desk)) == 1
    with desk.db.write() as session:
        item = items.by_ref(session, ref)
        assert item is not None
        item.sealed = desk.vault.seal({"n": "C1", "f": "2030-01-01"}, item.seal_context)
        session.add(item)
    clock.forward(days=1)

    look(desk)

    assert overdue(desk) == ()


def test_what_is_resolved_or_past_or_has_no_limit_is_left_alone(desk: Desk) -> None:
    long_ago = desk.today() - timedelta(days=100)
    refs = [
        _with_limit(desk, long_ago, state="resolved", outcome="Written off"),
        _with_limit(desk, long_ago, history=True),
        *add_items(desk, 1),
    ]

    assert look(desk) == 0

    assert [get(desk, ref).filing_passed for ref in refs] == [False, False, False]
    assert overdue(desk) == ()


def test_a_rejection_is_escalated_by_the_week_of_its_filing_limit(desk: Desk, clock: FixedClock) -> None:
    monday = week_of(desk.today()) + timedelta(weeks=2)
    ref = _rejection(desk, monday + timedelta(days=3))
    assert look(desk) == 0, "thirteen days before that week"
    clock.forward(days=6)

    assert look(desk) == 1

    assert _pings(desk) == [("U0LEAD", "filing limit within 7 days")]
    with desk.db.read() as session:
        [told] = items.fired_steps(session, [item_id(desk, ref)])[item_id(desk, ref)]
    assert told.anchor == f"{ANCHOR} front_desk", "the limit itself is not remembered"


def test_a_reminder_comes_once(desk: Desk, clock: FixedClock) -> None:
    _rejection(desk, desk.today() + timedelta(days=3))

    assert look(desk) == 1
    assert look(desk) == 0
    clock.forward(days=1)
    assert look(desk) == 0


def test_the_assignee_is_told_when_the_limit_has_passed(desk: Desk) -> None:
    ref = _rejection(desk, desk.today() - timedelta(days=30))
    with desk.db.write() as session:
        item = items.by_ref(session, ref)
        assert item is not None
        items.change(session, item, {"state": "claimed", "assignee": "U0FRONT1"})

    look(desk)

    assert sorted(_pings(desk)) == [("U0FRONT1", "past the filing limit"), ("U0LEAD", "past the filing limit")]


def test_where_an_appeal_is_open_its_own_limit_hurries_people_on(desk: Desk) -> None:
    _with_limit(desk, desk.today() + timedelta(days=2))

    assert look(desk) == 0


def test_at_night_flags_are_kept_and_nobody_is_told(desk: Desk, clock: FixedClock) -> None:
    ref = _rejection(desk, desk.today())
    clock.forward(hours=14)

    assert look(desk) == 0
    assert get(desk, ref).filing_passed
    clock.forward(hours=10)
    assert look(desk) == 1


def test_the_days_of_one_week_are_told_apart_by_nobody() -> None:
    assert {week_of(date(2026, 3, day)) for day in range(9, 16)} == {date(2026, 3, 9)}
