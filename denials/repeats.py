"""What repeats: a cause denied often enough in a window, and more often than its own past makes likely.

A series (all denials with one code, of one payer …) is looked at by the counts of a window of whole days up to today
and of the past before it. It repeats when it has the count that the rules ask for, and either has no past at all, or
has grown by at least three tenths of its past rate and by more than chance. More than chance is an exact test
per day and, where claim totals are known, per adjudicated claim too: both must say so. The level of the test is shared
among all series of the day and all looks of a month, so that where nothing has changed about one review a year opens
for nothing. A series that always scattered more than chance is held to that.

Series overlap: one bad form shows in a code, a category, a hand-off and a payer. The most significant of them stands
for the cause. Others that have half of their denials in common with it, or are nothing unusual without what they have
in common, stay silent; so does everything of the kind that an earlier review stands for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from denials.counts import log_p_more, scatter

LEAST_DATA = timedelta(weeks=4)  # before a practice has this much, nothing is called a repeat
LONGEST_PAST = timedelta(weeks=26)
LEAST_RATIO = 1.3
FALSE_ALARMS_A_MONTH = 0.5  # at most so many are expected from chance alone; overlapping windows make it fewer
LOOKS_A_MONTH = 22
MOST_A_WEEK = 3
_SPECIFIC = ("code", "payer", "location", "practice", "handoff", "category")  # of two alike the more specific
_WEAK = 5  # a week with less than a fifth of the usual denials is weak
_WEAK_WEEKS = 3  # so many of them in a row: data do not really reach back further
_USUAL_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included, and the claims adjudicated in them (0: not known)."""

    first: date
    last: date
    claims: int = 0

    @property
    def days(self) -> int:
        """How many days these are; 0 when there are none."""
        return max(0, (self.last - self.first).days + 1)


@dataclass(frozen=True, slots=True)
class Series:
    """One value of one dimension: its denials in the window and its own past."""

    dimension: str
    name: str
    items: frozenset[int]  # those of the window that may open a review, by number
    amount: Decimal  # of these
    past_weeks: tuple[int, ...]  # denials of each week of the past, latest first; the last may be shorter
    past: Span

    @property
    def before(self) -> int:
        """Denials in the past."""
        return sum(self.past_weeks)

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same series."""
        return self.dimension, self.name


@dataclass(frozen=True, slots=True)
class Known:
    """A cause that has a review, or had one lately: its denials in the window, and how many are beyond the usual."""

    dimension: str
    name: str
    items: frozenset[int]
    excess: float


@dataclass(frozen=True, slots=True)
class Repeat:
    """A cause that repeats. `expected` is what its past makes likely for the window; None where it has no past."""

    series: Series
    expected: float | None
    log_p: float  # of the test, natural logarithm


def data_start(first: date, weeks: Sequence[int], before: date) -> date:
    """Since when a practice's data are complete enough to compare with, going back in weeks from `before`.

    `first` is the day of the very first denial, `weeks` are the denials of each week before `before`, latest first.
    Three weeks in a row with less than a fifth of what the latest weeks had are taken as the time before the practice's
    data began: an export holds a few old rows.
    """
    known = len(weeks)
    while known and not weeks[known - 1]:
        known -= 1
    latest = sorted(weeks[: min(_USUAL_WEEKS, known)])
    usual = latest[len(latest) // 2] if latest else 0
    weak = 0
    for n, count in enumerate(weeks[:known]):
        weak = weak + 1 if count * _WEAK < usual else 0
        if weak == _WEAK_WEEKS:
            known = n + 1 - weak
            break
    return max(first, before - timedelta(weeks=known))


def past_of(window: Span, since: date) -> Span:
    """The past that a window is compared with: whole weeks back to `since`, half a year at most. Claims are not set."""
    start = max(since, window.first - LONGEST_PAST)
    weeks = max(0, (window.first - start).days // 7)
    return Span(window.first - timedelta(weeks=weeks), window.first - timedelta(days=1))


def enough_data(since: date, today: date) -> bool:
    """Whether a practice's data reach back far enough for anything to be called a repeat."""
    return since + LEAST_DATA <= today + timedelta(days=1)


def repeats(
    looked_at: Iterable[Series], known: Iterable[Known], window: Span, *, count: int, most: int
) -> tuple[Repeat, ...]:
    """What repeats now, one for each cause, those with most dollars first and not more than `most`."""
    series = [one for one in looked_at if len(one.items) + one.before >= count]
    level = math.log(FALSE_ALARMS_A_MONTH / (LOOKS_A_MONTH * max(1, len(series))))
    known_now = list(known)
    quiet = {(one.dimension, one.name) for one in known_now}
    found = [
        repeat
        for one in series
        if one.key not in quiet and (repeat := _repeat(one, len(one.items), window, count, level)) is not None
    ]
    chosen: list[Repeat] = []
    for repeat in sorted(found, key=_most_significant_first):
        if _own_cause(repeat.series, known_now, window, count, level):
            chosen.append(repeat)
            known_now.append(_known(repeat))
    return tuple(sorted(chosen, key=lambda one: (-one.series.amount, one.log_p, one.series.key))[:most])


def expected(series: Series, window: Span) -> float | None:
    """How many denials of the window the past makes likely: the larger figure of days and claims. None: no past."""
    if not series.before:
        return None
    return max(series.before * share for share in _shares(series.past, window))


def _shares(past: Span, window: Span) -> list[float]:
    """Exposure of the window ÷ exposure of the past: by days, and by claims where known of both."""
    shares = [window.days / past.days] if past.days else []
    if past.claims > 0 and window.claims > 0:
        shares.append(window.claims / past.claims)
    return shares


def _repeat(series: Series, count: float, window: Span, least: int, level: float) -> Repeat | None:
    """The series as a repeat if so many denials in the window make it one."""
    if count < least:
        return None
    likely = expected(series, window)
    shares = _shares(series.past, window)
    if not shares:
        return Repeat(series, None, 0.0) if likely is None else None
    if likely is None:
        return Repeat(series, None, max(log_p_more(math.floor(count), share, 0, 1.0) for share in shares))
    if count < LEAST_RATIO * likely:
        return None
    spread = scatter(series.past_weeks)
    now, before = math.floor(count / spread), math.ceil(series.before / spread)
    log_p = max(log_p_more(now, share, before, 1.0) for share in shares)
    return Repeat(series, likely, log_p) if log_p <= level else None


def _own_cause(series: Series, known: Sequence[Known], window: Span, count: int, level: float) -> bool:
    """Whether a series tells of more than what is known already."""
    explained = 0.0
    for one in known:
        common = len(series.items & one.items)
        if 2 * common >= len(series.items):
            return False
        if common:
            explained += one.excess * common / len(one.items)
    return _repeat(series, len(series.items) - explained, window, count, level) is not None


def _known(repeat: Repeat) -> Known:
    series = repeat.series
    return Known(series.dimension, series.name, series.items, max(0.0, len(series.items) - (repeat.expected or 0.0)))


def _most_significant_first(repeat: Repeat) -> tuple[float, int, tuple[str, str]]:
    """Of series that hold the same denials the more specific one."""
    dimension = repeat.series.dimension
    place = _SPECIFIC.index(dimension) if dimension in _SPECIFIC else len(_SPECIFIC)
    return round(repeat.log_p, 6), place, repeat.series.key


def with_claims(span: Span, claims: int) -> Span:
    """The same days with the claims adjudicated in them."""
    return replace(span, claims=claims)
