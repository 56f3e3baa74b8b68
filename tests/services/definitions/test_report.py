"""One test per definition of payers and the weekly report, on a practice that is counted by hand.

A test is named after the anchor of its definition. It compares with what the public numbers say.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from denials.rules.model import RuleSet
from denials.weeks import Week
from services import report, scorecard
from services.desk import Desk
from tests.conftest import FixedClock
from tests.services.definitions.measured import WEEK

# Payers, February 25 to March 10


@pytest.fixture(scope="module")
def aetna(desk: Desk) -> scorecard.PayerScore:
    """The first of two payers."""
    first, second = scorecard.scorecard(desk, 14).payers
    assert (first.volume.name, first.volume.new, first.volume.amount) == ("Aetna", 16, Decimal(970))
    assert (second.volume.name, second.resolved, second.overturn_rate) == ("OMEGA", 0, None)
    return first


def test_payer_codes(aetna: scorecard.PayerScore) -> None:
    # Six A and V1; B1, P3, E1, E2; three D. The two R of CO-31 are fourth.
    assert aetna.top_codes == (("CO-197", 7), ("CO-27", 4), ("CO-4", 3))


def test_payer_days(aetna: scorecard.PayerScore) -> None:
    assert (aetna.resolved, aetna.median_days) == (5, 3.0)  # 1, 2, 3, 4, 9: all of them are Aetna's


def test_payer_overturn_rate(aetna: scorecard.PayerScore) -> None:
    assert (aetna.overturned, aetna.decided, aetna.overturn_rate) == (2, 4, 0.5)


def test_payer_recovered(aetna: scorecard.PayerScore) -> None:
    assert aetna.recovered == Decimal(105)


# Weekly report


def test_week(rules: RuleSet) -> None:
    assert (WEEK.first, WEEK.last, WEEK.before()) == (date(2026, 3, 2), date(2026, 3, 8), Week.parse("2026-W09"))
    # January 1, 2026 is a Thursday, so its week is the first, though it began in December.
    assert Week.parse("2026-W01").first == date(2025, 12, 29)
    monday = report.last_time(rules, FixedClock().now())  # Monday at 8, the day before
    assert report.reported_at(rules, monday) == WEEK


def test_other(told: dict[str, Any]) -> None:
    # Coding 3, registration 2, payer edits 1 are six together. Of the payers OMEGA has 1, so Aetna joins it.
    by_category, by_payer = told["groups"]["category"], told["groups"]["payer"]
    assert [group["name"] for group in by_category["shown"]] == ["authorization", "eligibility"]
    assert (by_category["other"]["new"], by_category["other"]["amount"], by_category["other"]["merged"]) == (
        6,
        "160.00",
        3,
    )
    assert (by_payer["shown"], by_payer["other"]["new"], by_payer["other"]["merged"]) == ([], 17, 2)


def test_due(told: dict[str, Any]) -> None:
    # U1's 60 days end on March 13; E2 is to be followed up on March 12. U2 is past, everything else far off.
    assert told["due"] == {
        "from": "2026-03-10",
        "to": "2026-03-16",
        "deadlines": 1,
        "deadlines_amount": "45.00",
        "follow_ups": 1,
        "follow_ups_amount": "20.00",
    }
