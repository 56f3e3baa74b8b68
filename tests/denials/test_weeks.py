"""Weeks by their ISO names, and groups too small to be told alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.metrics import SMALLEST_CELL, stands_alone
from denials.weeks import Week


@given(day=st.dates(date(1970, 1, 5), date(9999, 12, 20)))
def test_every_day_lies_in_a_week_that_its_name_leads_back_to(day: date) -> None:
    week = Week.of(day)
    assert week.first <= day <= week.last
    assert (week.first.weekday(), week.last - week.first) == (0, timedelta(days=6))
    assert Week.parse(str(week)) == week
    assert (week.year, week.number) == day.isocalendar()[:2]


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_last_week_before_a_day_has_ended_and_the_next_has_not(day: date) -> None:
    last = Week.last_before(day)
    assert last.last < day <= last.last + timedelta(days=7)


@pytest.mark.parametrize(
    ("text", "first"),
    [("2026-W47", (2026, 11, 16)), ("2026w1", (2025, 12, 29)), (" 2020-W53 ", (2020, 12, 28))],
)
def test_names_are_read_as_people_write_them(text: str, first: tuple[int, int, int]) -> None:
    assert Week.parse(text).first == date(*first)


@pytest.mark.parametrize(
    "text", ["", "47", "2026-47", "2026-W", "2026-W47-1", "0000-W01", "1969-W09", "2026-Wxx", "２026-W47"]
)
def test_anything_else_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(
        ValueError,
        match=r"^(a week is a year and a number, such as 2026-W47|[01]...-W0. is not a week: years begin with 1970)$",
    ):
        Week.parse(text)


@pytest.mark.parametrize(("text", "last"), [("2026-W60", 53), ("2025-W53", 52), ("2026-W00", 53), ("2020-W54", 53)])
def test_a_week_that_the_year_does_not_have_is_told_with_those_it_has(text: str, last: int) -> None:
    with pytest.raises(ValueError, match=f"is not a week: the weeks of {text[:4]} are W01 to W{last}"):
        Week.parse(text)


@given(counts=st.lists(st.integers(0, 40), max_size=12))
def test_no_group_that_is_told_nor_the_rest_is_small_enough_to_be_about_somebody(counts: list[int]) -> None:
    alone = stands_alone(counts)
    assert all(count >= SMALLEST_CELL for count, stands in zip(counts, alone, strict=True) if stands)
    rest = sum(count for count, stands in zip(counts, alone, strict=True) if not stands)
    assert rest == 0 or rest >= SMALLEST_CELL or not any(alone)


@pytest.mark.parametrize(
    ("counts", "alone"),
    [
        ([9, 7, 5], (True, True, True)),
        ([9, 7, 4, 1], (True, True, False, False)),
        ([9, 7, 4], (True, False, False)),  # four alone would be what is missing from the whole
        ([9, 7, 0], (True, True, False)),
        ([4], (False,)),
        ([], ()),
    ],
)
def test_small_groups_are_merged_and_take_the_smallest_other_with_them(
    counts: list[int], alone: tuple[bool, ...]
) -> None:
    assert stands_alone(counts) == alone
