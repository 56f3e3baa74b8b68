"""Business time: when the office is open, and how far a duration reaches from a moment.

A moment is open from the opening time up to, but not including, the closing time. One `bd` is one full open-to-close
day of business time wherever it starts, so from Tuesday 11:00 it reaches to Wednesday 11:00 (of working days). Hours
are measured as they really pass: a clock change inside the business hours makes that day longer or shorter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from denials.public_holidays import holidays_of
from denials.rules.model import BusinessHours, Duration, RuleSet

_DAY = timedelta(days=1)
_ZERO = timedelta(0)
_LONGEST_CLOSURE = 3660  # days without a single open one after which the hours are surely a mistake


class Calendar:
    """The business hours of one office in its time zone. Takes and gives aware times; gives UTC."""

    def __init__(self, hours: BusinessHours, zone: ZoneInfo) -> None:
        """Raises ValueError for hours in which nothing is ever open."""
        if not hours.days or hours.open >= hours.close:
            raise ValueError("business hours need a day, and an opening time before the closing time")
        self._hours = hours
        self.zone = zone
        self._full_day = _span(hours.open, hours.close)
        self._window = lru_cache(maxsize=2048)(self._window_of)

    def is_open(self, at: datetime) -> bool:
        """Whether the office is open at that moment."""
        window = self._window(self.local_day(at))
        return window is not None and window[0] <= at < window[1]

    def is_business_day(self, day: date) -> bool:
        """Whether the office opens at all on that day."""
        return self._window(day) is not None

    def next_opening(self, at: datetime) -> datetime:
        """The moment itself when the office is open, else the next opening."""
        opens, _closes = next(self._forward(at))
        return max(opens, at).astimezone(UTC)

    def midnight(self, day: date) -> datetime:
        """When that day begins here."""
        return self._at(day, time(0))

    def usual_hours(self, day: date) -> tuple[datetime, datetime]:
        """When the office would open and close on that day, whether it does or not."""
        return self._at(day, self._hours.open), self._at(day, self._hours.close)

    def local_day(self, at: datetime) -> date:
        """The day it is here at that moment."""
        return at.astimezone(self.zone).date()

    def after(self, start: datetime, span: Duration) -> datetime:
        """The first moment by which `span` has passed since `start`; outside hours business time stands still.

        `d` is a number of local days at the same time of the day; `s`, `m` and `h` are elapsed time.
        """
        start = start.astimezone(UTC)
        if span.unit == "d":
            return self._move(start, span.count)
        if not span.business:
            return start + span.calendar()
        left = self._business(span)
        if left == _ZERO:
            return self.next_opening(start)
        for opens, closes in self._forward(start):
            begin = max(opens, start)
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
        raise AssertionError("business days never end")

    def before(self, end: datetime, span: Duration) -> datetime:
        """The last moment from which `span` passes until `end`; the mirror image of `after`."""
        end = end.astimezone(UTC)
        if span.unit == "d":
            return self._move(end, -span.count)
        if not span.business:
            return end - span.calendar()
        left = self._business(span)
        if left == _ZERO:
            return end
        for opens, closes in self._backward(end):
            stop = min(closes, end)
            if stop - opens >= left:
                return stop - left
            left -= stop - opens
        raise AssertionError("business days never end")

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The business time between two moments; zero when `end` is not after `start`."""
        total = _ZERO
        if end <= start:
            return total
        for opens, closes in self._forward(start):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, start)
        return total

    def _business(self, span: Duration) -> timedelta:
        return span.count * (timedelta(hours=1) if span.unit == "bh" else self._full_day)

    def _move(self, at: datetime, days: int) -> datetime:
        local = at.astimezone(self.zone)
        return self._at(local.date() + timedelta(days=days), local.time())

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock.replace(tzinfo=None), tzinfo=self.zone).astimezone(UTC)

    def _window_of(self, day: date) -> tuple[datetime, datetime] | None:
        hours = self._hours
        if day.weekday() not in hours.days or day in hours.closed_on:
            return None
        if any(day in holidays_of(code, day.year) for code in hours.holidays):
            return None
        opens, closes = self._at(day, hours.open), self._at(day, hours.close)
        return (opens, closes) if opens < closes else None

    def _forward(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open spans that end after `start`, in order, without end."""
        return self._walk(start, _DAY)

    def _backward(self, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open spans that begin before `end`, latest first."""
        return self._walk(end, -_DAY)

    def _walk(self, at: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
        day, closed = self.local_day(at), 0
        while closed < _LONGEST_CLOSURE:
            window = self._window(day)
            if window is not None and (window[1] > at if step > _ZERO else window[0] < at):
                closed = 0
                yield window
            else:
                closed += 1
            day += step
        raise ValueError("business hours without an open day in ten years")


@lru_cache(maxsize=8)
def calendar_of(rules: RuleSet) -> Calendar:
    """The calendar of a rules file; one per `RuleSet`, which is compared by identity."""
    return Calendar(rules.business_hours, rules.timezone)


def _span(opens: time, closes: time) -> timedelta:
    """From opening to closing on a day without a clock change."""
    any_day = date(2026, 1, 1)
    return datetime.combine(any_day, closes) - datetime.combine(any_day, opens)
