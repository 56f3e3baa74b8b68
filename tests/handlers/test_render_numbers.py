"""Numbers, rules, help, details and App Home: readable, true to what they were given, and taken by Slack."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.rules.model import RuleSet
from handlers import charts, render_stats
from handlers.blocks import Rendered, texts
from handlers.help_page import help_text
from handlers.render_details import details_view
from handlers.render_home import home_view
from handlers.render_lists import private_list
from handlers.render_rules import rules as rules_page
from sandbox.blockkit import message_problems, view_problems
from services.history import Details, Entry, Planned
from services.home import Home, TeamState
from services.trend import Trendline, Week
from services.views import ItemView
from tests.handlers.examples import CLAIMED, ITEM, TODAY, items, lines

NUMBERS: dict[str, Any] = {
    "period": {"from": "2026-02-09", "to": "2026-03-10", "days": 30},
    "denials": {"new": 128, "previous": 90, "change": 0.4222, "trend": "rising", "amount": "45200.00"},
    "claims": {
        "adjudicated": 1034,
        "denied": 128,
        "fully_denied": 40,
        "denial_rate": 0.1238,
        "denied_amount_rate": 0.081,
    },
    "groups": [
        {"name": "registration", "new": 60, "previous": 30, "change": 1.0, "trend": "rising", "amount": "20000.00"},
        {"name": "coding", "new": 68, "previous": 0, "change": None, "trend": "rising", "amount": "25200.00"},
    ],
    "resolution": {
        "resolved": 50,
        "median_hours_to_claim": 3.25,
        "median_days_to_resolve": 4.5,
        "p90_days_to_resolve": 12.0,
        "overturned": 31,
        "overturn_rate": 0.62,
        "recovered_amount": "18400.00",
        "written_off_amount": "900.00",
    },
    "preventable": {"yes": 60, "partly": 30, "no": 38, "share": 0.7031},
    "backlog": {
        "open": 200,
        "unclaimed": 50,
        "overdue": 10,
        "amount": "80000.00",
        "aging": {"0-30": 100, "31-60": 60, "61-90": 30, "91-120": 10, "121+": 0},
    },
}

EMPTY: dict[str, Any] = {
    "period": NUMBERS["period"],
    "denials": {"new": 0, "previous": 0, "change": None, "trend": "steady", "amount": "0.00"},
    "claims": dict.fromkeys(("adjudicated", "denied", "fully_denied"), 0)
    | dict.fromkeys(("denial_rate", "denied_amount_rate")),
    "groups": [],
    "resolution": {
        "resolved": 0,
        "median_hours_to_claim": None,
        "median_days_to_resolve": None,
        "p90_days_to_resolve": None,
        "overturned": 0,
        "overturn_rate": None,
        "recovered_amount": "0.00",
        "written_off_amount": "0.00",
    },
    "preventable": {"yes": 0, "partly": 0, "no": 0, "share": None},
    "backlog": {
        "open": 0,
        "unclaimed": 0,
        "overdue": 0,
        "amount": "0.00",
        "aging": {"0-30": 0, "31-60": 0, "61-90": 0, "91-120": 0, "121+": 0},
    },
}


def _seen(shown: Rendered) -> str:
    return "\n".join(texts(shown.blocks))


def _of_type(shown: Rendered, kind: str) -> list[dict[str, Any]]:
    return [block for block in shown.blocks if block["type"] == kind]


def test_stats_have_words_charts_and_a_table(rules: RuleSet) -> None:
    shown = render_stats.stats(NUMBERS, rules, "category")

    seen = _seen(shown)
    for expected in (
        "Denials, last 30 days",
        "Feb 9 to Mar 10",
        "*128 new denials*, $45,200.00. Rising: 90 in the period before (+42%).",
        "12.4% of 1,034 claims, 8.1% of dollars",
        "40 claims",
        "median 3.2 hours",
        "median 4.5 days, 90% within 12.0",
        "62.0% of what was decided",
        "$18,400.00",
        "$900.00",
        "70.3%: 60 yes, 30 partly, 38 no",
        "200, $80,000.00; 50 not claimed, 10 overdue",
    ):
        assert expected in seen
    by_category, by_age = _of_type(shown, "data_visualization")
    assert by_category["chart"]["series"][0]["data"][0] == {"label": "Registration errors"[:20], "value": 60}
    assert [point["value"] for point in by_age["chart"]["series"][0]["data"]] == [100, 60, 30, 10, 0]
    [table] = _of_type(shown, "data_table")
    assert [cell["text"] for cell in table["rows"][2]] == ["Coding errors", "68", "0", "new", "rising", "$25,200.00"]
    assert message_problems(shown.blocks) == []


def test_stats_alone_as_text_say_the_main_things(rules: RuleSet) -> None:
    text = render_stats.stats(NUMBERS, rules, "category").text

    assert "128 new denials, $45,200.00. Rising: 90 in the period before" in text
    assert "200 open denials, $80,000.00: 50 not claimed, 10 overdue." in text


def test_stats_of_nothing_say_what_is_not_known(rules: RuleSet) -> None:
    shown = render_stats.stats(EMPTY, rules, "payer")

    seen = _seen(shown)
    assert "not known, no claim totals in these files" in seen
    assert "nothing claimed yet" in seen
    assert _of_type(shown, "data_visualization") == []
    assert message_problems(shown.blocks) == []


def test_banded_stats_show_no_exact_dollars_anywhere(rules: RuleSet) -> None:
    shown = render_stats.stats(NUMBERS, replace(rules, amounts="banded"), "category")

    everything = repr((shown.text, shown.blocks))
    for exact in ("45,200", "45200", "20000", "25200", "18,400", "80,000.00"):
        assert exact not in everything
    assert "$25,000 to $50,000" in shown.text


def test_a_hint_stands_before_the_numbers(rules: RuleSet) -> None:
    assert "Group by something else." in _seen(
        render_stats.stats(NUMBERS, rules, "category", "Group by something else.")
    )


@given(
    groups=st.lists(
        st.fixed_dictionaries(
            {
                "name": st.just("") | lines(80),
                "new": st.integers(0, 10**6),
                "previous": st.integers(0, 10**6),
                "change": st.none() | st.floats(-1, 1e6),
                "trend": st.sampled_from(["rising", "falling", "steady"]),
                "amount": st.just("9999999.99"),
            }
        ),
        max_size=300,
        unique_by=lambda group: group["name"],
    ),
    by=st.sampled_from(["category", "payer", "owner", "handoff", "code", "practice", "location"]),
)
def test_however_many_groups_slack_takes_the_answer(rules: RuleSet, groups: list[dict[str, Any]], by: str) -> None:
    shown = render_stats.stats({**NUMBERS, "groups": groups}, rules, by)

    assert message_problems(shown.blocks) == []
    assert shown.text


def test_groups_that_do_not_fit_are_counted(rules: RuleSet) -> None:
    groups = [{**NUMBERS["groups"][0], "name": f"payer {number}"} for number in range(250)]

    assert "151 more on the host" in _seen(render_stats.stats({**NUMBERS, "groups": groups}, rules, "payer"))


def test_aging_says_where_the_old_ones_are(rules: RuleSet) -> None:
    shown = render_stats.aging(NUMBERS, rules)

    assert "30 at 61-90 days" in shown.text
    assert message_problems(shown.blocks) == []
    assert render_stats.aging(EMPTY, rules).text == "Nothing is open."


def test_the_trend_sets_the_later_half_against_the_earlier(rules: RuleSet) -> None:
    weeks = tuple(
        Week(TODAY - timedelta(days=7 * back - 1), TODAY - timedelta(days=7 * back - 7), back, Decimal(back * 100))
        for back in range(12, 0, -1)
    )
    shown = render_stats.trend(Trendline(weeks, 21, 57, "falling"), rules)

    assert "Falling: 21 new denials in the last 6 weeks, 57 in the 6 before." in shown.text
    assert message_problems(shown.blocks) == []


@given(st.lists(lines(60) | st.just(""), max_size=20))
def test_chart_labels_are_short_and_told_apart(names: list[str]) -> None:
    labels = charts.short_labels(names)

    assert len(set(labels)) == len(names)
    assert all(0 < len(label) <= 20 for label in labels)


def test_the_rules_page_names_owners_and_steps(rules: RuleSet) -> None:
    shown = rules_page(rules)

    seen = _seen(shown)
    assert "Authorizations in <#C0AUTH>, lead <@U0LEAD>" in seen
    assert "unclaimed for 4 business hours: tell the team" in seen
    assert "due within 7 days: tell whoever has it, the lead" in seen
    assert "Mon, Tue, Wed, Thu, Fri, 8:00 AM to 5:00 PM" in seen
    assert message_problems(shown.blocks) == []


def test_help_names_every_word_and_repeats_nothing() -> None:
    shown = help_text("That is not one of the words below.")

    for word in ("mine", "find DN-…", "claim DN-…", "stats", "trend", "aging", "overdue", "rules", "export", "--post"):
        assert word in _seen(shown)
    assert message_problems(shown.blocks) == []


def test_a_private_list_offers_what_each_item_needs(rules: RuleSet) -> None:
    shown = private_list("You have", [CLAIMED, ITEM], TODAY, rules, none="Nothing.", place="mine")

    assert [block["accessory"]["text"]["text"] for block in shown.blocks[1:3]] == ["Resolve", "Claim"]
    assert all(block["block_id"].startswith("mine:") for block in shown.blocks)


def _details(item: ItemView, entries: tuple[Entry, ...], rules: RuleSet) -> Details:
    at = datetime(2026, 3, 11, 13, tzinfo=UTC)
    planned = tuple(Planned(at, step) for step in rules.escalations["standard"])
    return Details(item, TODAY, "carc:31", "plan rules differ", Decimal("0.5"), Decimal("1.60"), entries, planned, None)


def test_details_tell_the_history_in_words(rules: RuleSet) -> None:
    at = datetime(2026, 3, 10, 15, tzinfo=UTC)
    entries = (
        Entry(at, "opened", None, {}, False),
        Entry(at, "claimed", "U0FRONT1", {"assignee": "U0FRONT1"}, False),
        Entry(at, "sent", "U0FRONT1", {"outcome": "Appeal sent", "follow_up": "2026-04-09"}, True),
        Entry(at, "settled", None, {"recovered_cents": 12345, "full": False}, False),
    )
    seen = "\n".join(texts(details_view(_details(CLAIMED, entries, rules), rules)["blocks"]))

    for expected in (
        "Taken in from a remittance",
        "Claimed by <@U0FRONT1>",
        "Sent to the payer by <@U0FRONT1>: Appeal sent, until 2026-04-09, with a note, kept on the host",
        "A later remittance paid: $123.45 recovered so far",
        "Decided by the code table’s row for CARC 31",
        "50% chance to overturn",
        "unclaimed for 1 business day: tell the lead",
        "plan rules differ",
    ):
        assert expected in seen


@given(item=items(), count=st.integers(0, 300), kind=st.sampled_from(["claimed", "handed_off", "something_new"]))
def test_details_fit_however_long_the_history_is(rules: RuleSet, item: ItemView, count: int, kind: str) -> None:
    data = {"category": "x" * 100, "reason": "&" * 200, "outcome": "Appeal sent", "recovered_cents": 10**11}
    entries = (Entry(datetime(2026, 3, 10, tzinfo=UTC), kind, "U0FRONT1", data, True),) * count

    assert view_problems(details_view(_details(item, entries, rules), rules), "modal") == []


@given(
    work=st.lists(items(lives_elsewhere=False), max_size=40, unique_by=lambda item: item.ref),
    count=st.integers(0, 10**6),
    page=st.integers(0, 5),
    team=st.builds(
        TeamState,
        title=lines(60),
        channel=st.just("C0FRONT"),
        open=st.integers(0, 10**5),
        unclaimed=st.integers(0, 10**5),
        overdue=st.integers(0, 10**5),
        amount=st.just(Decimal("9999999.99")),
        oldest=st.none() | st.just(datetime(2026, 3, 1, tzinfo=UTC)),
    ),
)
def test_home_is_a_view_that_slack_takes(
    rules: RuleSet, work: list[ItemView], count: int, page: int, team: TeamState
) -> None:
    parts = [tuple(work[start : start + 10]) for start in range(0, 40, 10)]
    shown = Home(TODAY, parts[0], count, parts[1], count, parts[2], count, parts[3], (team,) * 10, page)

    assert view_problems(home_view(shown, rules, "This one is already claimed."), "home") == []


@pytest.mark.parametrize(("page", "turns"), [(0, ["Next"]), (1, ["Previous", "Next"]), (2, ["Previous"])])
def test_home_turns_its_pages(rules: RuleSet, page: int, turns: list[str]) -> None:
    shown = Home(TODAY, (), 0, (), 0, (ITEM,), 25, (), (), page)
    rows = [block["elements"] for block in home_view(shown, rules)["blocks"] if block["type"] == "actions"]

    assert [button["text"]["text"] for button in rows[0]] == turns
