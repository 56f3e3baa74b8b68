"""The numbers a leader asks for, by the definitions of docs/numbers.md. What they cost follows the period asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from denials.business_time import calendar_of
from denials.errors import DenialDeskError
from denials.lifecycle import Outcome
from denials.metrics import Trend, change, overturn_rate, percentile, preventable_share, rate, trend
from denials.model import Kind
from services.desk import Desk
from services.money import dollars
from store import purged, rollups
from store import stats as stored
from store.tables import Daily, DailyClaims

LONGEST = 3660  # days
_DAILY_UP_TO = 14  # days shown one by one; longer periods by weeks
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Volume:
    """New denials of the period beside those of the period before. `name` is "" for the whole practice."""

    name: str
    new: int
    previous: int
    amount: Decimal
    repeats: int = 0
    rejections: int = 0

    @property
    def change(self) -> float | None:
        """New ÷ previous − 1."""
        return change(self.new, self.previous)

    @property
    def trend(self) -> Trend:
        """Rising, falling or steady."""
        return trend(self.new, self.previous)


@dataclass(frozen=True, slots=True)
class Claims:
    """What was adjudicated in the period, and how much of it was denied."""

    adjudicated: int
    denied: int
    fully_denied: int
    denial_rate: float | None
    denied_amount_rate: float | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """How the work went in the period."""

    resolved: int
    median_hours_to_claim: float | None
    median_days_to_resolve: float | None
    p90_days_to_resolve: float | None
    overturned: int
    overturn_rate: float | None
    recovered: Decimal
    written_off: Decimal
    handed_off: int = 0  # how often work changed teams or categories by hand


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is open now. Rejections and take-backs are work too, but no denials: they stand apart."""

    open: int
    unclaimed: int
    overdue: int
    amount: Decimal
    aging: dict[str, int]
    rejections: int
    takebacks: int


@dataclass(frozen=True, slots=True)
class Point:
    """New denials of a day or a week of the period, for a chart."""

    first: date
    last: date
    new: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Stats:
    """The answer for one period, `first` to `last`, both included. What is open is told as it is now."""

    first: date
    last: date
    by: str
    total: Volume
    claims: Claims
    groups: tuple[Volume, ...]
    resolution: Resolved
    preventable: dict[str, int]
    backlog: Backlog
    series: tuple[Point, ...]
    month: str = ""  # "last month" or "this month" where a calendar month was asked for
    covered: bool = True  # whether the data reach back over the whole period before: without that no trend can be told

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.last - self.first).days + 1


def stats(desk: Desk, days: int = 30, by: str = "category") -> Stats:
    """The numbers of the last `days` days, grouped by one of `store.rollups.DIMENSIONS`.

    Raises DenialDeskError for a period or a grouping there is none of.
    """
    if not 1 <= days <= LONGEST:
        raise DenialDeskError(f"the period must be between 1 and {LONGEST} days, such as 30d")
    if by not in rollups.DIMENSIONS:
        raise DenialDeskError(f"numbers can be grouped by {', '.join(rollups.DIMENSIONS)}")
    today = desk.today()
    return between(desk, today - timedelta(days=days - 1), today, by)


def between(desk: Desk, first: date, last: date, by: str = "category") -> Stats:
    """The numbers of the days from `first` to `last`, both included, beside those of as many days before."""
    before = _before(first, last)
    with desk.db.read() as session:
        totals = _volumes(session, "all", (first, last), before)
        return Stats(
            first=first,
            last=last,
            by=by,
            total=totals[0] if totals else Volume("", 0, 0, dollars(0)),
            claims=_claims(session, first, last),
            groups=tuple(_volumes(session, by, (first, last), before)),
            resolution=_resolution(session, *span(desk, first, last), purged.work_between(session, first, last)),
            preventable=_preventable(session, first, last),
            backlog=_backlog(session, desk.today()),
            series=_series(session, first, last),
            covered=_reaches_back(session, before[0]),
        )


def month(desk: Desk, which: str, by: str = "category") -> Stats:
    """The numbers of a calendar month: all of "last month", or "this month" up to today. Raises DenialDeskError."""
    today = desk.today()
    first = last = today.replace(day=1)
    match which:
        case "last month":
            last -= _DAY
            first = last.replace(day=1)
        case "this month":
            last = today
        case _:
            raise DenialDeskError("a calendar month is last month or this month")
    return replace(between(desk, first, last, by), month=which)


def volumes(desk: Desk, first: date, last: date, by: str) -> tuple[Volume, ...]:
    """Every group that had denials in the period or in as many days before; most new ones first."""
    with desk.db.read() as session:
        return tuple(_volumes(session, by, (first, last), _before(first, last)))


def series(desk: Desk, first: date, last: date) -> tuple[Point, ...]:
    """New denials over time: by days up to two weeks, longer periods by weeks of which the last ends on `last`."""
    with desk.db.read() as session:
        return _series(session, first, last)


