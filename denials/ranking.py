"""What to work first: expected recovery in dollars, made more urgent by a near deadline.

score = amount × chance × urgency, each part kept so that a card can say why.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

PRIOR = Decimal("0.50")  # even odds: nothing is claimed to be known before the practice has outcomes of its own
PRIOR_WEIGHT = 10  # the prior counts as much as this many decided items
URGENT_DAYS = 30  # from here on urgency grows, to twice as much on the last day
LATE = Decimal("0.25")  # the limit has passed: payers take late appeals only for a good cause
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rank:
    """A score in dollars and the parts it was made of."""

    score: Decimal
    amount: Decimal
    chance: Decimal
    urgency: Decimal


def rank(amount: Decimal, *, days_left: int | None, chance: Decimal = PRIOR) -> Rank:
    """How much an item promises. `days_left` counts to the appeal limit (0: today, None: no limit known)."""
    factor = urgency(days_left)
    return Rank((amount * chance * factor).quantize(_CENT, ROUND_HALF_UP), amount, chance, factor)


def urgency(days_left: int | None) -> Decimal:
    """1 while the limit is far or unknown, growing to 2 on its day, `LATE` when it has passed."""
    if days_left is None or days_left >= URGENT_DAYS:
        return Decimal(1)
    if days_left < 0:
        return LATE
    return (Decimal(2) - Decimal(days_left) / URGENT_DAYS).quantize(_CENT, ROUND_HALF_UP)


def chance(overturned: int, decided: int, *, prior: Decimal = PRIOR) -> Decimal:
    """The chance to overturn, from decided items alike, drawn towards `prior` while there are few of them.

    Smoothing in two steps: the chance of a code is the prior for that code with one payer.
    """
    if not 0 <= overturned <= decided:
        raise ValueError("there cannot be more overturned items than decided ones")
    return ((Decimal(overturned) + prior * PRIOR_WEIGHT) / (decided + PRIOR_WEIGHT)).quantize(Decimal("0.0001"))
