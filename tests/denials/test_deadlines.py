"""Until when a denial can be appealed or sent again, and how far to trust that."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from denials.codes import payer_deadlines
from denials.deadlines import deadlines
from denials.rules.load import load_rules
from denials.rules.model import RuleSet
from denials.triage_types import Deadlines, Facts
from tests.denials.claims import REMITTED, SERVED, facts

DEFAULTS = load_rules("ops_channel: C0OPS\n")
LARGE = """
ops_channel: C0OPS
deadlines:
  - {payer: "*medicare*adv*", appeal: 60d, confidence: assumed, source: plan rules differ}
  - {filing_indicator: [MA, MB], appeal: 120d, filing: 365d, confidence: high, source: Medicare redetermination}
  - {payer: "*acme*", appeal: 90d, confidence: high, source: our contract}
  - {payer_id: ["60054"], filing_indicator: ["12"], appeal: 180d, confidence: high}
"""
RULES = load_rules(LARGE)


def limits(asked: Facts, rules: RuleSet = RULES, service_date: date | None = SERVED) -> Deadlines:
    return deadlines(asked, rules, remit_date=REMITTED, service_date=service_date)


def test_appeal_runs_from_the_remit_and_filing_from_the_service() -> None:
    found = limits(facts(filing_indicator="MB", payer="NORIDIAN"))

    assert found.appeal is not None
    assert found.filing is not None
    assert (found.appeal.due, found.appeal.confidence) == (REMITTED + timedelta(days=120), "high")
    assert found.filing.due == SERVED + timedelta(days=365)
    assert found.appeal.source == "Medicare redetermination"


def test_the_first_row_that_matches_wins() -> None:
    found = limits(facts(filing_indicator="MA", payer="ACME MEDICARE ADVANTAGE"))

    assert found.appeal is not None
    assert found.appeal.due == REMITTED + timedelta(days=60)
    assert found.filing is None


def test_a_name_alone_never_gives_high_confidence() -> None:
    found = limits(facts(payer="Acme Health"))

    assert found.appeal is not None
    assert (found.appeal.confidence, found.appeal.source) == ("medium", "our contract")


def test_every_condition_of_a_row_must_hold() -> None:
    both = limits(facts(payer="OTHER", payer_ids=("1", "60054"), filing_indicator="12"))
    one = limits(facts(payer="OTHER", payer_ids=("60054",), filing_indicator="13"))

    assert both.appeal is not None
    assert both.appeal.confidence == "high"
    assert one == Deadlines()


def test_what_was_not_said_is_not_known() -> None:
    assert limits(facts(filing_indicator="MB"), service_date=None).filing is None
    assert limits(facts(payer="NOBODY")) == Deadlines()


@pytest.mark.parametrize("remark", ["MA130", "N211"])
def test_a_remark_can_take_the_appeal_away(remark: str) -> None:
    found = limits(facts("CO", "16", "M51", remark, filing_indicator="MB"))

    assert found.appeal is None
    assert found.filing is not None


def test_a_rejected_claim_has_a_filing_limit_and_no_appeal() -> None:
    found = limits(facts("", "", status_codes=("A7:562",), filing_indicator="MB"))

    assert found.appeal is None
    assert found.filing is not None


def test_an_unknown_payer_gets_a_short_limit_that_says_it_is_assumed() -> None:
    found = limits(facts(payer="Nobody Knows Health"), DEFAULTS)

    assert found.appeal is not None
    assert (found.appeal.due, found.appeal.confidence) == (REMITTED + timedelta(days=60), "assumed")
    assert "check contract" in found.appeal.source


@pytest.mark.parametrize(
    ("payer", "indicator", "days", "confidence"),
    [
        ("MEDICARE PART B", "", 120, "medium"),
        ("NORIDIAN JE PART B", "MB", 120, "high"),
        ("AARP MEDICARE COMPLETE", "16", 60, "medium"),
        ("UNITED MEDICARE ADVANTAGE", "", 60, "assumed"),
        ("CIGNA HEALTHSPRING", "16", 90, "high"),
        ("CIGNA MEDICARE", "HM", 90, "medium"),
        ("HUMANA GOLD PLUS", "", 65, "low"),
        ("HUMANA INC", "12", 180, "low"),
        ("AETNA LIFE INSURANCE", "12", 180, "medium"),
        ("UNITEDHEALTHCARE", "CI", 365, "medium"),
        ("CIGNA", "12", 180, "medium"),
        ("ANTHEM BLUE CROSS", "BL", 180, "low"),
        ("HIGHMARK", "BL", 180, "low"),
        ("MEDICAID OF OHIO", "", 60, "low"),
        ("SOME PLAN", "MC", 60, "low"),
        ("TRICARE WEST", "CH", 90, "low"),
    ],
)
def test_shipped_limits_of_well_known_payers(payer: str, indicator: str, days: int, confidence: str) -> None:
    found = limits(facts(payer=payer, filing_indicator=indicator), DEFAULTS)

    assert found.appeal is not None
    assert ((found.appeal.due - REMITTED).days, found.appeal.confidence) == (days, confidence)
    assert found.appeal.source


def test_shipped_limits_follow_the_table_of_evidence() -> None:
    indicators = {"ffs": "MB", "medicare advantage": "16", "any": "", "commercial": "12", "unknown": ""}
    checked = 0
    for row in payer_deadlines():
        indicator = indicators.get(row.plan_type)
        if indicator is None or row.level1_days is None:
            continue
        name = row.payer_match.split("|")[0].replace("*", "somebody")
        found = limits(facts(payer=name, filing_indicator=indicator), DEFAULTS)
        assert found.appeal is not None
        assert found.appeal.due == REMITTED + timedelta(days=row.level1_days), row.payer_match
        if row.claim_filing_days is not None:
            assert found.filing is not None
            assert found.filing.due == SERVED + timedelta(days=row.claim_filing_days), row.payer_match
        checked += 1
    assert checked >= 10
