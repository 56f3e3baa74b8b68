"""Every mistake in a rules file is found in one run, with line, column and the mend; nothing else is ever raised."""

from __future__ import annotations

from itertools import pairwise

import pytest

from denials.rules.load import check_rules, load_rules
from denials.rules.model import Finding, RuleSet, RulesFileError

BASE = """version: 1
ops_channel: C0OPS
owners:
  front: {channel: C0FRONT, lead: U0LEAD, manager: U0MANAGER}
  back: {channel: C0BACK, lead: U0LEAD, manager: U0MANAGER}
categories:
  registration: {owner: front}
  coding: {owner: back}
"""


def only(text: str) -> Finding:
    """The one finding about a file."""
    findings = check_rules(text)
    assert len(findings) == 1, findings
    return findings[0]


def test_the_base_of_these_tests_is_sound() -> None:
    assert check_rules(BASE) == ()


ERRORS = {
    "unknown key at the top": ("ownres: {}\n", 9, 1, "ownres", 'unknown key; did you mean "owners"?'),
    "unknown key deep inside": (
        "rules:\n  - id: a\n    match: {carcs: ['197']}\n    category: coding\n",
        11,
        13,
        "rules[1].match.carcs",
        'unknown key; did you mean "carc"?',
    ),
    "a list where a mapping belongs": ("digest: [3]\n", 9, 9, "digest", "must be a mapping, with one key per line"),
    "not a number": ("digest: {cards: many}\n", 9, 17, "digest.cards", "must be a whole number"),
    "number out of range": ("digest: {cards: 99}\n", 9, 17, "digest.cards", "must be at most 20"),
    "wrong duration": (
        "digest: {gather: 2x}\n",
        9,
        18,
        "digest.gather",
        "a duration is a whole number and one of s, m, h, d, bh, bd, such as 4bh or 14d",
    ),
    "wrong time zone": (
        "timezone: America/New_Yrk\n",
        9,
        11,
        "timezone",
        'no such time zone; did you mean "America/New_York"?',
    ),
    "wrong word": (
        "privacy: {amounts: exakt}\n",
        9,
        20,
        "privacy.amounts",
        'not one of the words allowed here; did you mean "exact"?',
    ),
    "closes before it opens": (
        'business_hours: {open: "18:00"}\n',
        9,
        17,
        "business_hours",
        "close must be later than open on the same day",
    ),
    "not a code": (
        "rules:\n  - {id: a, match: {carc: [CO-197]}, category: coding}\n",
        10,
        28,
        "rules[1].match.carc[1]",
        'not the shape of a CARC; write it like "197", "A1" or "B7", without the group',
    ),
    "no such group": (
        "rules:\n  - {id: a, match: {group: [QQ]}, category: coding}\n",
        10,
        29,
        "rules[1].match.group[1]",
        "no such group code; use CO, PR, OA, PI or CR",
    ),
    "rule for no category": (
        "rules:\n  - {id: a, match: {carc: ['4']}, category: codng}\n",
        10,
        45,
        "rules[1].category",
        'there is no category "codng"; did you mean "coding"?',
    ),
    "rule for no owner": (
        "rules:\n  - {id: a, match: {carc: ['4']}, category: coding, owner: frnt}\n",
        10,
        60,
        "rules[1].owner",
        'there is no owner "frnt"; did you mean "front"?',
    ),
    "rule id twice": (
        "rules:\n  - {id: a, match: {carc: ['4']}, category: coding}\n"
        "  - {id: a, match: {carc: ['5']}, category: coding}\n",
        11,
        10,
        "rules[2].id",
        "another rule has this id (line 10); give each its own",
    ),
    "rule that can never match": (
        "rules:\n  - {id: wide, match: {carc: ['4', '5']}, category: coding}\n"
        "  - {id: narrow, match: {carc: ['5'], payer: '*acme*'}, category: coding}\n",
        11,
        25,
        "rules[2].match",
        'never matches: rule "wide" (line 10) takes all of it first; move this rule above it or delete it',
    ),
    "deadline that is never used": (
        'deadlines:\n  - {payer: "*medicare*", appeal: 120d}\n'
        '  - {payer: "*medicare*adv*", appeal: 60d}\n  - {payer: "*", appeal: 60d}\n',
        11,
        5,
        "deadlines[2]",
        "never used: the row in line 10 takes all of it first; move this one above it",
    ),
    "hand-off of no owner": (
        "handoffs:\n  Front door: {owner: nobody}\n",
        10,
        23,
        "handoffs.Front door.owner",
        'there is no owner "nobody"; use front or back',
    ),
    "key twice": ("version: 1\n", 9, 1, "version", '"version" stands here a second time (first in line 1); keep one'),
    "step without a clock": (
        "escalations:\n  standard:\n    - {when: open, notify: [owner]}\n",
        11,
        7,
        "escalations.standard[1]",
        'a step needs either "after" or "due_within", and not both',
    ),
    "step for nobody known": (
        "escalations:\n  standard:\n    - {when: open, after: 1d, notify: [leed]}\n",
        11,
        40,
        "escalations.standard[1].notify[1]",
        'must be a Slack id, a #channel or a word; did you mean "lead"?',
    ),
    "label without a letter": ('payers: {"*x*": "???"}\n', 9, 17, "payers.*x*", "must hold a letter or a digit"),
    "practice that is no NPI": (
        "practices: {North: {label: North}}\n",
        9,
        13,
        "practices.North",
        "an NPI has ten digits",
    ),
    "two headings for one column": (
        "profiles: {a: {columns: {Acct: claim_id, No: claim_id}}}\n",
        9,
        15,
        "profiles.a",
        'two headings are mapped to "claim_id"; keep one',
    ),
    "a holiday calendar nobody has": (
        "business_hours: {holidays: XX}\n",
        9,
        28,
        "business_hours.holidays",
        "no holidays known for this country; use a code such as US or US-NY, or dates",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_each_mistake_is_named_with_its_place_and_its_mend(name: str) -> None:
    added, line, column, path, message = ERRORS[name]

    found = only(BASE + added)

    assert found == Finding(line, column, message, path, "error")
    with pytest.raises(RulesFileError) as caught:
        load_rules(BASE + added)
    assert f"line {line}, column {column}" in str(caught.value)
    assert message in str(caught.value)


def test_a_category_whose_owner_is_not_there_and_an_owner_without_a_channel() -> None:
    text = """ops_channel: C0OPS
owners:
  front: {lead: U0LEAD}
  back: {channel: C0BACK}
categories:
  registration: {owner: front}
  coding: {title: Coding}
  follow_up: {owner: bakc}
  eligibility: {owner: back}
"""

    assert [(one.line, one.column, one.path, one.message) for one in check_rules(text) if one.severity == "error"] == [
        (3, 3, "owners.front.channel", '"channel" is missing'),
        (7, 3, "categories.coding.owner", '"owner" is missing'),
        (8, 22, "categories.follow_up.owner", 'there is no owner "bakc"; did you mean "back"?'),
    ]


def test_mistakes_of_every_kind_are_found_in_one_run() -> None:
    text = BASE.replace("ops_channel: C0OPS\n", "").replace("lead: U0LEAD", "led: U0LEAD", 1) + (
        "digest: {cards: x}\n"
        "rules:\n"
        "  - {id: a, match: {carc: ['4']}, category: nowhere}\n"
        "  - {id: b, match: {carc: ['4'], group: [CO]}, category: coding}\n"
        "  - {id: c, match: {carcs: []}, category: coding}\n"
    )

    errors = [(one.line, one.path) for one in check_rules(text) if one.severity == "error"]

    assert errors == [
        (1, "ops_channel"),
        (3, "owners.front.led"),
        (8, "digest.cards"),
        (10, "rules[1].category"),
        (11, "rules[2].match"),
        (12, "rules[3].match.carcs"),
    ]
    with pytest.raises(RulesFileError, match="and 5 more"):
        load_rules(text)


WARNINGS = {
    "code that is not in the table": (
        "rules: [{id: a, match: {carc: ['999'], rarc: [N9999]}, category: coding}]\n",
        ["CARC 999 is not in the shipped code table", "RARC N9999 is not in the shipped code table"],
    ),
    "codes that are never a denial": (
        "rules: [{id: a, match: {carc: ['1', '253']}, category: coding}]\n",
        ["never a denial under these groups"],
    ),
    "a rejected claim has no codes": (
        "rules: [{id: a, match: {carc: ['16'], status_code: [A3]}, category: coding}]\n",
        ["a rejected claim has a status_code and no carc or group"],
    ),
    "a rule that swallows everything": (
        "rules: [{id: a, category: coding}]\n",
        ["matches every denial"],
    ),
    "a name alone is no proof": (
        'deadlines: [{payer: "*acme*", appeal: 90d, confidence: high}, {payer: "*", appeal: 60d}]\n',
        ["a name alone never gives high confidence"],
    ),
    "a limit without days": (
        'deadlines: [{payer: "*acme*"}, {payer: "*", appeal: 60d}]\n',
        ["gives neither appeal nor filing"],
    ),
    "payers without any limit": (
        'deadlines: [{payer: "*acme*", appeal: 90d}]\n',
        ["no row for every other payer"],
    ),
    "a label that is never used": (
        'payers: {"*united*": United, "*unitedhealthcare*": UHC}\n',
        ['"*united*" stands earlier and matches the same names'],
    ),
    "an escalation nobody uses": (
        "escalations: {quick: [{when: open, after: 1d, notify: [owner]}]}\n",
        ["no category names this escalation"],
    ),
    "two steps at one moment": (
        "escalations:\n  standard:\n    - {when: open, after: 1d, notify: [owner]}\n"
        "    - {when: open, after: 1d, notify: [lead]}\n",
        ["has the same moment"],
    ),
    "an unclaimed item has no assignee": (
        "escalations: {standard: [{when: unclaimed, after: 1d, notify: [assignee]}]}\n",
        ["this reaches nobody"],
    ),
    "nearly a shipped category": (
        "  follow-up: {owner: back, next_step: Call., handoff: Desk}\n",
        ['the shipped category is written "follow_up"'],
    ),
    "nearly a hand-off": (
        "handoffs: {Front Door: {owner: front}}\n"
        "rules: [{id: a, match: {carc: ['4']}, category: coding, handoff: Front door}]\n",
        ['nearly the hand-off "Front Door"'],
    ),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_is_doubtful_is_said_but_does_not_stop_anything(name: str) -> None:
    added, messages = WARNINGS[name]

    findings = check_rules(BASE + added)

    assert [one.severity for one in findings] == ["warning"] * len(messages)
    for one, message in zip(findings, messages, strict=True):
        assert message in one.message
    assert isinstance(load_rules(BASE + added), RuleSet)


def test_a_team_that_owns_nothing_and_one_without_a_lead() -> None:
    text = """ops_channel: C0OPS
owners:
  front: {channel: C0FRONT, manager: U0MANAGER}
  idle: {channel: C0IDLE}
categories: {coding: {owner: front}}
escalations: {standard: [{when: unclaimed, after: 1d, notify: [lead]}]}
"""

    assert [(one.line, one.message) for one in check_rules(text)] == [
        (4, "owns no category, hand-off or rule, so nothing ever reaches it"),
        (6, "notifies the lead, but front has none"),
    ]


def bomb() -> str:
    """A small file whose aliases expand to millions of values."""
    names = "abcdefgh"
    grown = (f"{name}: &{name} [{', '.join([f'*{before}'] * 8)}]\n" for before, name in pairwise(names))
    return "a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(grown)


NO_RULES_FILE = {
    "empty": ("", "the file is empty; copy the shipped rules.yaml and edit it"),
    "a list": ("- a\n- b\n", 'the file must be a mapping of keys such as "owners:" at the top'),
    "a bracket left open": ("ops_channel: [C0OPS\n", "not valid YAML"),
    "tabs": ("ops_channel:\tC0OPS\n\tx: 1\n", "tab"),
    "a control character": ("ops_channel: \x07\n", "an unprintable character; delete it"),
    "nested without end": ("a: " + "[" * 500, "nested too deep"),
    "huge": ("x" * 300_000, "larger than 256 KiB"),
    "a bomb of aliases": (bomb(), "expand too far"),
}


@pytest.mark.parametrize("name", NO_RULES_FILE)
def test_what_is_no_rules_file_at_all_says_so_in_one_line(name: str) -> None:
    text, message = NO_RULES_FILE[name]

    findings = check_rules(text)

    assert message in findings[0].message
    assert all("\n" not in one.message for one in findings)
    with pytest.raises(RulesFileError):
        load_rules(text)
