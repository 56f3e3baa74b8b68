"""A rules file becomes a rule set, with shipped defaults for what it leaves out."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from denials.model import Preventable, Sensitive
from denials.rules.build import ANY_NEXT_STEP
from denials.rules.defaults import shipped
from denials.rules.load import check_rules, load_rules
from denials.rules.model import SHIPPED_CATEGORIES, STANDARD, UNCLASSIFIED, Duration, Label, RuleSet, Step

ROOT = Path(__file__).parents[2]
LEAST = "ops_channel: C0OPS\n"
SHIPPED_TEXT = (ROOT / "rules.yaml").read_text(encoding="utf-8")
CONTRACT = """
version: 1
timezone: America/New_York
business_hours: {days: [mon, tue, wed, thu, fri], open: "08:00", close: "17:00", holidays: US}
privacy: {amounts: exact}
digest: {cards: 3, gather: 2m}
ops_channel: C0OPS
reports_channel: C0LEADS
report: {day: mon, at: "08:00"}
payers:
  "*aetna*": Aetna
practices: {"1234567893": {label: North Clinic}}
locations: {"NORTH*": North office}
admins: [U0ADMIN]
owners:
  front_desk:
    channel: C0FRONT
    group: S0FRONT
    members: [U0FRONT1]
    lead: U0LEAD
    manager: U0MANAGER
  auth_team: {channel: "#auth", lead: U0LEAD, manager: U0MANAGER}
categories:
  registration:
    title: Registration errors
    owner: front_desk
    handoff: Patient registration
    preventable: "yes"
    next_step: Correct the member details in the billing system and resubmit.
    escalation: standard
handoffs:
  Patient registration: {owner: front_desk}
escalations:
  standard:
    - {when: unclaimed, after: 4bh, notify: [owner]}
    - {when: unclaimed, after: 1bd, notify: [lead]}
    - {when: claimed, after: 5bd, notify: [assignee]}
    - {when: claimed, after: 10bd, notify: [manager]}
    - {when: open, due_within: 7d, notify: [assignee, lead]}
deadlines:
  - {payer: "*medicare*adv*", appeal: 60d, confidence: assumed, source: "plan rules differ"}
  - {filing_indicator: [MA, MB], appeal: 120d, filing: 365d, confidence: high, source: "Medicare redetermination"}
  - {payer: "*", appeal: 60d, filing: 90d, confidence: assumed}
rules:
  - id: uhc-therapy-auth
    match: {payer: "*united*", carc: ["197"], rarc: [], group: [CO], min_amount: 0, procedure: ["97110"], location: [],
            practice: [], filing_indicator: [], payer_id: [], status_code: []}
    category: authorization
    owner: auth_team
prevention:
  repeat: {count: 5, within: 14d}
  remeasure: 28d
write_off: {second_person_above: 500.00}
profiles:
  athena: {columns: {"Patient Acct": claim_id, Why: carc}, date_format: "%m/%d/%Y"}
