"""Weeks as reports count them: Monday to Sunday, named by ISO 8601, such as 2026-W47."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_NAME = re.compile(r"([0-9]{4})-?[Ww]([0-9]{1,2})")
_FIRST_YEAR = 1970  # before it nobody had remittances to count
_SIX_DAYS, _SEVEN_DAYS = timedelta(days=6), timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week, known by its Monday."""

    first: date

    @classmethod
    def of(cls, day: date) -> Week:
        """The week a day lies in."""
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def last_before(cls, day: date) -> Week:
        """The last whole week that has ended before a day."""
        return cls.of(day - _SEVEN_DAYS)

    @classmethod
    def parse(cls, text: str) -> Week:
        """`2026-W47`. Raises ValueError, one line, for anything else and for a week that the year does not have."""
        found = _NAME.fullmatch(text.strip())
        if found is None:
            raise ValueError("a week is a year and a number, such as 2026-W47")
        year, number = int(found[1]), int(found[2])
        try:
            if year >= _FIRST_YEAR:
                return cls(date.fromisocalendar(year, number, 1))
        except ValueError:
            pass
        raise ValueError(f"{year:04d}-W{number:02d} is not a week: {_has(year)}")

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + _SIX_DAYS

    @property
    def number(self) -> int:
        """1 to 53."""
        return self.first.isocalendar().week

    @property
    def year(self) -> int:
        """The year it belongs to, which may not be that of its Monday."""
        return self.first.isocalendar().year

    def before(self, weeks: int = 1) -> Week:
        """The week so many weeks earlier."""
        return Week(self.first - weeks * _SEVEN_DAYS)

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"


def _has(year: int) -> str:
    """Which weeks a year has, in words."""
    if year < _FIRST_YEAR:
        return f"years begin with {_FIRST_YEAR}"
    return f"the weeks of {year} are W01 to W{date(year, 12, 28).isocalendar().week}"
