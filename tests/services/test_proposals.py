"""Hand-offs that keep coming are proposed as a rule, once, with evidence; the rules stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from denials.reasons import HandOffReason
from denials.rules.load import load_rules
from denials.triage import triage
from services import delivery
from services.desk import Desk
from services.ingest import ingest_file
from services.moves import Destination, hand_off
from services.people import Actor
from services.proposals import MOST_A_DAY, propose_due
from services.rehearsal import facts_of
from services.views import Done, Moved, Proposal
from services.work import claim
from store import rehearsal
from tests.conftest import SAMPLES, FixedClock, FixedRules

RULES = (SAMPLES / "rules.yaml").read_text(encoding="utf-8")
ADMIN = Actor("U0ADMIN")
TakeIn = Callable[..., list[str]]


@pytest.fixture
def take_in(desk: Desk, tmp_path: Path) -> TakeIn:
    """Takes in so many denials of one kind; their references."""
    numbers = iter(range(1000))

    def take(count: int, payer: str = "AETNA BETTER HEALTH", carc: str = "197", rarc: str = "") -> list[str]:
        rows = [f"C{next(numbers)},{payer},CO,{carc},{rarc},{100 + n}.00,2026-03-02" for n in range(count)]
        path = tmp_path / f"export{rows[0][:4].rstrip(',')}.csv"
        path.write_text("\n".join(["claim_id,payer,group,carc,rarc,amount,remit_date", *rows]), encoding="utf-8")
        before = set(_refs(desk))
        assert ingest_file(desk, path).new == count
        return [ref for ref in _refs(desk) if ref not in before]

    return take


def _refs(desk: Desk) -> list[str]:
    with desk.db.read() as session:
        return list(dict.fromkeys(one.ref for one in rehearsal.denials_since(session, None)))


def _hand(desk: Desk, refs: Iterable[str], reason: HandOffReason = HandOffReason.WRONG_CATEGORY) -> None:
    for ref in refs:
        done = hand_off(desk, ref, None, ADMIN, Destination("coding", reason), gather=True)
        assert isinstance(done, Done)


def _told(desk: Desk) -> list[Proposal]:
    """Every proposal that waits to be posted, with whatever else is sent before it."""
    found = []
    while sends := delivery.take(desk, "w", limit=50):
        for send in sends:
            shown = delivery.content(desk, send)
            if isinstance(shown, Proposal):
                assert send.channel == "C0OPS"
                found.append(shown)
            delivery.posted(desk, send, send.channel, send.message_id)
    return found


def test_the_same_kind_handed_on_again_and_again_is_proposed_with_its_evidence(desk: Desk, take_in: TakeIn) -> None:
    refs = take_in(4)
    take_in(1, payer="UNITED")
    _hand(desk, refs[:3])

    assert propose_due(desk) == 1

    [shown] = _told(desk)
    assert (shown.payer, shown.code, shown.remark) == ("Aetna", "CO-197", "")
    assert (shown.count, shown.people, shown.kept) == (3, 1, 0)
    assert set(shown.refs) == set(refs[:3])
    assert (shown.tried, shown.replaces) == (5, ())
    assert shown.moves == (Moved("Missing authorization", shown.to_title, 4, Decimal("406.00")),)


def test_the_yaml_does_what_people_did(desk: Desk, take_in: TakeIn) -> None:
    _hand(desk, take_in(3, carc="16", rarc="N290"))
    propose_due(desk)

    [shown] = _told(desk)

    after = load_rules(RULES.replace("\nrules:\n", f"\nrules:\n{shown.yaml}"))
    with desk.db.read() as session:
        denials = [facts for _, facts in facts_of(desk.vault, rehearsal.denials_since(session, None))]
    assert {triage(one, after).category for one in denials} == {"coding"}


def test_nothing_is_proposed_twice(desk: Desk, take_in: TakeIn, clock: FixedClock) -> None:
    _hand(desk, take_in(3))
    assert [propose_due(desk), propose_due(desk)] == [1, 0]
    clock.forward(days=1)
    _hand(desk, take_in(2))

    assert propose_due(desk) == 0


def test_what_a_rule_does_already_is_not_proposed(desk: Desk, take_in: TakeIn) -> None:
    _hand(desk, take_in(3))
    rule = '  - {id: mine, match: {payer: "*aetna*", carc: ["197"]}, category: coding}\n'
    source = desk.rules_source
    assert isinstance(source, FixedRules)
    source.rules = load_rules(RULES.replace("\nrules:\n", f"\nrules:\n{rule}"))

    assert propose_due(desk) == 0


def test_work_that_moves_on_is_no_correction(desk: Desk, take_in: TakeIn) -> None:
    _hand(desk, take_in(3), HandOffReason.OUR_PART_DONE)

    assert propose_due(desk) == 0


def test_where_people_disagree_nothing_is_proposed(desk: Desk, take_in: TakeIn) -> None:
    refs = take_in(6)
    _hand(desk, refs[:3])
    for ref in refs[3:5]:
        assert isinstance(claim(desk, ref, None, ADMIN), Done)

    assert propose_due(desk) == 0


def test_outside_business_hours_nobody_is_told(desk: Desk, take_in: TakeIn, clock: FixedClock) -> None:
    _hand(desk, take_in(3))
    clock.forward(hours=12)
    assert propose_due(desk) == 0
    clock.forward(hours=12)
    assert propose_due(desk) == 1


def test_a_day_brings_only_a_few_the_most_dollars_first(desk: Desk, take_in: TakeIn, clock: FixedClock) -> None:
    for number, carc in enumerate(("197", "31", "29", "18"), start=3):
        _hand(desk, take_in(number, carc=carc))

    assert propose_due(desk) == MOST_A_DAY
    assert [one.code for one in _told(desk)] == ["CO-18", "CO-29", "CO-31"]
    clock.forward(days=1)
    assert propose_due(desk) == 1


def test_hand_offs_of_long_ago_count_no_more(desk: Desk, take_in: TakeIn, clock: FixedClock) -> None:
    _hand(desk, take_in(3))
    clock.forward(days=91)

    assert propose_due(desk) == 0