"""


def test_a_full_file_is_taken_as_written() -> None:
    rules = load_rules(CONTRACT)

    assert check_rules(CONTRACT) == ()
    assert str(rules.timezone) == "America/New_York"
    assert (rules.business_hours.open, rules.business_hours.close) == (time(8), time(17))
    assert rules.business_hours.days == frozenset(range(5))
    assert rules.business_hours.holidays == ("US",)
    assert (rules.digest.cards, rules.digest.gather) == (3, timedelta(minutes=2))
    assert (rules.ops_channel, rules.reports_channel, rules.admins) == ("C0OPS", "C0LEADS", ("U0ADMIN",))
    assert (rules.report.day, rules.report.at) == (0, time(8))
    assert rules.payers == (Label("*aetna*", "Aetna"),)
    front = rules.owners["front_desk"]
    assert (front.title, front.channel, front.group) == ("Front desk", "C0FRONT", "S0FRONT")
    assert (front.members, front.lead, front.manager) == (("U0FRONT1",), "U0LEAD", "U0MANAGER")
    assert rules.categories["registration"].preventable is Preventable.YES
    assert rules.escalations[STANDARD][0] == Step("unclaimed", ("owner",), after=Duration(4, "bh"))
    assert rules.escalations[STANDARD][4] == Step("open", ("assignee", "lead"), due_within=Duration(7, "d"))
    assert (rules.deadlines[1].appeal_days, rules.deadlines[1].filing_days) == (120, 365)
    assert rules.rules[0].match.payer == ("*united*",)
    assert rules.rules[0].owner == "auth_team"
    assert (rules.prevention.count, rules.prevention.within) == (5, timedelta(days=14))
    assert rules.prevention.remeasure == timedelta(days=28)
    assert rules.write_off_limit == Decimal("500.00")
    assert rules.profiles["athena"].columns == {"patient acct": "claim_id", "why": "carc"}


def test_the_least_file_gets_every_default() -> None:
    rules = load_rules(LEAST)

    assert set(rules.categories) == {*SHIPPED_CATEGORIES, UNCLASSIFIED}
    assert rules.policy(STANDARD)
    assert rules.deadlines
    assert rules.payer_label(Sensitive("AETNA BETTER HEALTH"), trusted=False) == "Aetna"
    assert str(rules.timezone) == "America/New_York"
    assert (rules.amounts, rules.write_off_limit, rules.reports_channel) == ("exact", None, None)
    for category in rules.categories.values():
        assert category.owner is None
        assert rules.channel_for(category.owner) == "C0OPS"


def test_a_part_that_the_file_has_replaces_the_shipped_one_as_a_whole() -> None:
    rules = load_rules(LEAST + 'payers: {"*acme*": Acme}\ndeadlines: [{payer: "*", appeal: 30d}]\n')

    assert rules.payers == (Label("*acme*", "Acme"),)
    assert [row.appeal_days for row in rules.deadlines] == [30]
    assert load_rules(LEAST + "payers: {}\ndeadlines: []\n").payers == ()


def test_the_standard_escalation_is_there_even_beside_policies_of_the_file() -> None:
    rules = load_rules(
        LEAST
        + """
