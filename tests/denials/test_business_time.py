"""Business time: hours, days, holidays and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.business_time import Calendar
from denials.rules.model import BusinessHours, Duration

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = Calendar(BusinessHours(), NEW_YORK)
NIGHT_SHIFT = Calendar(
    BusinessHours(days=frozenset(range(7)), open=time(0, 30), close=time(6, 30), holidays=()), NEW_YORK
)


def local(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def after(start: str, span: str, calendar: Calendar = OFFICE) -> str:
    reached = calendar.after(local(start), Duration.parse(span))
    assert reached.tzinfo is UTC
    return reached.astimezone(NEW_YORK).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("start", "span", "expected"),
    [
        ("2026-03-10T11:00", "4bh", "2026-03-10T15:00"),
        ("2026-03-10T15:00", "4bh", "2026-03-11T10:00"),
        ("2026-03-10T13:00", "4bh", "2026-03-10T17:00"),
        ("2026-03-10T11:00", "1bd", "2026-03-11T11:00"),
        ("2026-03-10T08:00", "1bd", "2026-03-10T17:00"),
        ("2026-03-13T16:00", "1bd", "2026-03-16T16:00"),  # Friday to Monday
        ("2026-03-14T12:00", "4bh", "2026-03-16T12:00"),  # a Saturday counts from Monday's opening
        ("2026-03-10T06:00", "1bh", "2026-03-10T09:00"),
        ("2026-03-10T20:00", "1bh", "2026-03-11T09:00"),
        ("2026-03-06T12:00", "5bd", "2026-03-13T12:00"),  # over the change to summer time
        ("2026-10-30T12:00", "1bd", "2026-11-02T12:00"),  # and back
        ("2026-07-02T12:00", "1bd", "2026-07-06T12:00"),  # July 4 is a Saturday, observed on Friday the 3rd
        ("2026-12-24T16:00", "2bh", "2026-12-28T09:00"),
        ("2027-12-30T16:00", "2bh", "2028-01-03T09:00"),  # New Year's Day observed in the old year
        ("2026-03-07T12:00", "24h", "2026-03-08T13:00"),  # elapsed time
        ("2026-03-07T12:00", "1d", "2026-03-08T12:00"),  # local days
        ("2026-03-07T02:30", "1d", "2026-03-08T03:30"),  # 02:30 does not exist that day
        ("2026-03-10T11:00", "30s", "2026-03-10T11:00"),
        ("2026-03-10T11:00", "90m", "2026-03-10T12:30"),
    ],
)
def test_a_duration_reaches(start: str, span: str, expected: str) -> None:
    assert after(start, span) == expected


def test_a_clock_change_inside_the_hours_makes_that_day_shorter_or_longer() -> None:
    assert after("2026-03-08T00:30", "4bh", NIGHT_SHIFT) == "2026-03-08T05:30"
    assert after("2026-11-01T00:30", "4bh", NIGHT_SHIFT) == "2026-11-01T03:30"


def test_open_includes_the_opening_and_not_the_closing_minute() -> None:
    assert OFFICE.is_open(local("2026-03-10T08:00"))
    assert OFFICE.is_open(local("2026-03-10T16:59"))
    assert not OFFICE.is_open(local("2026-03-10T17:00"))
    assert not OFFICE.is_open(local("2026-03-14T12:00"))
    assert not OFFICE.is_open(local("2026-11-26T12:00"))  # Thanksgiving


def test_single_dates_are_closed_too() -> None:
    office = Calendar(BusinessHours(holidays=("US-NY",), closed_on=frozenset({date(2026, 3, 11)})), NEW_YORK)
    assert after("2026-03-10T16:00", "2bh", office) == "2026-03-12T09:00"


@pytest.mark.parametrize(
    ("end", "span", "expected"),
    [
        ("2026-03-16T00:00", "7d", "2026-03-09T00:00"),
        ("2026-03-09T00:00", "7d", "2026-03-02T00:00"),  # local midnight on both sides of the clock change
        ("2026-03-16T00:00", "1bd", "2026-03-13T08:00"),
        ("2026-03-16T00:00", "2bh", "2026-03-13T15:00"),
        ("2026-03-16T00:00", "48h", "2026-03-14T00:00"),
    ],
)
def test_a_duration_reaches_back(end: str, span: str, expected: str) -> None:
    reached = OFFICE.before(local(end), Duration.parse(span)).astimezone(NEW_YORK)
    assert reached.strftime("%Y-%m-%dT%H:%M") == expected


def test_hours_that_never_open_are_refused() -> None:
    with pytest.raises(ValueError, match="opening time before"):
        Calendar(BusinessHours(open=time(17), close=time(8)), NEW_YORK)
    with pytest.raises(ValueError, match="need a day"):
        Calendar(BusinessHours(days=frozenset()), NEW_YORK)
    with pytest.raises(ValueError, match="no holidays known"):
        Calendar(BusinessHours(holidays=("QQ",)), NEW_YORK).is_open(local("2026-03-10T12:00"))


FIRST, LAST = datetime.fromisoformat("2025-12-01"), datetime.fromisoformat("2027-02-01")
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
spans = st.builds(Duration, st.integers(0, 60), st.sampled_from(["bh", "bd"]))
offices = st.builds(
    lambda days, opens, length, zone: Calendar(
        BusinessHours(
            days=days, open=time(opens // 60, opens % 60), close=time((opens + length) // 60, (opens + length) % 60)
        ),
        ZoneInfo(zone),
    ),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 700),
    st.integers(30, 700),
    st.sampled_from(["America/New_York", "America/Los_Angeles", "America/Phoenix", "UTC", "Pacific/Auckland"]),
)


def minute_by_minute(office: Calendar, start: datetime, end: datetime) -> timedelta:
    """Business time counted the slow way, from minutes that are open."""
    count, at = 0, start
    while at < end:
        count += office.is_open(at)
        at += timedelta(minutes=1)
    return timedelta(minutes=count)


@given(offices, moments.map(lambda at: at.replace(second=0, microsecond=0)), st.integers(0, 8))
def test_business_time_is_what_a_slow_count_of_open_minutes_says(office: Calendar, start: datetime, hours: int) -> None:
    reached = office.after(start, Duration(hours, "bh"))
    if reached - start < timedelta(days=9):
        assert minute_by_minute(office, start, reached) == timedelta(hours=hours)
    assert office.elapsed(start, reached) == timedelta(hours=hours)


@given(offices, moments, spans)
def test_going_forward_and_back_again_returns_to_business_time(
    office: Calendar, start: datetime, span: Duration
) -> None:
    reached = office.after(start, span)
    back = office.before(reached, span)
    assert office.elapsed(back, reached) == office.elapsed(start, reached)
    assert back >= start


@given(offices, moments, spans, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_later_start_never_ends_earlier(office: Calendar, start: datetime, span: Duration, delay: timedelta) -> None:
    assert office.after(start, span) <= office.after(start + delay, span)


@given(offices, moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(office: Calendar, at: datetime) -> None:
    opening = office.next_opening(at)
    assert opening >= at
    assert office.is_open(opening)
    assert office.elapsed(at, opening) == timedelta(0)
