"""What comes first: more money, better chances, less time."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.ranking import LATE, PRIOR, chance, rank, urgency

amounts = st.decimals(0, 1_000_000, places=2)
chances = st.decimals(0, 1, places=4)
days = st.none() | st.integers(-400, 400)


def test_the_parts_make_the_score() -> None:
    found = rank(Decimal("200.00"), days_left=15, chance=Decimal("0.25"))
    assert (found.amount, found.chance, found.urgency) == (Decimal("200.00"), Decimal("0.25"), Decimal("1.50"))
    assert found.score == Decimal("75.00")


def test_without_outcomes_the_chances_are_even() -> None:
    assert rank(Decimal(100), days_left=None).chance == PRIOR == Decimal("0.50")


def test_urgency_doubles_by_the_last_day_and_collapses_after_it() -> None:
    assert [urgency(n) for n in (None, 90, 30, 15, 0, -1)] == [1, 1, 1, Decimal("1.5"), 2, LATE]


def test_few_outcomes_move_the_chance_little_and_many_move_it_far() -> None:
    assert chance(0, 0) == PRIOR
    assert chance(1, 1) == Decimal("0.5455")
    assert chance(90, 100) == Decimal("0.8636")
    assert chance(0, 10, prior=Decimal("0.8")) == Decimal("0.4000")
    with pytest.raises(ValueError, match="more overturned"):
        chance(2, 1)


@given(amounts, amounts, days, chances)
def test_more_money_never_ranks_lower(one: Decimal, other: Decimal, left: int | None, odds: Decimal) -> None:
    low, high = sorted((one, other))
    assert rank(low, days_left=left, chance=odds).score <= rank(high, days_left=left, chance=odds).score


@given(amounts, st.integers(0, 400), st.integers(0, 400), chances)
def test_less_time_never_ranks_lower_while_there_is_any(amount: Decimal, one: int, other: int, odds: Decimal) -> None:
    less, more = sorted((one, other))
    assert rank(amount, days_left=less, chance=odds).score >= rank(amount, days_left=more, chance=odds).score


@given(st.integers(0, 500), st.integers(0, 500), chances)
def test_a_chance_lies_between_the_prior_and_what_was_seen(won: int, lost: int, prior: Decimal) -> None:
    found = chance(won, won + lost, prior=prior)
    seen = Decimal(won) / (won + lost) if won + lost else prior
    tolerance = Decimal("0.0001")
    assert min(prior, seen) - tolerance <= found <= max(prior, seen) + tolerance
