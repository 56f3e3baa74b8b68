"""Did the corrective action help? Denials of the cause before and after its effective date, by exact counts.

Before is the time from the window that opened the review up to the day before the action, twelve weeks at most; after
is whole remeasuring periods from the effective date on. Where adjudicated claims are known for both, rates per claim
are compared, else counts per day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from denials.counts import p_differs
from denials.prevention import LEVEL, Verdict

LONGEST_BEFORE = timedelta(weeks=12)
LEAST_FALL = 0.15
LEAST_EXPECTED = 5.0  # denials that the time before makes likely for the time after; with fewer nothing can be told
LEAST_CLAIMS = 50  # adjudicated in the time after
_MONTH = Decimal("30.4")  # days
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Measured:
    """One side of the comparison. `claims` is how many were adjudicated in the same scope, None where not known.

    `silent`: no remittance at all came in for these days, of whatever cause.
    """

    days: int
    denials: int
    amount: Decimal
    claims: int | None = None
    silent: bool = False


def before_span(opened_on: date, window_days: int, effective: date) -> tuple[date, date]:
    """The first and the last day of the time before an action, both included; never shorter than the window."""
    day = timedelta(days=1)
    first = min(opened_on + day, effective) - window_days * day
    return max(first, effective - LONGEST_BEFORE), effective - day


def verdict(before: Measured, after: Measured, measured_on: date) -> Verdict:
    """Compare two spans, each of at least a day.

    `worked`: at least 15 % fewer, and p below 0.05. `too_little_data`: fewer than five denials were to be expected
    after the action, or fewer than fifty claims were adjudicated, or nothing came in at all; or there are at least
    15 % fewer denials, but that may be chance. `did_not_work`: everything else.
    """
    by_claims = _by_claims(before, after)
    one, other = (before.claims or 0, after.claims or 0) if by_claims else (before.days, after.days)
    rate_before, rate_after = before.denials / one, after.denials / other
    change = rate_after / rate_before - 1 if before.denials else None
    p = p_differs(before.denials, one, after.denials, other)
    likely = rate_before * other
    fell = change is not None and change <= -LEAST_FALL
    kind: Literal["worked", "did_not_work", "too_little_data"]
    if after.silent or likely < LEAST_EXPECTED or (by_claims and other < LEAST_CLAIMS):
        kind = "too_little_data"
    elif fell:
        kind = "worked" if p < LEVEL else "too_little_data"
    else:
        kind = "did_not_work"
    return Verdict(
        kind=kind,
        before_per_week=_per_week(before),
        after_per_week=_per_week(after),
        change=None if change is None else round(change, 4),
        p=p,
        before_rate=round(rate_before, 6) if by_claims else None,
        after_rate=round(rate_after, 6) if by_claims else None,
        dollars_less_a_month=_dollars_less(before, after),
        days_before=before.days,
        days_after=after.days,
        measured_on=measured_on,
    )


def _by_claims(before: Measured, after: Measured) -> bool:
    """Whether claim totals are known of both; they are not where there are more denials than claims."""
    return all(side.claims is not None and side.claims >= max(1, side.denials) for side in (before, after))


def _per_week(side: Measured) -> float:
    return round(side.denials * 7 / side.days, 2)


def _dollars_less(before: Measured, after: Measured) -> Decimal:
    a_day = before.amount / before.days - after.amount / after.days
    return (a_day * _MONTH).quantize(_CENT, ROUND_HALF_UP)
