"""Whether an action helped: against sums done by hand and against another way of computing."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.counts import log_p_more, p_differs, scatter
from denials.verdict import Measured, before_span, verdict

DAY = date(2026, 3, 10)


def side(days: int, denials: int, claims: int | None = None, dollars: int | None = None) -> Measured:
    return Measured(days, denials, Decimal(100 * denials if dollars is None else dollars), claims)


def chances(total: int, share: Fraction) -> list[Fraction]:
    """The binomial probabilities in exact fractions."""
    return [math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(total + 1)]


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 90), st.integers(1, 90))
def test_both_tests_are_the_sums_of_binomial_probabilities(one: int, other: int, days: int, more: int) -> None:
    of_all = chances(one + other, Fraction(days, days + more))
    above = sum(of_all[one:])
    as_unlikely = sum(chance for chance in of_all if chance <= of_all[one])
    assert math.exp(log_p_more(one, days, other, more)) == pytest.approx(float(above), rel=1e-9)
    assert p_differs(one, days, other, more) == pytest.approx(float(as_unlikely), rel=1e-6)


def test_a_p_value_done_by_hand() -> None:
    # 8 and 1 over equal spans: (1 + 9 + 9 + 1) ÷ 2⁹
    assert p_differs(8, 28, 1, 28) == pytest.approx(20 / 512)
    assert math.exp(log_p_more(8, 28, 1, 28)) == pytest.approx(10 / 512)


def test_a_probability_too_small_for_a_float_still_has_a_logarithm() -> None:
    assert log_p_more(3000, 14, 10, 182) == pytest.approx(-7_800, rel=0.05)
    assert p_differs(3000, 14, 10, 182) == 0.0


def test_scatter_is_variance_over_mean_held_against_eight_weeks_of_chance() -> None:
    assert scatter([5, 5, 5, 5]) == 1.0
    # mean 10, squares 5·(10² ÷ 10) = 50, of 5 weeks: (50 + 8) ÷ (4 + 8)
    assert scatter([0, 20, 0, 20, 10]) == pytest.approx((40 + 8) / (4 + 8))
    assert scatter([7]) == scatter([]) == 1.0


def test_a_fix_that_helped_by_hand() -> None:
    """56 denials in 28 days before and 12 in 28 after: 14 a week → 3, −78.6 %; $4,400 less in 28 days."""
    told = verdict(side(28, 56), side(28, 12), DAY)
    assert (told.kind, told.before_per_week, told.after_per_week, told.change) == ("worked", 14.0, 3.0, -0.7857)
    assert told.p is not None
    assert told.p < 1e-6
    assert told.unlikely_chance
    assert told.dollars_less_a_month == Decimal("4777.14")  # 4,400 ÷ 28 × 30.4
    assert (told.before_rate, told.after_rate) == (None, None)


def test_rates_per_claim_decide_where_claims_are_known() -> None:
    """Half as many denials from half as many claims is no success."""
    told = verdict(side(28, 60, 600), side(28, 30, 300), DAY)
    assert (told.kind, told.change, told.before_rate, told.after_rate) == ("did_not_work", 0.0, 0.1, 0.1)
    assert told.after_per_week == 7.5


def test_claims_known_of_one_side_only_are_not_used() -> None:
    assert verdict(side(28, 60, 600), side(28, 20, 0), DAY).before_rate is None


def test_fewer_than_five_to_be_expected_is_too_little() -> None:
    assert verdict(side(84, 14), side(28, 0), DAY).kind == "too_little_data"
    assert verdict(side(84, 15), side(28, 0), DAY).kind == "worked"


def test_few_adjudicated_claims_are_too_little() -> None:
    assert verdict(side(28, 400, 1000), side(28, 1, 49), DAY).kind == "too_little_data"
    assert verdict(side(28, 400, 1000), side(28, 1, 50), DAY).kind == "worked"


def test_days_for_which_nothing_came_in_prove_nothing() -> None:
    told = verdict(side(28, 60), replace(side(28, 0), silent=True), DAY)
    assert told.kind == "too_little_data"


def test_a_fall_that_may_be_chance_is_measured_again() -> None:
    told = verdict(side(28, 20), side(28, 14), DAY)
    assert (told.kind, told.unlikely_chance) == ("too_little_data", False)


def test_hardly_a_fall_is_none_however_sure() -> None:
    told = verdict(side(28, 10_000), side(28, 9_000), DAY)
    assert (told.kind, told.unlikely_chance) == ("did_not_work", True)


def test_more_denials_than_before_cost_more() -> None:
    told = verdict(side(28, 20), side(28, 40), DAY)
    assert told.kind == "did_not_work"
    assert told.dollars_less_a_month == Decimal("-2171.43")


def test_before_runs_from_the_window_to_the_day_before_the_action() -> None:
    opened = DAY
    assert before_span(opened, 14, opened + timedelta(days=7)) == (
        opened - timedelta(days=13),
        opened + timedelta(days=6),
    )


def test_before_is_never_shorter_than_the_window_nor_longer_than_twelve_weeks() -> None:
    first, last = before_span(DAY, 14, DAY - timedelta(days=30))
    assert (last, (last - first).days + 1) == (DAY - timedelta(days=31), 14)
    first, last = before_span(DAY, 14, DAY + timedelta(days=90))
    assert (last - first).days + 1 == 84


@given(st.integers(1, 400), st.integers(0, 400), st.integers(14, 84), st.integers(1, 84))
def test_no_fix_is_said_to_have_worked_without_a_fall_unlikely_to_be_chance(
    before: int, after: int, days: int, more: int
) -> None:
    told = verdict(side(days, before), side(more, after), DAY)
    assert told.p is not None
    if told.kind == "worked":
        assert told.p < 0.05
        assert told.change is not None
        assert told.change <= -0.15
    if before * more < 5 * days:
        assert told.kind == "too_little_data"
    elif after * days >= before * more:
        assert told.kind == "did_not_work"
