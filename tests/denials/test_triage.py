"""Where a denial goes: the practice's rules first, then the code tables, each with its reason."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials import codes, statuses
from denials.model import Denial, Payer, Preventable, Sensitive, StatusRejection
from denials.rules.load import load_rules
from denials.rules.model import SHIPPED_CATEGORIES, UNCLASSIFIED, RuleSet
from denials.triage import (
    LOOK_INTO_TAKE_BACK,
    RESEND,
    facts_of,
    facts_of_rejection,
    facts_of_take_back,
    matches,
    triage,
)
from denials.triage_types import STATUS_4, UNEXPLAINED, WHOLE_CHARGE, Facts
from tests.denials.claims import REMITTED, claim, facts, line

ROOT = Path(__file__).parents[2]
OWNERS = """
ops_channel: C0OPS
owners:
  front: {channel: C0FRONT}
  back: {channel: C0BACK}
categories:
  registration: {owner: front}
  authorization: {owner: front}
  coding: {owner: back}
  denied_often: {owner: back, title: Denied often, next_step: Call the payer., handoff: Scheduling, preventable: "no"}
"""


def rules_with(rules: str) -> RuleSet:
    """Two owners, four categories and these rules."""
    return load_rules(f"{OWNERS}rules:\n{rules}")


PLAIN = load_rules(OWNERS)


@pytest.mark.parametrize(
    ("asked", "category", "decided_by"),
    [
        (facts("CO", "197"), "authorization", "carc:197"),
        (facts("PR", "31"), "registration", "carc:31"),
        (facts("CO", "29"), "follow_up", "carc:29"),
        (facts("CO", "16", "N290"), "registration", "rarc:N290"),
        (facts("CO", "16", "M51"), "coding", "rarc:M51"),
        (facts("CO", "96", "N115"), "documentation", "rarc:N115"),
        (facts("CO", "A1", "N435"), "payer_edit", "rarc:N435"),
        (facts("CO", "226", "N4"), "eligibility", "rarc:N4"),
        (facts("CO", "16"), "documentation", "carc:16"),
        (facts("CO", "16", "MA01", "N59"), "documentation", "carc:16"),
        (facts("CO", "16", "MA01", "N290"), "registration", "rarc:N290"),
        (facts("CO", "197", "N290"), "authorization", "carc:197"),
        (facts("CO", "50", "M76"), "documentation", "carc:50"),
        (facts("CO", "24"), "eligibility", "carc:24"),
        (facts("CO", "999", "N290"), "registration", "rarc:N290"),
        (facts("CO", "999"), UNCLASSIFIED, "default"),
        (facts("CO", "192"), UNCLASSIFIED, "default"),
        (facts("", "", hint=STATUS_4), "registration", "status:4"),
        (facts("", "", "N115", hint=STATUS_4), "documentation", "rarc:N115"),
        (facts("CO", "45", hint=WHOLE_CHARGE), "payer_edit", "amounts"),
        (facts("CO", "45", "N45", hint=WHOLE_CHARGE), "payer_edit", "amounts"),
        (facts("", "", hint=UNEXPLAINED), "payer_edit", "amounts"),
    ],
)
def test_the_code_tables_decide_where_no_rule_does(asked: Facts, category: str, decided_by: str) -> None:
    found = triage(asked, PLAIN)

    assert (found.category, found.decided_by) == (category, decided_by)


def test_a_remark_that_only_asks_for_a_new_claim_stands_behind_one_that_names_the_cause() -> None:
    assert triage(facts("CO", "16", "MA130", "M51"), PLAIN).decided_by == "rarc:M51"
    assert triage(facts("CO", "16", "MA130"), PLAIN).decided_by == "rarc:MA130"


def test_what_the_file_gives_no_owner_goes_to_the_ops_channel_and_is_not_dropped() -> None:
    for asked in (facts("CO", "29"), facts("CO", "999")):
        found = triage(asked, PLAIN)
        assert found.owner is None
        assert found.next_step
        assert PLAIN.channel_for(found.owner) == "C0OPS"


def test_the_first_rule_that_matches_wins_over_the_table() -> None:
    rules = rules_with("""
      - {id: late, match: {carc: ["197"], min_amount: 500}, category: coding}
      - {id: often, match: {carc: ["197"]}, category: denied_often}
      - {id: rest, match: {group: [CO]}, category: registration}
