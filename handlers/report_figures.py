"""The numbers of a week beside those of the week before, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from denials.metrics import preventable_share
from handlers.report_words import Money, days, percent, signed
from services.weekly import Weekly

_NOTHING = {"0", "$0", "$0.00", "–"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the week beside that of the week before."""

    name: str
    means: str
    now: str
    before: str
    change: str


def figures(numbers: Weekly, money: Money) -> tuple[Figure, ...]:
    """What changed against the week before, number by number; what was nothing in both weeks is left out."""
    found = (*_volume_figures(numbers, money), *_work_figures(numbers, money))
    return tuple(one for one in found if one.means == "new" or not {one.now, one.before} <= _NOTHING)


def _volume_figures(numbers: Weekly, money: Money) -> Sequence[Figure]:
    now, then = numbers.now, numbers.before
    share, shared = preventable_share(**now.preventable), preventable_share(**then.preventable)
    return (
        _counted("New denials", "new", now.total.new, then.total.new),
        Figure(
            "Dollars denied",
            "amount",
            money(now.total.amount),
            money(then.total.amount),
            _by(now.total.amount, then.total.amount),
        ),
        _counted("Came back", "repeats", now.total.repeats, then.total.repeats),
        _counted("Rejected before adjudication", "rejections", now.total.rejections, then.total.rejections),
        _counted("Claims adjudicated", "adjudicated", now.claims.adjudicated, then.claims.adjudicated),
        _shared("Denial rate", "denial-rate", now.claims.denial_rate, then.claims.denial_rate),
        _shared(
            "Denied dollars of those charged",
            "denied-amount-rate",
            now.claims.denied_amount_rate,
            then.claims.denied_amount_rate,
        ),
        _counted("Fully denied", "fully-denied", now.claims.fully_denied, then.claims.fully_denied),
        _shared("Preventable", "preventable", share, shared),
    )


def _work_figures(numbers: Weekly, money: Money) -> Sequence[Figure]:
    now, then = numbers.now.resolution, numbers.before.resolution
    return (
        _counted("Resolved", "resolved", now.resolved, then.resolved),
        _timed(
            "Time to claim, median",
            "hours-to-claim",
            _as_days(now.median_hours_to_claim),
            _as_days(then.median_hours_to_claim),
        ),
        _timed("Time to resolve, median", "days-to-resolve", now.median_days_to_resolve, then.median_days_to_resolve),
        _timed(
            "Time to resolve, 90th percentile", "days-to-resolve", now.p90_days_to_resolve, then.p90_days_to_resolve
        ),
        _counted("Overturned", "overturned", now.overturned, then.overturned),
        _shared("Overturn rate", "overturn-rate", now.overturn_rate, then.overturn_rate),
        Figure(
            "Recovered", "recovered", money(now.recovered), money(then.recovered), _by(now.recovered, then.recovered)
        ),
        Figure(
            "Written off",
            "written-off",
            money(now.written_off),
            money(then.written_off),
            _by(now.written_off, then.written_off),
        ),
        _counted("Handed off", "handed-off", now.handed_off, then.handed_off),
    )


def _counted(name: str, means: str, now: int, then: int) -> Figure:
    return Figure(name, means, f"{now:,}", f"{then:,}", _by(Decimal(now), Decimal(then)))


def _shared(name: str, means: str, now: float | None, then: float | None) -> Figure:
    return Figure(name, means, percent(now), percent(then), _points(now, then))


def _points(now: float | None, then: float | None) -> str:
    """The difference of two shares, in points of a hundred."""
    if now is None or then is None:
        return "–"
    tenths = round((now - then) * 1000)
    return f"{'+' if tenths > 0 else '−' if tenths < 0 else '±'}{abs(tenths) / 10:.1f} points"


def _timed(name: str, means: str, now: float | None, then: float | None) -> Figure:
    moved = _by(Decimal(str(now)), Decimal(str(then))) if now is not None and then is not None else "–"
    return Figure(name, means, days(now), days(then), moved)


def _as_days(hours: float | None) -> float | None:
    return None if hours is None else hours / 24


def _by(now: Decimal, then: Decimal) -> str:
    return signed(float((now - then) / then)) if then else "–" if not now else "new"
