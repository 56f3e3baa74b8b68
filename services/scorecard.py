"""How each payer stands: what it denied in a period, for which reasons, and what came of the work."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from denials.lifecycle import Outcome
from denials.metrics import overturn_rate, percentile
from services import stats
from services.desk import Desk
from services.money import dollars
from services.stats import Volume
from store import stats as stored

TOP_CODES = 3


@dataclass(frozen=True, slots=True)
class PayerScore:
    """One payer. What came of the work is of its denials resolved in the period."""

    volume: Volume  # its label is the name
    top_codes: tuple[tuple[str, int], ...]  # leading code, new denials; most first
    resolved: int
    median_days: float | None  # from taken in to resolved
    overturned: int
    decided: int
    overturn_rate: float | None
    recovered: Decimal


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All payers that had denials in the period or the one before, most new ones first; then those only resolved."""

    first: date
    last: date
    payers: tuple[PayerScore, ...]
    covered: bool  # whether the data reach back over the whole period before
    month: str = ""  # "last month" or "this month" where a calendar month was asked for

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.last - self.first).days + 1


def scorecard(desk: Desk, days: int = 30, month: str = "") -> Scorecard:
    """The payers in the last `days` days, or in a calendar month. Raises DenialDeskError for any other period."""
    told = stats.month(desk, month, "payer") if month else stats.stats(desk, days, "payer")
    start, end = stats.span(desk, told.first, told.last)
    ended: dict[str, list[stored.PayerWork]] = defaultdict(list)
    codes: dict[str, list[tuple[str, int]]] = defaultdict(list)
    with desk.db.read() as session:
        for one in stored.ended_by_payer(session, start, end):
            ended[one.payer].append(one)
        for payer, code, count in stored.codes_by_payer(session, told.first, told.last):
            codes[payer].append((code, count))
    known = {group.name for group in told.groups}
    rest = [Volume(name, 0, 0, Decimal(0)) for name in sorted(ended.keys() - known)]
    return Scorecard(
        told.first,
        told.last,
        tuple(_score(group, codes[group.name], ended[group.name]) for group in (*told.groups, *rest)),
        told.covered,
        told.month,
    )


def _score(group: Volume, codes: list[tuple[str, int]], ended: list[stored.PayerWork]) -> PayerScore:
    counts = {outcome: sum(one.outcome == outcome for one in ended) for outcome in Outcome if outcome.decided}
    won = counts[Outcome.OVERTURNED]
    median = percentile([one.wait / timedelta(days=1) for one in ended], 0.5)
    return PayerScore(
        volume=group,
        top_codes=tuple(codes[:TOP_CODES]),
        resolved=len(ended),
        median_days=None if median is None else round(median, 4),
        overturned=won,
        decided=sum(counts.values()),
        overturn_rate=overturn_rate(won, counts[Outcome.BILLED_TO_PATIENT], counts[Outcome.WRITTEN_OFF]),
        recovered=dollars(sum(one.recovered_cents for one in ended)),
    )
