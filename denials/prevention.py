"""Prevention reviews: the vocabulary. What repeats, where a review stands, what people log, and how it ended.

A review is about one *series*: all denials with one value of one dimension ("code" and "CO-197"). It shows counts,
labels and references and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

DIMENSIONS = ("category", "handoff", "code", "payer", "location", "practice")
"""What repeats are looked for by, as `prevention.by` of the rules names them."""


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    TAKEN = "taken"
    MEASURING = "measuring"  # cause and action are logged; whether they helped is not known yet
    WORKED = "worked"
    DISMISSED = "dismissed"
    UNMEASURED = "unmeasured"  # too few denials or claims to tell, three times over

    @property
    def live(self) -> bool:
        """Whether it still goes on: no second review for the same cause meanwhile."""
        return self in (ReviewState.OPEN, ReviewState.TAKEN, ReviewState.MEASURING)

    @property
    def awaits_cause(self) -> bool:
        """Whether somebody has to find the cause and log it."""
        return self in (ReviewState.OPEN, ReviewState.TAKEN)


CAUSES: tuple[str, ...] = (
    "A step was left out",
    "Information was missing or wrong at intake",
    "Nobody was responsible for the step",
    "Staff did not know the rule",
    "The payer changed its rule",
    "Software or a template was set up wrongly",
    "Documentation did not support the claim",
    "The payer denies without good reason",
    "Something else",
)
"""Why denials repeat, as people choose it; these texts may be shown."""

ACTIONS: tuple[str, ...] = (
    "Added a check before the claim goes out",
    "Changed the work procedure",
    "Trained the team",
    "Changed the set-up of software or a template",
    "Made one person responsible",
    "Took it up with the payer",
    "Changed a form or script for patients",
    "Something else",
)
"""What was done about it, as people choose it; these texts may be shown."""

DISMISSALS: tuple[str, ...] = (
    "Known and expected",
    "The payer's mistake, being corrected",
    "Already fixed",
    "Not worth the effort",
    "Not one cause",
)
"""Why a review is dismissed, as people choose it; these texts may be shown."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What made the bot open a review, as it stood then."""

    window_days: int
    count: int  # denials of the series with a remit date in the window
    expected: float | None  # as many as the past made likely; None where the past has none of them
    amount: Decimal
    top_codes: tuple[tuple[str, int], ...]  # most often first
    top_payers: tuple[tuple[str, int], ...]
    weeks: tuple[tuple[date, int], ...]  # the last twelve weeks: first day, denials
    refs: tuple[str, ...]  # at most five, most dollars first


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the corrective action helped: denials before and after its effective date.

    Rates are denials per adjudicated claim, between 0 and 1, None where claim totals are not known. `change` is
    after ÷ before − 1, of the rates where there are any, else of the counts per week. `p` is the probability of a
    difference at least as unusual by chance alone, two-sided.
    """

    kind: Literal["worked", "did_not_work", "too_little_data"]
    before_per_week: float
    after_per_week: float
    change: float | None
    p: float | None
    before_rate: float | None
    after_rate: float | None
    dollars_less_a_month: Decimal | None  # per 30.4 days; below zero where it became more
    days_before: int
    days_after: int
    measured_on: date

    @property
    def unlikely_chance(self) -> bool:
        """Whether the difference is unlikely to be chance: p below 0.05."""
        return self.p is not None and self.p < LEVEL


LEVEL = 0.05
"""The significance level of a verdict."""