""")

    assert triage(facts("CO", "197", amount=Decimal("500.00")), rules).decided_by == "rule:late"
    assert triage(facts("CO", "197", amount=Decimal("499.99")), rules).decided_by == "rule:often"
    assert triage(facts("CO", "16", "M51"), rules).decided_by == "rule:rest"
    assert triage(facts("PR", "27"), rules).decided_by == "carc:27"


def test_a_rule_changes_only_what_it_names() -> None:
    rules = rules_with("""
      - {id: bare, match: {carc: ["197"]}, category: denied_often}
      - {id: full, match: {carc: ["198"]}, category: denied_often, owner: front, next_step: Look twice.,
         preventable: "yes", handoff: Front door}
""")

    bare, full = triage(facts("CO", "197"), rules), triage(facts("CO", "198"), rules)

    assert (bare.owner, bare.next_step, bare.preventable, bare.handoff) == (
        "back",
        "Call the payer.",
        Preventable.NO,
        "Scheduling",
    )
    assert (full.owner, full.next_step, full.preventable, full.handoff) == (
        "front",
        "Look twice.",
        Preventable.YES,
        "Front door",
    )


@pytest.mark.parametrize(
    ("match", "hit", "miss"),
    [
        ('payer: "*united*"', facts(payer="UNITED  HEALTH"), facts(payer="AETNA")),
        ('carc: ["4", "197"]', facts("CO", "197"), facts("CO", "16")),
        ('carc: ["016"]', facts("CO", "16"), facts("CO", "197")),
        ("rarc: [N290, M51]", facts("CO", "16", "N59", "M51"), facts("CO", "16", "N59")),
        ("group: [PR]", facts("PR", "27"), facts("CO", "27")),
        ("min_amount: 100.00", facts(amount=Decimal(100)), facts(amount=Decimal("99.99"))),
        ('procedure: ["9711?"]', facts(procedure="97110"), facts()),
        ('location: ["north*"]', facts(location=Sensitive("North 2")), facts()),
        ('practice: ["12345*"]', facts(practice="1234567893"), facts()),
        ("filing_indicator: [MA, MB]", facts(filing_indicator="MB"), facts(filing_indicator="12")),
        ('payer_id: ["60054"]', facts(payer_ids=("1", "60054")), facts(payer_ids=("6005",))),
        ('status_code: ["A7:562"]', facts("", "", status_codes=("A7:562:85",)), facts("", "", status_codes=("A7:56",))),
        ("status_code: [A3]", facts("", "", status_codes=("A7:1", "A3:21")), facts("", "", status_codes=("A7:1",))),
    ],
)
def test_each_condition_holds_for_what_it_names_and_for_nothing_else(match: str, hit: Facts, miss: Facts) -> None:
    rules = rules_with(f"      - {{id: only, match: {{{match}}}, category: coding}}\n")

    assert triage(hit, rules).decided_by == "rule:only"
    assert triage(miss, rules).decided_by != "rule:only"


def test_all_conditions_of_a_rule_must_hold() -> None:
    rules = rules_with('      - {id: both, match: {payer: "*united*", carc: ["197"]}, category: coding}\n')

    assert triage(facts("CO", "197", payer="UNITED"), rules).decided_by == "rule:both"
    assert triage(facts("CO", "16", payer="UNITED"), rules).decided_by != "rule:both"
    assert triage(facts("CO", "197", payer="AETNA"), rules).decided_by != "rule:both"


def test_answers_kept_for_one_denial_are_not_given_to_another() -> None:
    rules = rules_with("""
      - {id: big, match: {min_amount: 1000}, category: coding}
      - {id: middle, match: {min_amount: 100, location: ["n*"]}, category: coding}
      - {id: one, match: {payer_id: ["7"], procedure: ["1*"]}, category: coding}
