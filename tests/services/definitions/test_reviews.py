"""One test per definition of prevention reviews, on a practice that is counted by hand.

A test is named after the anchor of its definition. It compares with what the public numbers say.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from denials import repeats
from denials.prevention import ReviewState
from denials.verdict import Measured, before_span, verdict
from tests.services.definitions.measured import BEFORE, OPENED, WORKED


def test_reviews_open(with_reviews: dict[str, Any]) -> None:
    assert [(one["ref"], one["state"]) for one in with_reviews["reviews"]["open"]] == [("PR-7KQ2M4", "open")]
    assert [state for state in ReviewState if state.live] == ["open", "taken", "measuring"]


def test_review_count(with_reviews: dict[str, Any]) -> None:
    (told,) = with_reviews["reviews"]["open"]  # what was found when the review was opened
    assert (told["count"], told["expected"], told["amount"], told["opened_on"]) == (23, 4.2, "4100.00", "2026-03-10")


def test_review_expected() -> None:
    # 30 denials in the 70 days and 1,000 claims before. The window has 14 days (30 × 14 ÷ 70 = 6) and 250 claims
    # (30 × 250 ÷ 1,000 = 7.5): the larger figure counts.
    window = repeats.Span(date(2026, 2, 25), date(2026, 3, 10), 250)
    past = repeats.Span(date(2025, 12, 17), date(2026, 2, 24), 1_000)
    series = repeats.Series("code", "CO-197", frozenset(), Decimal(0), (3,) * 10, past)
    assert (window.days, past.days) == (14, 70)
    assert repeats.expected(series, window) == 7.5


def test_verdict() -> None:
    assert WORKED.kind == "worked"
    same = verdict(BEFORE, Measured(28, 40, Decimal(4_000), 400), OPENED)  # one claim in ten, as before
    assert same.kind == "did_not_work"
    few = verdict(BEFORE, Measured(28, 1, Decimal(100), 49), OPENED)  # 49 claims
    assert few.kind == "too_little_data"
    nothing = verdict(BEFORE, Measured(28, 0, Decimal(0), silent=True), OPENED)  # and no remittance at all
    assert nothing.kind == "too_little_data"


def test_verdict_per_week() -> None:
    assert (WORKED.before_per_week, WORKED.after_per_week) == (10.0, 3.0)  # 60 × 7 ÷ 42, 12 × 7 ÷ 28
    # The window of a review opened on March 10 began on February 25; the action came into force on April 1.
    assert before_span(OPENED, 14, date(2026, 4, 1)) == (date(2026, 2, 25), date(2026, 3, 31))
    assert before_span(OPENED, 14, OPENED + timedelta(days=365))[0] == OPENED + timedelta(days=365, weeks=-12)


def test_verdict_rate() -> None:
    assert (WORKED.before_rate, WORKED.after_rate) == (0.1, 0.03)  # 60 ÷ 600, 12 ÷ 400


def test_verdict_change() -> None:
    assert WORKED.change == -0.7  # 0.03 ÷ 0.1 − 1


def test_verdict_p() -> None:
    # 3 denials before and none after, in as many days: of 3 that fall on either side alike, all on one side has the
    # probability 2 × (1 ÷ 2)³.
    one = verdict(Measured(7, 3, Decimal(0)), Measured(7, 0, Decimal(0)), OPENED)
    assert one.p is not None
    assert math.isclose(one.p, 0.25)


def test_verdict_dollars() -> None:
    assert WORKED.dollars_less_a_month == Decimal("3040.00")  # (6,000 ÷ 42 − 1,200 ÷ 28) × 30.4
