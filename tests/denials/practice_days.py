"""A made-up practice's denials day by day, without files and tables: for asking what looking for repeats finds."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from denials.prevention import DIMENSIONS
from denials.repeats import Known, Repeat, Series, Span, data_start, enough_data, past_of, repeats

FIRST = date(2025, 1, 6)  # a Monday
CODES = {
    "CO-197": ("authorization", "Prior authorization"),
    "CO-198": ("authorization", "Prior authorization"),
    "CO-27": ("eligibility", "Scheduling"),
    "CO-22": ("eligibility", "Scheduling"),
    "CO-109": ("eligibility", "Scheduling"),
    "CO-31": ("registration", "Patient registration"),
    "CO-140": ("registration", "Patient registration"),
    "CO-16": ("registration", "Patient registration"),
    "CO-4": ("coding", "Charge capture"),
    "CO-97": ("coding", "Charge capture"),
    "CO-11": ("coding", "Charge capture"),
    "CO-50": ("documentation", "Clinical documentation"),
    "CO-252": ("documentation", "Clinical documentation"),
    "CO-29": ("follow_up", "Billing"),
    "CO-18": ("follow_up", "Billing"),
    "CO-55": ("payer_edit", "Billing"),
    "CO-96": ("payer_edit", "Billing"),
}
PAYERS = ("Aetna", "Cigna", "United", "Blue Cross", "Medicare", "Humana", "Medicaid", "Tricare")
LOCATIONS = ("North office", "South office", "Surgery center")
PRACTICES = ("North Clinic", "South Clinic")


@dataclass(frozen=True, slots=True)
class Denied:
    """One denial with its name under each dimension."""

    number: int
    day: date
    names: dict[str, str]
    amount: Decimal = Decimal(150)


@dataclass
class Days:
    """A practice's denials by day. Draws them by chance alone; what is planted comes on top."""

    seed: int
    a_day: float  # denials, weekends none
    length: int  # days
    claims_a_day: int = 0
    made: dict[date, list[Denied]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        self._weights = [self._draw.paretovariate(1.2) for _ in CODES]
        self._payers = [self._draw.paretovariate(1.2) for _ in PAYERS]
        self._number = 0
        self._known_weeks: dict[date, Counter[tuple[str, str]]] = {}
        for day in self.days():
            for _ in range(_poisson(self._draw, self.a_day if day.weekday() < 5 else 0.0)):
                self._add(day, self._draw.choices(list(CODES), self._weights)[0])

    def days(self) -> Iterator[date]:
        """Every day of it."""
        return (FIRST + timedelta(days=n) for n in range(self.length))

    def plant(self, code: str, payer: str | None, first: date, last: date, a_day: float) -> None:
        """More denials of a code (of one payer) on the working days of a span."""
        self._known_weeks.clear()
        for day in self.days():
            if first <= day <= last and day.weekday() < 5:
                for _ in range(_poisson(self._draw, a_day)):
                    self._add(day, code, payer)

    def look(self, today: date, known: Sequence[Known] = (), *, window_days: int = 14, most: int = 3) -> list[Repeat]:
        """What repeats on a day, as seen by the morning's look."""
        window = self._span(today - timedelta(days=window_days - 1), today)
        weeks = self._weeks(window.first)
        since = data_start(min(self.made), [week["all", ""] for week in weeks], window.first)
        if not enough_data(since, today):
            return []
        past = past_of(window, since)
        past = self._span(past.first, past.last)
        used = weeks[: past.days // 7]
        items = self.items(window)
        names = {key for key in items if key[0] != "all"} | {key for week in used for key in week if key[0] != "all"}
        series = [
            Series(
                *key,
                items=frozenset(one.number for one in items.get(key, [])),
                amount=sum((one.amount for one in items.get(key, [])), Decimal(0)),
                past_weeks=tuple(week[key] for week in used),
                past=past,
            )
            for key in sorted(names)
        ]
        return list(repeats(series, known, window, count=5, most=most))

    def items(self, span: Span) -> dict[tuple[str, str], list[Denied]]:
        """The denials of a span by series."""
        found: dict[tuple[str, str], list[Denied]] = defaultdict(list)
        for n in range(span.days):
            for one in self.made.get(span.first + timedelta(days=n), []):
                for key in one.names.items():
                    found[key].append(one)
        return found

    def _weeks(self, before: date) -> list[Counter[tuple[str, str]]]:
        return [self._week(before - timedelta(days=7 * n)) for n in range(26)]

    def _week(self, before: date) -> Counter[tuple[str, str]]:
        """Denials of the week before a day, by series and in all; worked out once."""
        if before not in self._known_weeks:
            counts = self._known_weeks[before] = Counter()
            for back in range(1, 8):
                for one in self.made.get(before - timedelta(days=back), []):
                    counts["all", ""] += 1
                    counts.update(one.names.items())
        return self._known_weeks[before]

    def _span(self, first: date, last: date) -> Span:
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return Span(first, last, self.claims_a_day * sum(day.weekday() < 5 and day >= FIRST for day in days))

    def _add(self, day: date, code: str, payer: str | None = None) -> None:
        self._number += 1
        category, handoff = CODES[code]
        names = {
            "category": category,
            "handoff": handoff,
            "code": code,
            "payer": payer or self._draw.choices(PAYERS, self._payers)[0],
            "location": self._draw.choice(LOCATIONS),
            "practice": self._draw.choices(PRACTICES, (7, 3))[0],
        }
        assert set(names) == set(DIMENSIONS)
        self.made[day].append(Denied(self._number, day, names))


def _poisson(draw: random.Random, mean: float) -> int:
    """A count with this mean, by chance alone (Knuth's method, in parts of at most 30)."""
    count = 0
    while mean > 0:
        part = min(mean, 30.0)
        mean -= part
        limit, product = math.exp(-part), draw.random()
        while product > limit:
            count += 1
            product *= draw.random()
    return count