""")
    asked = [
        facts(amount=Decimal(amount), location=place, payer_ids=ids, procedure=procedure)
        for amount in (1, 100, 5000)
        for place in (None, Sensitive("north"), Sensitive("south"))
        for ids in ((), ("7",))
        for procedure in (None, "11", "2")
    ]
    alone = [next((rule.id for rule in rules.rules if matches(rule.match, one)), None) for one in asked]

    for _ in range(2):
        assert [triage(one, rules).decided_by for one in asked] == [f"rule:{id}" if id else "carc:197" for id in alone]


@pytest.mark.parametrize(
    ("status_codes", "category", "decided_by"),
    [
        (("A7:562:85",), "registration", "claim_status:562"),
        (("A3:21", "A7:254"), "coding", "claim_status:254"),
        (("A3:116",), "eligibility", "claim_status:116"),
        (("A7:153:PR",), "eligibility", "claim_status:153"),
        (("A7:252",), "authorization", "claim_status:252"),
        (("A8:21",), UNCLASSIFIED, "default"),
        (("A8:9999",), UNCLASSIFIED, "default"),
    ],
)
def test_a_rejected_claim_goes_by_its_status_and_is_sent_again(
    status_codes: tuple[str, ...], category: str, decided_by: str
) -> None:
    payer = Payer(Sensitive("ACME HEALTH"))
    rejection = StatusRejection(Sensitive("C1"), status_codes, Decimal(80), payer, REMITTED, "ack", 1)

    found = triage(facts_of_rejection(rejection), PLAIN)

    assert (found.category, found.decided_by, found.next_step) == (category, decided_by, RESEND)


def test_a_rule_may_move_rejections_but_they_are_still_sent_again() -> None:
    rules = rules_with("      - {id: format, match: {status_code: [A3]}, category: coding}\n")

    found = triage(facts("", "", status_codes=("A3:21",)), rules)

    assert (found.category, found.next_step) == ("coding", RESEND)


def test_a_take_back_goes_to_follow_up() -> None:
    found = triage(facts_of_take_back(claim("-100", "-80", "CO-45 -20", status="22")), PLAIN)

    assert (found.category, found.decided_by, found.next_step) == ("follow_up", "status:22", LOOK_INTO_TAKE_BACK)


def test_facts_come_from_claim_and_denial() -> None:
    denied = claim(
        "100",
        "0",
        "",
        line("100", "0", "CO-16 100"),
        payee_npi="1234567893",
        filing_indicator="MB",
        location=Sensitive("N"),
    )
    found = facts_of(denied, Denial("CO", "16", Decimal(100), ("N290",), "99213", 1))

    assert found == Facts(
        payer_name=Sensitive("ACME HEALTH"),
        payer_ids=("60054",),
        filing_indicator="MB",
        group="CO",
        carc="16",
        rarcs=("N290",),
        amount=Decimal(100),
        procedure="99213",
        practice="1234567893",
        location=Sensitive("N"),
    )


def test_reasons_hold_no_text_from_the_file() -> None:
    asked = facts("CO", "XYZZY", "SECRET", payer="JANE ROE", location=Sensitive("JANE'S"), procedure="JANE9")

    found = triage(asked, PLAIN)

    assert not any(word in f"{found}" for word in ("XYZZY", "SECRET", "JANE"))


SHIPPED = load_rules((ROOT / "rules.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("group", ["CO", "PR", "OA", "PI", ""])
def test_every_code_of_the_table_that_can_be_a_denial_has_a_place_in_the_shipped_rules(group: str) -> None:
    for row in codes.carcs().values():
        if codes.classify_adjustment(group, row.code) != "denial":
            continue
        found = triage(facts(group, row.code), SHIPPED)
        assert found.owner in SHIPPED.owners, row.code
        if row.category != "none":
            assert found.category == row.category, row.code
        elif row.secondary_category:
            assert found.category == row.secondary_category, row.code


def test_every_remark_that_names_a_cause_beats_a_generic_code() -> None:
    for row in codes.rarcs().values():
        for generic in codes.GENERIC_CARCS:
            found = triage(facts("CO", generic, row.code), SHIPPED)
            wanted = row.category if row.category != "none" else codes.carcs()[generic].category
            assert found.category == wanted, (generic, row.code)


def test_every_claim_status_of_the_table_is_valid_and_leads_somewhere() -> None:
    for code, row in statuses.claim_statuses().items():
        assert row.category in (*SHIPPED_CATEGORIES, "none"), code
        assert row.description
        found = triage(facts("", "", status_codes=(f"A7:{code}",)), SHIPPED)
        assert found.category == (row.category if row.category != "none" else UNCLASSIFIED)


words = st.text(max_size=12)


@given(
    st.builds(
        Facts,
        payer_name=words.map(Sensitive),
        payer_ids=st.lists(words, max_size=3).map(tuple),
        filing_indicator=words,
        group=words,
        carc=words | st.sampled_from(sorted(codes.carcs())),
        rarcs=st.lists(words | st.sampled_from(sorted(codes.rarcs())), max_size=3).map(tuple),
        amount=st.decimals(min_value=-10, max_value=10_000, places=2),
        procedure=st.none() | words,
        practice=st.none() | words,
        location=st.none() | words.map(Sensitive),
        status_codes=st.lists(words, max_size=2).map(tuple),
        hint=st.sampled_from(["", STATUS_4, WHOLE_CHARGE, "odd"]),
    )
)
def test_nothing_is_ever_without_a_category_a_next_step_and_a_reason(asked: Facts) -> None:
    found = triage(asked, SHIPPED)

    assert found.category in SHIPPED.categories
    assert found.next_step
    assert found.handoff in SHIPPED.handoffs
    assert found.escalation in SHIPPED.escalations
    assert found.decided_by
    assert found.why.endswith(".")
