"""What is called a repeat, on practices made up day by day: what is planted is found, chance is left alone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.repeats import Known, Repeat, Series, Span, data_start, enough_data, past_of, repeats
from tests.denials.practice_days import FIRST, Days

YEAR = 365
START = FIRST + timedelta(days=200)  # a Saturday
WINDOW = Span(date(2026, 3, 2), date(2026, 3, 15))
PAST = Span(date(2025, 9, 1), date(2026, 3, 1))


def series(name: str, items: range, weeks: tuple[int, ...] = (), amount: int = 100, dimension: str = "code") -> Series:
    return Series(dimension, name, frozenset(items), Decimal(amount), weeks or (0,) * 26, PAST)


def keys(found: tuple[Repeat, ...] | list[Repeat]) -> list[tuple[str, str]]:
    return [one.series.key for one in found]


def look(*looked_at: Series, known: tuple[Known, ...] = (), most: int = 3) -> list[tuple[str, str]]:
    return keys(repeats(looked_at, known, WINDOW, count=5, most=most))


def opened_in(days: Days, *, first: int = 0) -> list[tuple[date, Repeat]]:
    """Every review of the practice's life, each quiet for six weeks; looked at on working days."""
    until: dict[tuple[str, str], tuple[date, float]] = {}
    opened = []
    for today in days.days():
        if today.weekday() > 4 or today < FIRST + timedelta(days=first):
            continue
        items = days.items(Span(today - timedelta(days=13), today))
        known = [
            Known(*key, frozenset(one.number for one in items.get(key, [])), len(items.get(key, [])) - usual)
            for key, (end, usual) in until.items()
            if today < end
        ]
        for repeat in days.look(today, known):
            opened.append((today, repeat))
            until[repeat.series.key] = (today + timedelta(days=42), repeat.expected or 0.0)
    return opened


def test_five_of_what_never_happened_before_are_a_repeat() -> None:
    assert look(series("CO-B7", range(5))) == [("code", "CO-B7")]
    assert look(series("CO-B7", range(4))) == []


def test_what_is_always_so_frequent_is_no_repeat() -> None:
    assert look(series("CO-197", range(100), (50,) * 26)) == []


def test_more_than_chance_is_no_repeat_below_three_tenths_more_than_the_past() -> None:
    assert look(series("CO-197", range(1290), (500,) * 26)) == []
    assert look(series("CO-197", range(1310), (500,) * 26)) == [("code", "CO-197")]


def test_a_cause_that_always_came_in_bursts_is_held_to_that() -> None:
    assert look(series("CO-29", range(22), (4,) * 26)) == [("code", "CO-29")]
    assert look(series("CO-29", range(22), (0, 0, 0, 16) * 6 + (4, 4))) == []


def test_claims_explain_what_days_do_not() -> None:
    """Twice the denials from twice the claims."""
    steady = Series("code", "CO-16", frozenset(range(80)), Decimal(1), (20,) * 26, Span(PAST.first, PAST.last, 13_000))
    assert repeats([steady], [], Span(WINDOW.first, WINDOW.last, 1_000), count=5, most=3) != ()
    assert repeats([steady], [], Span(WINDOW.first, WINDOW.last, 2_000), count=5, most=3) == ()


def test_one_cause_in_six_dimensions_is_one_repeat_the_most_specific() -> None:
    alike = [
        series(dimension, range(20), (2,) * 26, dimension=dimension)
        for dimension in ("category", "practice", "handoff", "payer", "location")
    ]
    assert look(*alike, series("CO-B7", range(20), (2,) * 26)) == [("code", "CO-B7")]


def test_what_is_unusual_only_through_a_known_cause_stays_silent() -> None:
    """The clinic usually has 80 in two weeks; it has 130 because of the 60 with one code, most of them there."""
    code = series("CO-197", range(60), (5,) * 26)
    clinic = series("North Clinic", range(5, 135), (40,) * 26, dimension="practice")
    assert look(code, clinic) == [("code", "CO-197")]
    assert look(clinic) == [("practice", "North Clinic")]


def test_two_causes_are_two_repeats_those_with_most_dollars_first() -> None:
    one = series("CO-B7", range(10), amount=200)
    other = series("CO-31", range(20, 28), amount=900)
    assert look(one, other) == [("code", "CO-31"), ("code", "CO-B7")]


