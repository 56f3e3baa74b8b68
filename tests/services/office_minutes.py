"""A table of every minute in which an office is open, walked minute by minute: slow, and too simple to be wrong.

Times are whole seconds since 1970. Nothing of the product's own calendar is used here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Federal holidays of the United States on the days they are kept, as the Office of Personnel Management lists them.
HOLIDAYS = frozenset(
    date(year, month, day)
    for year, month, days in (
        (2026, 1, (1, 19)),
        (2026, 2, (16,)),
        (2026, 5, (25,)),
        (2026, 6, (19,)),
        (2026, 7, (3, 4)),
        (2026, 9, (7,)),
        (2026, 10, (12,)),
        (2026, 11, (11, 26)),
        (2026, 12, (25,)),
        (2027, 1, (1, 18)),
        (2027, 2, (15,)),
        (2027, 5, (31,)),
        (2027, 6, (18, 19)),
        (2027, 7, (4, 5)),
        (2027, 9, (6,)),
        (2027, 10, (11,)),
        (2027, 11, (11, 25)),
        (2027, 12, (24, 25, 31)),
    )
    for day in days
)


@dataclass
class OfficeMinutes:
    """An office's hours between two days, as a list of open minutes."""

    zone: ZoneInfo
    days: Collection[int]  # 0 is Monday
    opens: time
    closes: time
    first: date
    last: date
    holidays: frozenset[date] = HOLIDAYS
    minutes: list[int] = field(init=False, repr=False)
    _open: frozenset[int] = field(init=False, repr=False)
    _midnights: dict[date, int] = field(init=False, repr=False, default_factory=dict)
    _by_day: dict[tuple[int, int], int] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        now, end = self.midnight(self.first), self.midnight(self.last)
        self.minutes = [second for second in range(now, end, 60) if self._is_open(second)]
        self._open = frozenset(self.minutes)

    def _is_open(self, second: int) -> bool:
        here = self.local(second)
        working = here.weekday() in self.days and here.date() not in self.holidays
        return working and self.opens <= here.time() < self.closes

    @property
    def full_day(self) -> int:
        """The minutes from opening to closing."""
        return (self.closes.hour - self.opens.hour) * 60 + self.closes.minute - self.opens.minute

    def local(self, second: int) -> datetime:
        """What the office's clock shows."""
        return datetime.fromtimestamp(second, UTC).astimezone(self.zone)

    def midnight(self, day: date) -> int:
        """When that day begins here."""
        if day not in self._midnights:
            self._midnights[day] = int(datetime.combine(day, time(0), tzinfo=self.zone).timestamp())
        return self._midnights[day]

    def by_day(self, second: int, end: int) -> int:
        """The first moment from then on that lies between the usual hours of any day; at once if none comes in time."""
        if (second, end) not in self._by_day:
            self._by_day[second, end] = self._walk(second, end)
        return self._by_day[second, end]

    def _walk(self, second: int, end: int) -> int:
        minute = second
        while minute < end:
            if self.opens <= self.local(minute).time() < self.closes:
                return minute
            minute += 60 - minute % 60
        return second

    def is_open(self, second: int) -> bool:
        """Whether anybody may be disturbed."""
        return second - second % 60 in self._open

    def opening(self, second: int) -> int:
        """That moment when the office is open, else when it opens next."""
        if self.is_open(second):
            return second
        return self.minutes[bisect_left(self.minutes, second)]

    def after(self, second: int, minutes: int) -> int:
        """The open moment at which so many business minutes have passed."""
        start = self.opening(second)
        return self.minutes[bisect_left(self.minutes, start - start % 60) + minutes] + start % 60

    def days_before(self, day: date, days: int) -> int:
        """The beginning of the day so many days earlier."""
        return self.midnight(day - timedelta(days=days))
