"""Corrections that keep coming become a rule that would have made them, proposed as it can be pasted."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.proposals import FEWEST, Alike, Correction, agreed, alike_of, proposals
from denials.rules.labels import UNLISTED_PAYER
from denials.rules.load import check_rules, load_rules
from denials.rules.model import Match
from denials.triage import triage
from denials.triage_types import Facts
from tests.denials.claims import facts

FILE = """
ops_channel: C0OPS
payers: {"*acme*": Acme, "*united*": UnitedHealthcare}
owners: {front: {channel: C0FRONT}, back: {channel: C0BACK}}
categories: {authorization: {owner: front}, coding: {owner: back}, registration: {owner: front}}
"""
RULES = load_rules(FILE)


def handed(
    count: int = FEWEST, to: str = "coding", denial: Facts | None = None, label: str = "Acme", **more: Any
) -> list[Correction]:
    """So many denials that were handed to another category."""
    what = denial or facts("CO", "197", payer="ACME HEALTH")
    values: dict[str, Any] = {
        "alike": alike_of(label, what),
        "came_to": "authorization",
        "handed_to": to,
        "amount": Decimal("100.00"),
        "by": "U0FRONT1",
        "facts": what,
    }
    return [Correction(ref=f"DN-{number}", **{**values, **more}) for number in range(count)]


def test_what_is_handed_on_again_and_again_becomes_a_rule() -> None:
    [made] = proposals(handed(), RULES)

    assert made.rule.match == Match(payer=("*acme*",), carc=("197",), group=("CO",))
    assert made.rule.category == "coding"
    assert made.yaml == (
        "  - id: acme-co-197-coding\n"
        '    match: {payer: ["*acme*"], group: ["CO"], carc: ["197"]}\n'
        "    category: coding\n"
    )
    assert [one.ref for one in made.corrections] == ["DN-0", "DN-1", "DN-2"]


def test_the_yaml_can_be_pasted_as_the_first_rule() -> None:
    [made] = proposals(handed(), RULES)

    text = f"{FILE}rules:\n{made.yaml}"

    assert [one for one in check_rules(text) if one.severity == "error"] == []
    assert triage(facts("CO", "197", payer="ACME HEALTH"), load_rules(text)).category == "coding"
    assert proposals(handed(), load_rules(text)) == (), "then nothing is left to propose"


def test_a_remark_is_part_of_what_is_alike() -> None:
    [made] = proposals(
        handed(denial=facts("CO", "16", "N290", "M79", payer="United of X"), label="UnitedHealthcare"), RULES
    )

    assert made.rule.match == Match(payer=("*united*",), carc=("16",), group=("CO",), rarc=("N290",))
    assert made.rule.id == "unitedhealthcare-co-16-n290-coding"


def test_few_corrections_and_different_ones_propose_nothing() -> None:
    assert proposals(handed(FEWEST - 1), RULES) == ()
    mixed = [*handed(2), *handed(2, to="registration"), *handed(2, denial=facts("CO", "29"))]
    assert proposals(mixed, RULES) == ()


def test_what_the_rules_do_already_is_not_proposed() -> None:
    assert proposals(handed(to="authorization", came_to="coding"), RULES) == ()


def test_a_category_that_is_not_in_the_file_any_more_is_not_proposed() -> None:
    assert proposals(handed(to="bygone"), RULES) == ()


def test_a_payer_without_a_label_stays_out() -> None:
    assert proposals(handed(denial=facts(payer="JANE ROE"), label=UNLISTED_PAYER), RULES) == ()


def test_a_rule_that_would_never_match_any_more_has_to_go() -> None:
    match = "{payer: '*acme*', carc: ['197'], group: CO, min_amount: 5}"
    rule = f"rules:\n  - {{id: old, match: {match}, category: registration}}\n"
    before = load_rules(FILE + rule)

    [made] = proposals(handed(came_to="registration"), before)

    assert made.replaces == ("old",)
    assert [one.id for one in made.applied(before).rules] == [made.rule.id]
    both = check_rules(f"{FILE}{rule.replace('rules:', 'rules:' + chr(10) + made.yaml.rstrip())}")
    assert any("takes all of it first" in one.message for one in both), "which is why it is named"


def test_a_rule_keeps_its_own_name_beside_one_that_has_it() -> None:
    taken = load_rules(FILE + "rules:\n  - {id: acme-co-197-coding, match: {carc: ['29']}, category: coding}\n")

    assert proposals(handed(), taken)[0].rule.id == "acme-co-197-coding-2"


def test_rejections_are_matched_by_their_status() -> None:
    rejected = replace(facts("", ""), status_codes=("A7:562:85",))

    [made] = proposals(handed(denial=rejected, came_to="registration"), RULES)

    assert made.rule.match == Match(payer=("*acme*",), status_code=("A7:562:85",))


@pytest.mark.parametrize(("corrected", "kept", "enough"), [(3, 0, True), (3, 1, True), (3, 2, False), (2, 0, False)])
def test_people_must_agree(corrected: int, kept: int, enough: bool) -> None:
    assert agreed(corrected, kept) is enough


names = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=60)


@given(names, st.sampled_from(["16", "197", "999"]), st.sampled_from(["", "N290"]))
def test_whatever_a_payer_calls_itself_a_proposal_does_what_it_says(name: str, carc: str, remark: str) -> None:
    denial = facts("CO", carc, *([remark] if remark else []), payer=name)
    label = RULES.payer_label(denial.payer_name, trusted=True)

    for made in proposals(handed(denial=denial, label=label), RULES):
        found = triage(denial, load_rules(f"{FILE}rules:\n{made.yaml}"))
        assert (found.category, found.decided_by) == ("coding", f"rule:{made.rule.id}")
        assert "`" not in made.yaml


@given(st.from_regex(r"[A-Za-z]{3}[A-Za-z0-9 &.,'-]{0,60}", fullmatch=True))
def test_a_plain_name_always_finds_its_rule(name: str) -> None:
    denial = facts(payer=name)

    assert len(proposals(handed(denial=denial, label=RULES.payer_label(denial.payer_name, True)), RULES)) == 1


def test_what_is_alike_has_payer_code_and_first_remark() -> None:
    assert alike_of("Acme", facts("CO", "16", "N290", "M79")) == Alike("Acme", "CO-16", "N290")
    assert alike_of("Acme", facts("", "16")) == Alike("Acme", "16")
