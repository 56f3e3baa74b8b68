"""Decisions can be explained, and changed rules tried out on what was already denied."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from denials.rules.backtest import Move, Total, backtest
from denials.rules.explain import explain
from denials.rules.load import load_rules
from denials.triage import triage
from denials.triage_types import Facts
from tests.denials.claims import facts

TODAY = date(2026, 3, 2)
BEFORE = """
ops_channel: C0OPS
payers: {"*acme*": Acme}
owners: {front: {channel: C0FRONT, title: Front desk}, back: {channel: C0BACK}}
categories: {authorization: {owner: front}, coding: {owner: back}, registration: {owner: front}}
"""
AFTER = BEFORE + """
rules:
  - {id: acme-auth, match: {payer: "*acme*", carc: ["197"]}, category: coding}
  - {id: auth-back, match: {carc: ["197"]}, category: authorization, owner: back}
"""  # fmt: skip


def test_an_explanation_says_what_happens_next_until_when_and_why() -> None:
    found = explain(load_rules(BEFORE), facts("CO", "197", payer="ACME HEALTH"), TODAY)

    assert found.as_json() == {
        "group": "CO",
        "carc": "197",
        "rarcs": [],
        "counts_as": "denial",
        "category": "authorization",
        "category_title": "Missing authorization",
        "owner": "front",
        "owner_title": "Front desk",
        "channel": "C0FRONT",
        "next_step": found.triage.next_step,
        "handoff": "Prior authorization",
        "preventable": "yes",
        "escalation": "standard",
        "payer": "Acme",
        "due": "2026-05-01",
        "due_days": 60,
        "due_confidence": "assumed",
        "due_source": "assumed, check contract",
        "filing": None,
        "decided_by": "carc:197",
        "why": "CARC 197: No precertification, authorization or notification.",
    }
    assert json.dumps(found.as_json())


def test_an_explanation_of_what_nobody_owns_names_the_ops_channel() -> None:
    found = explain(load_rules(BEFORE), facts("CO", "999", payer="JANE ROE"), TODAY).as_json()

    assert (found["owner"], found["channel"], found["decided_by"]) == (None, "C0OPS", "default")
    assert found["payer"] == "Unlisted payer"


def test_an_explanation_says_when_codes_are_no_denial_or_have_no_appeal() -> None:
    rules = load_rules(BEFORE)

    assert explain(rules, facts("CO", "45"), TODAY).counts_as == "write_down"
    assert explain(rules, facts("PR", "1"), TODAY).counts_as == "patient_share"
    unprocessable = explain(rules, facts("CO", "16", "MA130"), TODAY, service_date=TODAY - timedelta(days=10)).as_json()
    assert unprocessable["due"] is None
    assert unprocessable["filing"] == {
        "due": "2026-05-21",
        "confidence": "assumed",
        "source": "assumed, check contract",
    }


def test_a_backtest_shows_every_move_with_counts_and_dollars() -> None:
    stored = [
        facts("CO", "197", payer="ACME", amount=Decimal("10.50")),
        facts("CO", "197", payer="ACME", amount=Decimal("20.00")),
        facts("CO", "197", payer="OTHER", amount=Decimal("100.00")),
        facts("CO", "16", "N290", amount=Decimal("5.00")),
    ]

    found = backtest(stored, load_rules(BEFORE), load_rules(AFTER))

    assert (found.denials, found.amount) == (4, Decimal("135.50"))
    assert found.moves == (
        Move("authorization", "front", "authorization", "back", 1, Decimal("100.00"), ("rule:auth-back",)),
        Move("authorization", "front", "coding", "back", 2, Decimal("30.50"), ("rule:acme-auth",)),
    )
    assert (found.moved, found.moved_amount) == (3, Decimal("130.50"))
    assert found.categories == (
        Total("authorization", 3, Decimal("130.50"), 1, Decimal("100.00")),
        Total("coding", 0, Decimal(0), 2, Decimal("30.50")),
    )
    assert found.owners == (
        Total("back", 0, Decimal(0), 3, Decimal("130.50")),
        Total("front", 4, Decimal("135.50"), 1, Decimal("5.00")),
    )
    assert json.loads(json.dumps(found.as_json()))["moves"][1] == {
        "from": {"category": "authorization", "owner": "front"},
        "to": {"category": "coding", "owner": "back"},
        "count": 2,
        "amount": "30.50",
        "decided_by": ["rule:acme-auth"],
    }


def test_the_same_rules_move_nothing() -> None:
    found = backtest([facts()], load_rules(AFTER), load_rules(AFTER + "\n# only a comment\n"))

    assert (found.denials, found.moves, found.categories, found.owners) == (1, (), (), ())


asked = st.builds(
    facts,
    st.sampled_from(["CO", "PR"]),
    st.sampled_from(["197", "16", "999", "4"]),
    payer=st.sampled_from(["ACME", "OTHER"]),
    amount=st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100),
)


@given(st.lists(asked, max_size=30))
def test_a_backtest_counts_each_denial_once(denials: list[Facts]) -> None:
    before, after = load_rules(BEFORE), load_rules(AFTER)

    found = backtest(iter(denials), before, after)

    moved = [
        one
        for one in denials
        if (triage(one, before).category, triage(one, before).owner)
        != (triage(one, after).category, triage(one, after).owner)
    ]
    assert found.denials == len(denials)
    assert found.moved == len(moved)
    assert found.moved_amount == sum((one.amount for one in moved), Decimal(0))
    for totals in (found.categories, found.owners):
        assert sum(total.before - total.after for total in totals) == 0
