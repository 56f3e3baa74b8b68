"""What messages show: everything people need, nothing that Slack would refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.commands import State
from denials.model import Kind
from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import Rendered, action_ids, texts
from handlers.render import plain, render
from sandbox.blockkit import message_problems
from services.digest import LIST_LINES
from services.views import Card, Content, ItemView, Notice, Pattern, Ping, Summary, WorkList
from tests.handlers.examples import CLAIMED, ITEM, RESOLVED, TODAY, items, lines


def _seen(shown: Rendered) -> str:
    return "\n".join(texts(shown.blocks))


def _buttons(shown: Rendered) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("type") == "button":
                found.append(value)
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(shown.blocks)
    return found


def _labels(shown: Rendered) -> list[str]:
    return [button["text"]["text"] for button in _buttons(shown)]


def test_a_card_says_what_it_is_why_and_what_to_do(rules: RuleSet) -> None:
    shown = render(Card(ITEM, TODAY), rules)

    seen = _seen(shown)
    for expected in (
        "DN-7KQ2M4XT",
        "Registration errors",
        "Aetna",
        "$1,240.00",
        "CO-31: Patient cannot be identified as our insured",
        "also CO-16",
        "due in 12 days (assumed)",
        "Correct the member details in the billing system and resubmit.",
        "Open, nobody has claimed it",
        "Front desk",
        "denied 3 days ago",
        "rank $620",
    ):
        assert expected in seen
    assert _labels(shown) == ["Claim", "Resolve"]


def test_buttons_carry_verb_reference_and_version(rules: RuleSet) -> None:
    claim, resolve = _buttons(render(Card(ITEM, TODAY), rules))

    assert (claim["action_id"], claim["value"]) == ("claim:DN-7KQ2M4XT", "DN-7KQ2M4XT:3")
    assert (resolve["action_id"], resolve["value"]) == ("resolve:DN-7KQ2M4XT", "DN-7KQ2M4XT:3")


def test_a_claimed_card_names_who_has_it_and_offers_release(rules: RuleSet) -> None:
    shown = render(Card(CLAIMED, TODAY), rules)

    assert "Claimed by <@U0FRONT1>" in _seen(shown)
    assert _labels(shown) == ["Release", "Resolve"]
    assert _buttons(shown)[0]["action_id"] == "release:DN-7KQ2M4XT"


def test_a_resolved_card_says_how_it_ended_and_has_no_buttons(rules: RuleSet) -> None:
    shown = render(Card(RESOLVED, TODAY), rules)

    assert "Resolved: Overturned and paid, $1,240.00 recovered" in _seen(shown)
    assert _buttons(shown) == []


def test_a_waiting_card_says_when_to_follow_up(rules: RuleSet) -> None:
    sent = replace(CLAIMED, state=State.WAITING, outcome="Appeal sent", follow_up=TODAY + timedelta(days=30))

    assert "Waiting for the payer: Appeal sent, follow up in 30 days" in _seen(render(Card(sent, TODAY), rules))


def test_a_card_that_a_newer_one_replaced_only_points_to_it(rules: RuleSet) -> None:
    shown = render(Card(replace(ITEM, lives_elsewhere=True), TODAY), rules)

    assert "shown on a newer card" in _seen(shown)
    assert list(action_ids(shown.blocks)) == []


@pytest.mark.parametrize(
    ("kind", "words"), [(Kind.REJECTION, "Rejected before adjudication"), (Kind.TAKEBACK, "Take-back")]
)
def test_a_card_that_is_no_denial_says_so(rules: RuleSet, kind: Kind, words: str) -> None:
    assert words in _seen(render(Card(replace(ITEM, kind=kind), TODAY), rules))


def test_banded_rules_show_no_exact_amount(rules: RuleSet) -> None:
    banded = replace(rules, amounts="banded")
    shown = [
        render(Card(ITEM, TODAY), banded),
        render(Card(RESOLVED, TODAY), banded),
        render(WorkList((ITEM,), 1, 1, TODAY), banded),
        render(_ping((ITEM,)), banded),
        render(_summary(), banded),
    ]

    for one in shown:
        assert "1,240" not in json.dumps([one.text, one.blocks])
        assert "$1,000 to $2,500" in one.text


def test_a_list_has_a_line_and_a_claim_button_for_each_item(rules: RuleSet) -> None:
    other = replace(ITEM, ref="DN-AAAAAAAA", amount=Decimal("90.50"), due=TODAY + timedelta(days=2), due_assumed=False)

    shown = render(WorkList((ITEM, other), 2, 3, TODAY), rules)

    assert _labels(shown) == ["Claim", "Claim"]
    assert list(action_ids(shown.blocks)) == ["claim:DN-7KQ2M4XT", "claim:DN-AAAAAAAA"]
    seen = _seen(shown)
    assert "More denials for Front desk (2 of 3)" in seen
    assert "*$90.50*" in seen
    assert "*due in 2 days*" in seen, "what is urgent stands out"


def test_a_claimed_line_names_who_has_it_instead_of_a_button(rules: RuleSet) -> None:
    shown = render(WorkList((replace(CLAIMED, lives_elsewhere=True), RESOLVED), 1, 1, TODAY), rules)

    assert _buttons(shown) == []
    assert "Claimed by <@U0FRONT1>" in _seen(shown)
    assert "Resolved: Overturned and paid" in _seen(shown)


def test_a_line_that_was_claimed_and_released_points_to_its_card(rules: RuleSet) -> None:
    shown = render(WorkList((replace(ITEM, lives_elsewhere=True),), 1, 1, TODAY), rules)

    assert _buttons(shown) == []
    assert "has its own card" in _seen(shown)


def _summary() -> Summary:
    patterns = (
        Pattern("Registration errors", "Aetna", "CO-31", 18, Decimal("1240.00")),
        Pattern("Eligibility", "Cigna", "CO-27", 1, Decimal("1240.00")),
    )
    return Summary("Front desk", 42, Decimal("1240.00"), patterns, 3, 3, 39, TODAY + timedelta(days=1), TODAY)


def test_a_summary_shows_patterns_before_accounts(rules: RuleSet) -> None:
    seen = _seen(render(_summary(), rules))

    assert "42 new denials for Front desk" in seen
    assert "*18 × Registration errors*  ·  Aetna  ·  CO-31  ·  $1,240.00" in seen
    assert "and 4 other kinds" in seen
    assert "1 × Eligibility" not in seen, "one alone has nothing in common with others"
    assert "the first is due tomorrow" in seen
    assert "3 cards below for the most valuable" in seen
    assert "39 more in lists" in seen


def _ping(shown: tuple[ItemView, ...], reason: str = "unclaimed for 4 business hours") -> Ping:
    links = tuple((item.ref, "C0FRONT", "1773154800.000100") for item in shown)
    return Ping(reason, "owner", ("S0FRONT",), shown, links, TODAY)


def test_a_reminder_mentions_its_people_and_links_to_the_cards(rules: RuleSet) -> None:
    shown = render(_ping((ITEM,)), rules, workspace_url="https://practice.slack.com/")

    assert shown.text.startswith("<!subteam^S0FRONT> 1 denial unclaimed for 4 business hours")
    assert "<https://practice.slack.com/archives/C0FRONT/p1773154800000100|DN-7KQ2M4XT>" in _seen(shown)


def test_a_reminder_of_many_items_is_one_message_that_says_how_many_more(rules: RuleSet) -> None:
    many = tuple(replace(ITEM, ref=f"DN-{number:08d}") for number in range(50))

    shown = render(_ping(many), rules)

    assert "50 denials" in shown.text
    assert "and 30 more" in _seen(shown)


def test_labels_cannot_mention_link_or_format(rules: RuleSet) -> None:
    evil = replace(ITEM, payer="<!channel> *x* `y` & <@U1>", category_title="_<#C1>_ ~z~")
    for content in (Card(evil, TODAY), WorkList((evil,), 1, 1, TODAY), _ping((evil,))):
        shown = render(content, rules)
        for text in (shown.text, _seen(shown)):
            for forbidden in ("<!channel>", "<@U1>", "<#C1>", "*x*", "`y`", "~z~", "_&lt;"):
                assert forbidden not in text


_MESSAGES: st.SearchStrategy[Content] = st.one_of(
    st.builds(Card, item=items(), today=st.just(TODAY)),
    st.builds(
        WorkList,
        items=st.lists(items(), min_size=1, max_size=LIST_LINES, unique_by=lambda item: item.ref).map(tuple),
        part=st.integers(1, 99),
        parts=st.integers(1, 99),
        today=st.just(TODAY),
    ),
    st.builds(
        Summary,
        owner_title=lines(60),
        count=st.integers(2, 99_999),
        amount=st.just(Decimal("99999999.99")),
        patterns=st.lists(
            st.builds(
                Pattern,
                category_title=lines(60),
                payer=lines(40),
                code=st.sampled_from(["", "CO-197"]),
                count=st.integers(1, 99_999),
                amount=st.just(Decimal("9999999.99")),
            ),
            max_size=5,
        ).map(tuple),
        more_patterns=st.integers(0, 99_999),
        carded=st.integers(0, 9),
        listed=st.integers(0, 99_999),
        earliest_due=st.none() | st.just(TODAY),
        today=st.just(TODAY),
    ),
    st.lists(items(), min_size=1, max_size=60, unique_by=lambda item: item.ref).map(tuple).map(_ping),
    st.builds(Notice, text=st.text(min_size=1, max_size=5000)),
)


@given(content=_MESSAGES)
def test_every_message_is_one_that_slack_takes(rules: RuleSet, content: Content) -> None:
    shown = render(content, rules)

    assert message_problems(shown.blocks) == []
    assert shown.blocks or not isinstance(content, Card)
    assert 0 < len(shown.text) <= 4000


def test_a_full_list_with_the_longest_labels_keeps_its_buttons(rules: RuleSet) -> None:
    longest = replace(
        ITEM,
        payer="&" * 40,
        category_title="&" * 60,
        owner_title="&" * 60,
        meaning="&" * 200,
        kind=Kind.REJECTION,
        amount=Decimal("9999999.99"),
        due=TODAY + timedelta(days=3999),
        version=10**6,
    )
    full = tuple(replace(longest, ref=f"DN-{number:08d}") for number in range(LIST_LINES))

    shown = render(WorkList(full, 99, 99, TODAY), rules)

    assert _labels(shown) == ["Claim"] * LIST_LINES + ["Claim several", "Resolve several", "Hand off several"]
    assert message_problems(shown.blocks) == []


@given(content=_MESSAGES)
def test_the_plain_version_is_text_that_slack_takes(rules: RuleSet, content: Content) -> None:
    shown = plain(content, rules)

    assert shown.blocks == []
    assert 0 < len(shown.text) <= 4000


@given(item=items())
def test_a_notification_alone_says_what_it_is_about(rules: RuleSet, item: ItemView) -> None:
    assert item.ref in render(Card(item, TODAY), rules).text


def test_a_card_that_waits_says_for_whom(rules: RuleSet) -> None:
    sent = replace(CLAIMED, state=State.WAITING, outcome="Appeal sent", follow_up=TODAY + timedelta(days=30))
    asked = replace(CLAIMED, state=State.WAITING, outcome="Written off")

    assert "*Next step:* wait for the payer until Apr 9." in _seen(render(Card(sent, TODAY), rules))
    assert "*Next step:* a second person approves or declines" in _seen(render(Card(asked, TODAY), rules))
    assert ITEM.next_step not in _seen(render(Card(sent, TODAY), rules))


def test_a_resolved_card_says_who_resolved_it_and_a_released_one_at_rest_that_nobody_has_it(rules: RuleSet) -> None:
    by_maya = replace(RESOLVED, resolved_by="U0FRONT1")
    resting = replace(ITEM, state=State.SNOOZED, follow_up=TODAY + timedelta(days=1))

    assert "$1,240.00 recovered, by <@U0FRONT1>" in _seen(render(Card(by_maya, TODAY), rules))
    assert "*Resolved: Overturned and paid*, by <@U0FRONT1>" in _seen(render(WorkList((by_maya,), 1, 1, TODAY), rules))
    assert "Snoozed until Mar 11, nobody has it" in _seen(render(Card(resting, TODAY), rules))


def test_a_decision_taken_back_is_told_on_cards_and_lines_until_it_is_resolved(rules: RuleSet) -> None:
    taken = replace(ITEM, taken_back_on=TODAY - timedelta(days=5))
    told = "The payer took its decision back on Mar 5; a new one is awaited"

    card = render(Card(taken, TODAY), rules)
    assert f"*Open, nobody has claimed it.*\n{told}." in _seen(card)
    assert f"*Next step:* wait for the payer’s new decision. If none comes: {ITEM.next_step}" in _seen(card)
    assert told in card.text
    assert told in _seen(render(WorkList((taken,), 1, 1, TODAY), rules))
    ended = replace(RESOLVED, taken_back_on=taken.taken_back_on)
    assert told not in _seen(render(Card(ended, TODAY), rules)) + _seen(render(WorkList((ended,), 1, 1, TODAY), rules))


def test_a_passed_filing_limit_leads_where_the_appeal_is_not_due_yet() -> None:
    passed = replace(ITEM, due=TODAY + timedelta(days=54), due_assumed=False, filing_passed=True)
    assert words.due(passed, TODAY) == "filing limit passed; appeal due in 54 days"
    late = replace(passed, due=TODAY - timedelta(days=2))
    assert words.due(late, TODAY) == "overdue by 2 days, filing limit passed"
