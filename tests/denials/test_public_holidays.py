"""Public holidays, loaded country by country: the same days as the library's usual way gives."""

from __future__ import annotations

import subprocess
import sys

import holidays
import pytest

from denials.public_holidays import country_of, holidays_of


@pytest.mark.parametrize("place", ["US", "US-NY", "US-CA", "CA-ON", "DE-BY", "GB", "PR"])
@pytest.mark.parametrize("year", [2024, 2026, 2031])
def test_the_days_are_those_of_the_library(place: str, year: int) -> None:
    country, _, state = place.partition("-")
    expected = frozenset(holidays.country_holidays(country, subdiv=state or None, years=year))
    assert holidays_of(place, year) == expected


@pytest.mark.parametrize("code", ["XX", "us", "U", "", "USA", "U.", "../x"])
def test_no_other_code_is_a_country(code: str) -> None:
    assert country_of(code) is None


@pytest.mark.parametrize("place", ["XX", "US-XX", "us"])
def test_an_unknown_place_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="no holidays known"):
        holidays_of(place, 2026)


def test_one_country_does_not_load_all_of_them() -> None:
    code = (
        "import sys; from denials.public_holidays import holidays_of; holidays_of('US-NY', 2026);"
        "print('holidays.countries' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
