"""Changed rules can be tried out on what is stored, and nothing comes of it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from denials.model import Sensitive
from denials.rules.backtest import Move
from denials.rules.load import load_rules
from denials.rules.model import RuleSet
from denials.triage_types import Facts
from services.desk import Desk
from services.ingest import ingest_file
from services.rehearsal import asks_for_location, facts_of, rehearse
from store import items, rehearsal
from tests.conftest import SAMPLES

RULES = (SAMPLES / "rules.yaml").read_text(encoding="utf-8")
ROWS = """claim_id,payer,group,carc,rarc,amount,remit_date,procedure,location
C1,AETNA BETTER HEALTH,CO,197,,100.00,2026-03-02,99213,NORTHGATE
C2,AETNA BETTER HEALTH,CO,197,,50.50,2026-03-03,99213,SOUTH
C3,UNITED,CO,16,N290;M79,20.00,2026-03-04,97110,
C4,UNITED,CO,197,,10.00,2025-03-04,97110,
"""


@pytest.fixture
def stocked(desk: Desk, tmp_path: Path) -> Desk:
    """Four denials of an export, one of them a year old."""
    path = tmp_path / "export.csv"
    path.write_text(ROWS, encoding="utf-8")
    assert ingest_file(desk, path).new == 4
    return desk


def changed(rule: str) -> RuleSet:
    """The test rules with this rule in the place of theirs."""
    return load_rules(f"{RULES.partition('rules:')[0]}rules:\n  - {rule}\n")


def test_stored_denials_come_back_with_all_that_rules_may_look_at(stocked: Desk) -> None:
    with stocked.db.read() as session:
        told = rehearsal.denials_since(session, None, with_claim=True)
        found = sorted((facts for _, facts in facts_of(stocked.vault, told)), key=lambda one: -one.amount)

    assert found[0] == Facts(
        Sensitive("AETNA BETTER HEALTH"),
        group="CO",
        carc="197",
        amount=Decimal("100.00"),
        procedure="99213",
        location=Sensitive("NORTHGATE"),
    )
    assert (found[2].rarcs, found[2].location) == (("N290", "M79"), None)


def test_every_move_is_counted_with_its_dollars(stocked: Desk) -> None:
    rules = changed('{id: aetna-auth, match: {payer: "*aetna*", carc: ["197"]}, category: coding}')

    found = rehearse(stocked, rules)

    assert (found.denials, found.amount) == (4, Decimal("180.50"))
    assert found.moves == (
        Move("authorization", "auth_team", "coding", "coding_team", 2, Decimal("150.50"), ("rule:aetna-auth",)),
    )


def test_only_the_last_days_are_looked_at_when_asked_so(stocked: Desk) -> None:
    rules = changed('{id: all-auth, match: {carc: ["197"]}, category: coding}')

    assert rehearse(stocked, rules).moved == 3
    assert rehearse(stocked, rules, days=90).moved == 2
    assert rehearse(stocked, rules, days=7).denials == 2


def test_a_rule_for_a_location_is_tried_on_the_sealed_locations(stocked: Desk) -> None:
    rules = changed("{id: north, match: {location: north*}, category: coding}")

    assert asks_for_location(rules)
    assert not asks_for_location(stocked.rules)
    assert [(move.count, move.amount) for move in rehearse(stocked, rules).moves] == [(1, Decimal("100.00"))]


def test_a_rehearsal_changes_nothing(stocked: Desk) -> None:
    def stored() -> list[object]:
        with stocked.db.read() as session:
            return [items.by_ids(session, range(1, 9)), items.events_of(session, 1)]

    before = repr(stored())
    rehearse(stocked, changed("{id: all, match: {min_amount: 1}, category: coding}"))
    assert repr(stored()) == before


def test_the_rules_in_force_move_nothing(stocked: Desk) -> None:
    assert rehearse(stocked, stocked.rules).moves == ()
