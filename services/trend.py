"""New denials week by week, from the daily rollups: the cost follows the weeks shown, not the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from denials.metrics import Trend, trend
from services.desk import Desk
from services.money import dollars
from store import rollups

WEEKS = 12


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of remittances, both ends included."""

    first: date
    last: date
    new: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Trendline:
    """The latest weeks, oldest first; the last one ends today. The later half is set against the earlier one."""

    weeks: tuple[Week, ...]
    later: int
    earlier: int
    trend: Trend


def weekly(desk: Desk, weeks: int = WEEKS) -> Trendline:
    """New denials of the last `weeks` weeks (an even number)."""
    today = desk.today()
    starts = [today - timedelta(days=7 * back - 1) for back in range(weeks, 0, -1)]
    with desk.db.read() as session:
        by_day = rollups.denials_by_day(session, starts[0], today)
    found = []
    for start in starts:
        days = [by_day.get(start + timedelta(days=offset), (0, 0)) for offset in range(7)]
        new, cents = sum(day[0] for day in days), sum(day[1] for day in days)
        found.append(Week(start, start + timedelta(days=6), new, dollars(cents)))
    earlier, later = sum(week.new for week in found[: weeks // 2]), sum(week.new for week in found[weeks // 2 :])
    return Trendline(tuple(found), later, earlier, trend(later, earlier))
