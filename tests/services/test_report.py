"""The weekly report: asked for once, at its time, about the week that has ended; and never about one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Thread

import pytest

from denials.rules.model import ReportTime, RuleSet
from denials.weeks import Week
from services import delivery
from services.desk import Desk
from services.report import last_time, post_due, report, reported_at
from services.stats import Volume
from services.views import WeeklyReport
from services.weekly import grouped
from store.rollups import Tally
from tests.conftest import FixedClock, FixedRules
from tests.services.small_practice import live
from tests.services.stock import add_items

MONDAY_8 = datetime(2026, 3, 16, 12, 0, tzinfo=UTC)  # in New York; the clock of these tests starts six days before
DAY = timedelta(days=1)


@pytest.fixture
def at_work(desk: Desk) -> Desk:
    """A practice that has taken in a file."""
    add_items(desk, 1)
    return desk


def posted(desk: Desk) -> list[str]:
    """The weeks of the reports that are sent now."""
    found = []
    while sends := delivery.take(desk, "tests"):
        for send in sends:
            content = delivery.content(desk, send)
            if isinstance(content, WeeklyReport):
                assert send.channel == "C0LEADS"
                found.append(str(content.numbers.week))
            delivery.posted(desk, send, send.channel, f"{len(found)}.{send.attempts}")
    return found


def test_it_is_asked_for_once_when_its_time_has_come(at_work: Desk, clock: FixedClock) -> None:
    clock.at = MONDAY_8 - timedelta(seconds=1)
    assert post_due(at_work) == 0
    clock.at = MONDAY_8
    assert [post_due(at_work), post_due(at_work)] == [1, 0]
    clock.forward(days=6, hours=23)
    assert post_due(at_work) == 0
    assert posted(at_work) == ["2026-W11"]
    clock.forward(hours=1)
    assert post_due(at_work) == 1
    assert posted(at_work) == ["2026-W12"]


def test_of_several_who_look_at_once_one_asks(at_work: Desk, clock: FixedClock) -> None:
    clock.at = MONDAY_8
    together, asked = Barrier(4), list[int]()

    def look() -> None:
        together.wait()
        asked.append(post_due(at_work))

    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(asked) == [0, 0, 0, 1]


def test_after_an_outage_only_the_latest_is_told(at_work: Desk, clock: FixedClock) -> None:
    clock.at = MONDAY_8 + timedelta(days=24)  # Thursday: three Mondays were missed, and a fourth
    assert [post_due(at_work), post_due(at_work)] == [1, 0]
    assert posted(at_work) == ["2026-W14"]


def test_a_time_before_the_first_file_was_never_due(desk: Desk, clock: FixedClock) -> None:
    assert post_due(desk) == 0
    add_items(desk, 1)  # a Tuesday
    assert post_due(desk) == 0
    clock.at = MONDAY_8
    assert post_due(desk) == 1


def test_without_a_channel_there_is_none(at_work: Desk, rules: RuleSet, clock: FixedClock) -> None:
    clock.at = MONDAY_8
    assert post_due(replace(at_work, rules_source=FixedRules(replace(rules, reports_channel=None)))) == 0
    assert post_due(at_work) == 1


def test_another_day_in_the_same_week_brings_no_second_one(at_work: Desk, rules: RuleSet, clock: FixedClock) -> None:
    clock.at = MONDAY_8
    assert post_due(at_work) == 1
    later = replace(at_work, rules_source=FixedRules(replace(rules, report=ReportTime(3, time(8)))))
    clock.forward(days=4)
    assert post_due(later) == 0


@pytest.mark.parametrize(
    ("day", "now", "due", "week"),
    [
        (0, "2026-03-10T15:00", "2026-03-09T12:00", "2026-W10"),  # Monday 8:00, a day after clocks went forward
        (0, "2026-03-09T11:59", "2026-03-02T13:00", "2026-W09"),
        (2, "2026-03-11T12:00", "2026-03-11T12:00", "2026-W10"),
        (6, "2026-03-10T15:00", "2026-03-08T12:00", "2026-W09"),  # a Sunday's week is not over
        (0, "2026-01-05T14:00", "2026-01-05T13:00", "2026-W01"),
    ],
)
def test_the_week_is_the_last_that_ended_before_the_day(
    rules: RuleSet, day: int, now: str, due: str, week: str
) -> None:
    rules = replace(rules, report=ReportTime(day, time(8)))
    found = last_time(rules, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert str(reported_at(rules, found)) == week


def test_a_report_waiting_to_be_sent_tells_the_numbers_of_the_moment(at_work: Desk, clock: FixedClock) -> None:
    clock.at = MONDAY_8
    post_due(at_work)
    tally = Tally()
    tally.denial({"category": "coding"}, date(2026, 3, 12), new=9, cents=900)
    with at_work.db.write() as session:
        tally.write(session)
    (send,) = delivery.take(at_work, "tests")
    told = delivery.content(at_work, send)
    assert isinstance(told, WeeklyReport)
    assert told.numbers.now.total.new == 9


def test_the_numbers_are_those_of_stats_on_both_databases(desk: Desk, clock: FixedClock, tmp_path: Path) -> None:
    live(desk, clock, tmp_path)
    numbers = report(desk, Week.parse("2026-W10")).numbers
    assert (numbers.now.total.new, numbers.now.total.amount, numbers.before.total.new) == (17, Decimal(1000), 2)
    assert (numbers.due.deadlines, numbers.due.follow_ups) == (1, 1)
    assert [group.name for group in numbers.categories.shown] == ["authorization", "eligibility"]


def volume(name: str, new: int, previous: int) -> Volume:
    return Volume(name, new, previous, Decimal(new))


def test_a_group_that_shrank_to_a_few_is_told_without_their_number() -> None:
    found = grouped("category", [volume("coding", 40, 38), volume("registration", 2, 30), volume("eligibility", 6, 7)])
    assert [group.name for group in found.shown] == ["coding"]
    assert found.other is not None
    assert (found.other.new, found.merged) == (8, 2)
    assert [group.name for group in found.falling] == ["registration"]


def test_a_small_group_that_grew_is_not_named() -> None:
    found = grouped("payer", [volume("Aetna", 50, 50), volume("Cigna", 9, 9), volume("Omega", 4, 0)])
    assert found.rising == ()
    assert [group.name for group in found.shown] == ["Aetna"]