owners: {front: {channel: C0FRONT}}
categories: {coding: {owner: front, escalation: quick}}
escalations: {quick: [{when: unclaimed, after: 1bh, notify: owner}]}
"""
    )

    assert rules.categories["coding"].escalation == "quick"
    assert rules.policy("quick") == (Step("unclaimed", ("owner",), after=Duration(1, "bh")),)
    assert rules.policy(rules.categories["registration"].escalation) == rules.escalations[STANDARD]


def test_a_category_takes_the_shipped_texts_it_does_not_change() -> None:
    rules = load_rules(LEAST + "owners: {a: {channel: C0A}}\ncategories: {coding: {owner: a, next_step: Recode it.}}\n")
    coding, default = rules.categories["coding"], shipped().categories["coding"]

    assert (coding.owner, coding.next_step) == ("a", "Recode it.")
    assert (coding.title, coding.handoff, coding.preventable) == (default.title, default.handoff, default.preventable)


def test_a_category_of_ones_own_is_never_without_a_next_step() -> None:
    text = LEAST + "owners: {a: {channel: C0A}}\ncategories: {dental_xray: {owner: a}}\n"

    own = load_rules(text).categories["dental_xray"]

    assert (own.title, own.handoff, own.next_step) == ("Dental xray", "Dental xray", ANY_NEXT_STEP)
    assert [finding.severity for finding in check_rules(text)] == ["warning"]


def test_a_hand_off_without_a_row_belongs_to_the_owner_of_the_category() -> None:
    rules = load_rules(CONTRACT)

    assert rules.prevention_owner("Patient registration", "coding") == "front_desk"
    assert rules.prevention_owner("Anywhere", "registration") == "front_desk"
    assert rules.prevention_owner("Anywhere", "coding") is None
    assert "Prior authorization" in rules.handoffs


def test_labels_are_the_only_way_a_name_from_a_csv_is_shown() -> None:
    rules = load_rules(CONTRACT)

    assert rules.payer_label(Sensitive("AETNA LIFE"), trusted=False) == "Aetna"
    assert rules.payer_label(Sensitive("JANE ROE"), trusted=False) == "Unlisted payer"
    assert rules.payer_label(Sensitive("ACME <!channel> PLAN"), trusted=True) == "ACME !channel PLAN"
    assert rules.practice_label("1234567893") == "North Clinic"
    assert rules.practice_label("9999999999") is None
    assert rules.location_label(Sensitive("north 4")) == "North office"
    assert rules.location_label(Sensitive("JANE'S HOUSE")) is None


def test_single_days_can_be_holidays() -> None:
    hours = load_rules(LEAST + "business_hours: {holidays: [US-NY, 2026-12-24]}\n").business_hours

    assert (hours.holidays, hours.closed_on) == (("US-NY",), frozenset({date(2026, 12, 24)}))


def test_one_value_may_stand_for_a_list_of_one() -> None:
    text = LEAST + "rules: [{id: a, match: {carc: 016, payer: '*x*'}, category: coding}]\nadmins: U0ADMIN\n"

    rules = load_rules(text)

    assert rules.rules[0].match.carc == ("16",)
    assert rules.admins == ("U0ADMIN",)


def test_the_same_text_gives_the_same_rule_set() -> None:
    assert load_rules(CONTRACT) is load_rules(CONTRACT)


@pytest.fixture
def shipped_rules() -> RuleSet:
    """The rules file at the top of the repository."""
    return load_rules(SHIPPED_TEXT)


@pytest.mark.parametrize("name", ["rules.yaml", "tests/samples/rules.yaml"])
def test_files_of_the_repository_have_no_finding(name: str) -> None:
    assert check_rules((ROOT / name).read_text(encoding="utf-8")) == ()


def test_the_shipped_defaults_have_no_finding() -> None:
    text = (ROOT / "denials" / "rules" / "defaults.yaml").read_text(encoding="utf-8")
    start, end = text.index("\ncategories:"), text.index("\nescalations:")

    assert [one for one in check_rules(LEAST + text[:start] + text[end:]) if "no owners" not in one.message] == []


def test_every_category_of_the_shipped_rules_is_complete(shipped_rules: RuleSet) -> None:
    for name in (*SHIPPED_CATEGORIES, UNCLASSIFIED):
        category = shipped_rules.categories[name]
        assert category.owner in shipped_rules.owners
        assert category.next_step not in ("", ANY_NEXT_STEP)
        assert category.handoff in shipped_rules.handoffs
        assert shipped_rules.prevention_owner(category.handoff, name) in shipped_rules.owners
        assert category.escalation in shipped_rules.escalations
        assert len(category.next_step) <= 120  # it has to fit on a card


def test_the_shipped_rules_have_the_default_service_levels(shipped_rules: RuleSet) -> None:
    steps = [(step.when, str(step.after or step.due_within), step.notify) for step in shipped_rules.policy(STANDARD)]

    assert steps == [
        ("unclaimed", "4bh", ("owner",)),
        ("unclaimed", "1bd", ("lead",)),
        ("claimed", "5bd", ("assignee",)),
        ("claimed", "10bd", ("manager",)),
        ("open", "14d", ("assignee",)),
        ("open", "7d", ("assignee", "lead")),
        ("open", "3d", ("assignee", "lead", "manager")),
        ("open", "1d", ("assignee", "lead", "manager", "channel")),
    ]
    assert load_rules(LEAST).policy(STANDARD) == shipped_rules.policy(STANDARD)


def test_the_shipped_rules_say_the_same_of_a_category_as_the_defaults(shipped_rules: RuleSet) -> None:
    for name, default in load_rules(LEAST).categories.items():
        own = shipped_rules.categories[name]
        assert (own.title, own.handoff, own.preventable, own.next_step) == (
            default.title,
            default.handoff,
            default.preventable,
            default.next_step,
        )
