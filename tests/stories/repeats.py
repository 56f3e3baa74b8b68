"""Remittances in which one kind of denial keeps coming back, and the quiet past before it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, timedelta

from tests.remits import Transaction, denied_claim, interchange, paid_claim, transaction
from tests.stories.practice import Practice

TODAY = date(2026, 3, 10)  # the Tuesday on which a practice opens


def week(first: date, name: str, *, denied: int, paid: int = 20, payer: str = "AETNA") -> str:
    """A remittance of one day: so many claims denied for want of an authorization, so many paid."""
    return interchange([_day(first, name, denied, paid, payer)])


def past(opened: Practice, denied: Sequence[int] = (1,) * 8, payers: Sequence[str] = ("AETNA",)) -> None:
    """A practice's past in one file: so many such denials in each week, the latest first, of these payers in turn."""
    days = (TODAY - timedelta(weeks=3 + n) for n in range(len(denied)))
    weeks = zip(days, denied, itertools.cycle(payers), strict=False)
    text = interchange([_day(day, f"H{n}", count, 20, payer) for n, (day, count, payer) in enumerate(weeks)])
    opened.take_in(text, history=True, announce=False)


def _day(day: date, name: str, denied: int, paid: int, payer: str) -> Transaction:
    claims = [denied_claim(f"{name}D{n}", 310, "197") for n in range(denied)]
    claims += [paid_claim(f"{name}P{n}") for n in range(paid)]
    return transaction(claims, payer=payer, date=day, trace=f"T{name}")