def test_not_more_than_three() -> None:
    many = [series(f"CO-{n}", range(100 * n, 100 * n + 6), amount=n) for n in range(1, 7)]
    assert look(*many) == [("code", "CO-6"), ("code", "CO-5"), ("code", "CO-4")]


def test_a_known_cause_keeps_its_kin_silent() -> None:
    known = Known("handoff", "Prior authorization", frozenset(range(12)), 10.0)
    assert look(series("CO-197", range(6, 18)), known=(known,)) == []  # half is shared
    assert look(series("CO-27", range(11, 30)), known=(known,)) == [("code", "CO-27")]
    assert look(series("Prior authorization", range(50, 90), dimension="handoff"), known=(known,)) == []


def test_data_that_thin_out_begin_where_they_are_whole() -> None:
    end = date(2026, 3, 2)
    old = date(2025, 1, 1)
    assert data_start(old, [20, 22, 18, 21, 2, 0, 1, 3], end) == end - timedelta(weeks=4)
    assert data_start(old, [20, 22, 0, 0, 18, 21, 19], end) == end - timedelta(weeks=7)  # a fortnight without a remit
    assert data_start(end - timedelta(days=10), [20, 22, 0], end) == end - timedelta(days=10)
    assert data_start(end, [], end) == end


def test_before_four_weeks_there_are_not_enough_data() -> None:
    assert not enough_data(date(2026, 3, 1), date(2026, 3, 27))
    assert enough_data(date(2026, 3, 1), date(2026, 3, 28))


def test_the_past_is_whole_weeks_and_half_a_year_at_most() -> None:
    window = Span(date(2026, 3, 2), date(2026, 3, 15))
    assert past_of(window, date(2026, 2, 11)) == Span(date(2026, 2, 16), date(2026, 3, 1))
    assert past_of(window, date(2020, 1, 1)).days == 26 * 7


@pytest.mark.parametrize(("code", "payer", "a_day"), [("CO-97", None, 4.0), ("CO-18", "Cigna", 3.0)])
def test_a_planted_cause_is_found_within_its_window(code: str, payer: str | None, a_day: float) -> None:
    days = Days(seed=11, a_day=20, length=228)
    days.plant(code, payer, START, START + timedelta(days=20), a_day)
    opened = [(today, repeat) for today, repeat in opened_in(days, first=185)]
    assert [repeat.series.key for _, repeat in opened] == [("code", code)]
    assert START < opened[0][0] <= START + timedelta(days=14)


def test_nothing_is_found_before_four_weeks_whatever_happens() -> None:
    days = Days(seed=3, a_day=10, length=28)
    days.plant("CO-97", None, FIRST + timedelta(days=14), FIRST + timedelta(days=27), 12.0)
    found = [today for today in days.days() if days.look(today)]
    assert found == [FIRST + timedelta(days=27)]


@given(st.integers(0, 10_000), st.sampled_from(["CO-197", "CO-27", "CO-4", "CO-50"]))
def test_whatever_is_planted_one_cause_gives_one_review(seed: int, code: str) -> None:
    days = Days(seed=seed, a_day=6, length=70)
    last = FIRST + timedelta(days=69)
    days.plant(code, None, last - timedelta(days=13), last, 6.0)
    found = days.look(last)
    planted = days_of(days, last, code)
    assert sum(2 * len(one.series.items & planted) >= len(planted) for one in found) == 1


def days_of(days: Days, last: date, code: str) -> frozenset[int]:
    items = days.items(Span(last - timedelta(days=13), last))
    return frozenset(one.number for one in items["code", code])


def test_chance_alone_opens_hardly_any_review() -> None:
    """Three years without a shift, the first weeks of a practice included."""
    opened = [repeat for seed in range(3) for _, repeat in opened_in(Days(seed, a_day=5, length=YEAR))]
    assert len(opened) <= 12, "a third of a false alarm a month"


@pytest.mark.long
@pytest.mark.parametrize("a_day", [2.0, 8.0, 30.0])
def test_false_alarms_stay_under_one_a_month(a_day: float) -> None:
    years = 12
    opened = [repeat for seed in range(years) for _, repeat in opened_in(Days(100 + seed, a_day=a_day, length=YEAR))]
    a_month = len(opened) / (12 * years)
    assert a_month < 0.5, f"{a_day:g} denials a day: {a_month:.2f} false alarms a month in {years} years"
