"""Remittances in which one kind of denial keeps coming back, and the quiet past before it."""

from __future__ import annotations

from datetime import date, timedelta

from tests.remits import denied_claim, interchange, paid_claim, transaction
from tests.stories.practice import Practice

TODAY = date(2026, 3, 10)  # the Tuesday on which a practice opens


def week(first: date, name: str, *, denied: int, paid: int = 20, payer: str = "AETNA") -> str:
    """A remittance of one day: so many claims denied for want of an authorization, so many paid."""
    claims = [denied_claim(f"{name}D{n}", 310, "197") for n in range(denied)]
    claims += [paid_claim(f"{name}P{n}") for n in range(paid)]
    return interchange([transaction(claims, payer=payer, date=first, trace=f"T{name}")])


def past(opened: Practice, weeks: int = 8) -> None:
    """A practice's past, in which one such denial a week was usual."""
    for n in range(weeks):
        day = TODAY - timedelta(weeks=3 + n)
        opened.take_in(week(day, f"H{n}", denied=1), history=True, announce=False)
