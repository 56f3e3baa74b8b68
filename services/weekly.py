"""The numbers of one week beside those of the week before: what the weekly report tells.

Nothing is counted here: volume, rates and outcomes are those of `services.stats` for the days of the week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from denials.metrics import stands_alone
from denials.weeks import Week
from services import stats
from services.desk import Desk
from services.money import dollars
from services.stats import Point, Stats, Volume
from store import stats as stored

WEEKS = 12  # shown over time
GROUPINGS = ("category", "payer", "handoff")
NEXT_DAYS = 7  # today is the first of them


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one kind. No row is of fewer denials than `denials.metrics.SMALLEST_CELL`."""

    by: str
    shown: tuple[Volume, ...]  # most new ones first
    other: Volume | None  # the rest as one, without a name
    merged: int  # how many groups that are
    rising: tuple[Volume, ...]  # of those shown, beyond chance
    falling: tuple[Volume, ...]  # those that were no small ones the week before; now they may be


@dataclass(frozen=True, slots=True)
class Due:
    """Open denials whose appeal limit, and whose follow-up date, lies from `first` to `last`, both included."""

    first: date
    last: date
    deadlines: int
    deadline_amount: Decimal
    follow_ups: int
    follow_up_amount: Decimal


@dataclass(frozen=True, slots=True)
class Weekly:
    """One week in numbers; what is open and due is told as of `as_of`."""

    week: Week
    as_of: date
    now: Stats
    before: Stats
    groups: tuple[Groups, ...]  # one for each of `GROUPINGS`
    weeks: tuple[Point, ...]  # the last twelve, this one the last
    due: Due

    @property
    def categories(self) -> Groups:
        """The groups by category."""
        return self.groups[0]


def weekly(desk: Desk, week: Week) -> Weekly:
    """The numbers of a week. What they cost follows the weeks shown and what is open."""
    today = desk.today()
    now = stats.between(desk, week.first, week.last)
    by = {"category": now.groups}
    for grouping in GROUPINGS[1:]:
        by[grouping] = stats.volumes(desk, week.first, week.last, grouping)
    return Weekly(
        week=week,
        as_of=today,
        now=now,
        before=stats.between(desk, week.before().first, week.before().last),
        groups=tuple(grouped(name, found) for name, found in by.items()),
        weeks=stats.series(desk, week.before(WEEKS - 1).first, week.last),
        due=_due(desk, today),
    )


def grouped(by: str, found: Sequence[Volume]) -> Groups:
    """Groups with the small ones merged, so that no row is about somebody whom people could recognize."""
    found = [group for group in found if group.new or group.previous]
    alone = dict(zip((group.name for group in found), stands_alone([group.new for group in found]), strict=True))
    shown = tuple(group for group in found if alone[group.name])
    rest = [group for group in found if not alone[group.name]]
    known = stands_alone([group.previous for group in found])
    falling = [group for group, stood in zip(found, known, strict=True) if stood and group.trend == "falling"]
    return Groups(
        by=by,
        shown=shown,
        other=_sum(rest) if rest else None,
        merged=len(rest),
        rising=tuple(group for group in shown if group.trend == "rising"),
        falling=tuple(sorted(falling, key=lambda group: group.new - group.previous)),
    )


def _sum(groups: Sequence[Volume]) -> Volume:
    return Volume(
        "",
        sum(group.new for group in groups),
        sum(group.previous for group in groups),
        sum((group.amount for group in groups), Decimal(0)),
        sum(group.repeats for group in groups),
    )


def _due(desk: Desk, today: date) -> Due:
    last = today + timedelta(days=NEXT_DAYS - 1)
    with desk.db.read() as session:
        coming = stored.due_between(session, today, last)
    return Due(
        today,
        last,
        coming.deadlines,
        dollars(coming.deadline_cents),
        coming.follow_ups,
        dollars(coming.follow_up_cents),
    )
