"""Each definition of a number on figures small enough to check by hand."""

from __future__ import annotations

import math
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.metrics import (
    aging_bucket,
    change,
    overturn_rate,
    percentile,
    preventable_share,
    rate,
    trend,
)

counts = st.integers(0, 100_000)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (0, 0, "steady"),
        (4, 0, "rising"),  # 4 > 1.96·√4 = 3.92
        (3, 0, "steady"),  # 3 < 1.96·√3 = 3.39
        (0, 4, "falling"),
        (115, 100, "steady"),  # the ratio is enough, the difference is not: 15 < 28.7
        (1150, 1000, "rising"),  # exactly 1.15, and 150 > 90.9
        (1149, 1000, "steady"),
        (1000, 1150, "falling"),
        (1001, 1150, "steady"),
        (20, 10, "steady"),  # 10 < 10.7
        (22, 10, "rising"),  # 12 > 11.1
    ],
)
def test_a_trend_needs_both_the_ratio_and_the_difference(now: int, before: int, expected: str) -> None:
    assert trend(now, before) == expected


@given(counts, counts)
def test_a_trend_is_what_the_formula_says_and_mirrors_itself(a: int, b: int) -> None:
    if abs(a - b) > 1.96 * math.sqrt(a + b) * 1.000001:
        if a >= 1.150001 * b:
            assert trend(a, b) == "rising"
        if b >= 1.150001 * a:
            assert trend(a, b) == "falling"
    mirrored = {"rising": "falling", "falling": "rising", "steady": "steady"}
    assert trend(b, a) == mirrored[trend(a, b)]


def test_a_change_is_relative_to_before_and_unknown_without_a_before() -> None:
    assert change(15, 12) == 0.25
    assert change(3, 12) == -0.75
    assert change(3, 0) is None


def test_rates_are_unknown_without_a_whole() -> None:
    assert rate(1, 3) == 0.3333
    assert rate(0, 0) is None
    assert overturn_rate(3, 1, 2) == 0.5
    assert overturn_rate(0, 0, 0) is None
    assert preventable_share(2, 1, 1) == 0.75
    assert preventable_share(0, 0, 0) is None


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-2, "0-30"),
        (0, "0-30"),
        (30, "0-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91-120"),
        (120, "91-120"),
        (121, "121+"),
        (4000, "121+"),
    ],
)
def test_an_age_has_one_bucket(days: int, bucket: str) -> None:
    assert aging_bucket(days) == bucket


def test_percentiles_lie_between_neighbours() -> None:
    assert percentile([], 0.5) is None
    assert percentile([7.0], 0.9) == 7.0
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.5
    assert percentile([float(n) for n in range(1, 12)], 0.9) == 10.0
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile([1.0], 1.1)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_the_median_is_the_median(values: list[float]) -> None:
    assert percentile(values, 0.5) == pytest.approx(median(values))
    assert percentile(values, 0.0) == min(values)
    assert percentile(values, 1.0) == pytest.approx(max(values))
