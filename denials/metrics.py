"""The definitions behind every number, one function each: counts in, a number or None (cannot be known) out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

Trend = Literal["rising", "falling", "steady"]
AGING_BUCKETS = ("0-30", "31-60", "61-90", "91-120", "121+")
BUCKET_ENDS = (30, 60, 90, 120)  # days since the remit; the last bucket has no end
SMALLEST_CELL = 5  # a report shows no group with fewer: so small a one might be about a person somebody recognizes
_DIGITS = 4  # of rates and changes


def change(now: int, before: int) -> float | None:
    """How much more than before, as a share of before: 0.25 is a quarter more. None when there was nothing before."""
    return round((now - before) / before, _DIGITS) if before else None


def trend(now: int, before: int) -> Trend:
    """Rising or falling only when the ratio is at least 1.15 (at most 1/1.15) and |a−b| > 1.96·√(a+b).

    The second condition is the 95 % test that two Poisson counts differ. Both are computed in whole numbers.
    """
    if 10_000 * (now - before) ** 2 <= 38_416 * (now + before):  # 1.96² = 3.8416
        return "steady"
    if 100 * now >= 115 * before:
        return "rising"
    if 115 * now <= 100 * before:
        return "falling"
    return "steady"


def rate(part: int, whole: int) -> float | None:
    """Part ÷ whole, between 0 and 1; None when the whole is nothing."""
    return round(part / whole, _DIGITS) if whole else None


def overturn_rate(overturned: int, billed_to_patient: int, written_off: int) -> float | None:
    """Overturned ÷ decided, where decided is overturned, billed to the patient or written off."""
    return rate(overturned, overturned + billed_to_patient + written_off)


def preventable_share(yes: int, partly: int, no: int) -> float | None:
    """The share of denials that could have been prevented at least in part: (yes + partly) ÷ all."""
    return rate(yes + partly, yes + partly + no)


def aging_bucket(days: int) -> str:
    """The bucket of an open item by days since its remittance; a remittance of the future counts as today's."""
    for end, bucket in zip(BUCKET_ENDS, AGING_BUCKETS, strict=False):
        if days <= end:
            return bucket
    return AGING_BUCKETS[-1]


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) of the values lie, linear between neighbours; None without values."""
    if not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1")
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def stands_alone(counts: Sequence[int]) -> tuple[bool, ...]:
    """Which groups a report shows with their names; the others are told as one.

    Groups of fewer than `SMALLEST_CELL` are told together. Where all of them are still fewer than that, the smallest
    group that would stand alone joins them, so that nothing can be worked out from the whole.
    """
    alone = [count >= SMALLEST_CELL for count in counts]
    together = sum(count for count, stands in zip(counts, alone, strict=True) if not stands)
    while 0 < together < SMALLEST_CELL and any(alone):
        place = min((n for n, stands in enumerate(alone) if stands), key=lambda n: (counts[n], -n))
        alone[place], together = False, together + counts[place]
    return tuple(alone)