def as_json(numbers: Stats) -> dict[str, Any]:
    """The object that `denials stats --json` prints; every key of it is public."""
    done, backlog = numbers.resolution, numbers.backlog
    return {
        "period": {"from": numbers.first.isoformat(), "to": numbers.last.isoformat(), "days": numbers.days},
        "denials": {
            **_told(numbers.total),
            "repeats": numbers.total.repeats,
            "rejections": numbers.total.rejections,
        },
        "claims": {
            "adjudicated": numbers.claims.adjudicated,
            "denied": numbers.claims.denied,
            "fully_denied": numbers.claims.fully_denied,
            "denial_rate": numbers.claims.denial_rate,
            "denied_amount_rate": numbers.claims.denied_amount_rate,
        },
        "groups": [{"name": group.name, **_told(group)} for group in numbers.groups],
        "resolution": {
            "resolved": done.resolved,
            "median_hours_to_claim": done.median_hours_to_claim,
            "median_days_to_resolve": done.median_days_to_resolve,
            "p90_days_to_resolve": done.p90_days_to_resolve,
            "overturned": done.overturned,
            "overturn_rate": done.overturn_rate,
            "recovered_amount": str(done.recovered),
            "written_off_amount": str(done.written_off),
            "handed_off": done.handed_off,
        },
        "preventable": {**numbers.preventable, "share": preventable_share(**numbers.preventable)},
        "backlog": {
            "open": backlog.open,
            "unclaimed": backlog.unclaimed,
            "overdue": backlog.overdue,
            "amount": str(backlog.amount),
            "aging": dict(backlog.aging),
            "rejections": backlog.rejections,
            "takebacks": backlog.takebacks,
        },
    }


def _told(volume: Volume) -> dict[str, Any]:
    return {
        "new": volume.new,
        "previous": volume.previous,
        "change": volume.change,
        "trend": volume.trend,
        "amount": str(volume.amount),
    }


def _volumes(session: Session, dimension: str, period: tuple[date, date], before: tuple[date, date]) -> list[Volume]:
    """Every name of a dimension that had denials in the period or the one before; most new ones first."""
    now = rollups.denials_between(session, dimension, *period)
    then = rollups.denials_between(session, dimension, *before)
    nothing = (0, 0, 0, 0)
    found = []
    for name in now.keys() | then.keys():
        new, cents, repeats, rejections = now.get(name, nothing)
        found.append(Volume(name, new, then.get(name, nothing)[0], dollars(cents), repeats, rejections))
    shown = [one for one in found if one.new or one.previous or one.repeats or one.rejections]
    return sorted(shown, key=lambda one: (-one.new, -one.amount, -one.previous, one.name))


def _before(first: date, last: date) -> tuple[date, date]:
    """As many days just before."""
    return first - (last - first) - _DAY, first - _DAY


def _reaches_back(session: Session, day: date) -> bool:
    """Whether a remittance of that day or an older one is known."""
    denials = select(func.min(Daily.day)).where(col(Daily.dimension) == "all")
    oldest = (session.scalar(denials), session.scalar(select(func.min(DailyClaims.day))))
    return any(found is not None and found <= day for found in oldest)


def _claims(session: Session, first: date, last: date) -> Claims:
    adjudicated, denied, fully, charged, denied_cents = rollups.claims_between(session, first, last)
    return Claims(adjudicated, denied, fully, rate(denied, adjudicated), rate(denied_cents, charged))


def span(desk: Desk, first: date, last: date) -> tuple[datetime, datetime]:
    """The moments at which the period begins and ends in the rules' time zone."""
    calendar = calendar_of(desk.rules)
    return calendar.midnight(first), calendar.midnight(last + _DAY)


def _preventable(session: Session, first: date, last: date) -> dict[str, int]:
    there, gone = (source.preventable_between(session, first, last) for source in (stored, purged))
    answers = dict.fromkeys(("yes", "partly", "no", *there, *gone))
    return {answer: there.get(answer, 0) + gone.get(answer, 0) for answer in answers}


def _resolution(session: Session, start: datetime, end: datetime, gone: purged.Work) -> Resolved:
    """The times are those of what is still stored; everything else counts purged denials too."""
    ended = stored.ended_between(session, start, end)
    counts = {
        outcome: sum(one.outcome == outcome for one in ended) + gone.outcomes.get(outcome, 0)
        for outcome in Outcome
        if outcome.decided
    }
    days = [(one.resolved_at - one.ingested_at) / _DAY for one in ended]
    hours = [wait / _HOUR for wait in stored.waits_for_claim(session, start, end)]
    return Resolved(
        resolved=len(ended) + sum(gone.outcomes.values()),
        median_hours_to_claim=_rounded(percentile(hours, 0.5)),
        median_days_to_resolve=_rounded(percentile(days, 0.5)),
        p90_days_to_resolve=_rounded(percentile(days, 0.9)),
        overturned=counts[Outcome.OVERTURNED],
        overturn_rate=overturn_rate(
            counts[Outcome.OVERTURNED], counts[Outcome.BILLED_TO_PATIENT], counts[Outcome.WRITTEN_OFF]
        ),
        recovered=dollars(sum(one.recovered_cents for one in ended) + gone.recovered_cents),
        written_off=dollars(sum(one.written_off_cents for one in ended) + gone.written_off_cents),
        handed_off=stored.handed_off_between(session, start, end) + gone.handed_off,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)  # of a day that is 9 seconds


def _backlog(session: Session, today: date) -> Backlog:
    work, apart = stored.open_work(session, today), stored.open_apart(session)
    return Backlog(
        open=work.open,
        unclaimed=work.unclaimed,
        overdue=work.overdue,
        amount=dollars(work.cents),
        aging=work.aging,
        rejections=apart.get(Kind.REJECTION, 0),
        takebacks=apart.get(Kind.TAKEBACK, 0),
    )


def _series(session: Session, first: date, last: date) -> tuple[Point, ...]:
    """The period in days, or in weeks of which the last ends with it and the first may be shorter."""
    length = 1 if (last - first).days < _DAILY_UP_TO else 7
    by_day = rollups.denials_by_day(session, first, last)
    points: list[Point] = []
    end = last
    while end >= first:
        start = max(first, end - timedelta(days=length - 1))
        days = [by_day.get(start + timedelta(days=n), (0, 0)) for n in range((end - start).days + 1)]
        points.append(Point(start, end, sum(new for new, _ in days), dollars(sum(cents for _, cents in days))))
        end = start - _DAY
    return tuple(reversed(points))
