"""Numbers, rules, help, details and App Home: readable, true to what they were given, and taken by Slack."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.metrics import AGING_BUCKETS
from denials.rules.model import RuleSet
from handlers import charts, render_stats
from handlers.blocks import Rendered, texts
from handlers.help_page import help_text
from handlers.origin import Origin
from handlers.render_details import details_view
from handlers.render_home import home_view, read_state, state_text
from handlers.render_lists import private_list
from handlers.render_rules import rules as rules_page
from sandbox.blockkit import message_problems, view_problems
from services.history import Details, Entry, Planned
from services.home import Home, TeamState
from services.stats import Backlog, Claims, Point, Resolved, Stats, Volume
from services.views import ItemView
from tests.handlers.examples import CLAIMED, ITEM, TODAY, items, lines

NUMBERS = Stats(
    first=date(2026, 2, 9),
    last=TODAY,
    by="category",
    total=Volume("", 128, 90, Decimal("45200.00"), repeats=5, rejections=2),
    claims=Claims(1034, 128, 40, 0.1238, 0.081),
    groups=(
        Volume("registration", 60, 30, Decimal("20000.00")),
        Volume("coding", 68, 0, Decimal("25200.00")),
    ),
    resolution=Resolved(50, 3.25, 4.5, 12.0, 31, 0.62, Decimal("18400.00"), Decimal("900.00")),
    preventable={"yes": 60, "partly": 30, "no": 38},
    backlog=Backlog(
        200,
        50,
        10,
        Decimal("80000.00"),
        {"0-30": 100, "31-60": 60, "61-90": 30, "91-120": 10, "121+": 0},
        rejections=3,
        takebacks=1,
    ),
    series=tuple(Point(date(2026, 2, 9) + timedelta(days=n), date(2026, 2, 9), n, Decimal(n)) for n in range(5)),
)

EMPTY = Stats(
    first=date(2026, 2, 9),
    last=TODAY,
    by="payer",
    total=Volume("", 0, 0, Decimal(0)),
    claims=Claims(0, 0, 0, None, None),
    groups=(),
    resolution=Resolved(0, None, None, None, 0, None, Decimal(0), Decimal(0)),
    preventable={"yes": 0, "partly": 0, "no": 0},
    backlog=Backlog(0, 0, 0, Decimal(0), dict.fromkeys(AGING_BUCKETS, 0), 0, 0),
    series=(),
)


def _seen(shown: Rendered) -> str:
    return "\n".join(texts(shown.blocks))


def _of_type(shown: Rendered, kind: str) -> list[dict[str, Any]]:
    return [block for block in shown.blocks if block["type"] == kind]


def test_stats_have_words_charts_and_a_table(rules: RuleSet) -> None:
    shown = render_stats.stats(NUMBERS, rules)

    seen = _seen(shown)
    for expected in (
        "Denials, last 30 days",
        "Feb 9 to Mar 10",
        "*128 new denials*, $45,200.00. Rising: 90 in the period before (+42%).",
        "12.4% of 1,034 claims, 8.1% of dollars",
        "40 claims",
        "median 3.2 hours",
        "median 4.5 days, 90% within 12.0 days",
        "62.0% of what was decided",
        "$18,400.00",
        "$900.00",
        "70.3%: 60 yes, 30 partly, 38 no",
        "200, $80,000.00; 50 not claimed, 10 overdue",
        "Beside them: 5 denials came back, 2 claims rejected before adjudication.",
        "Beside them: 3 rejections and 1 take-back.",
    ):
        assert expected in seen
    by_category, by_age = _of_type(shown, "data_visualization")
    assert by_category["chart"]["series"][0]["data"][0] == {"label": "Registration errors"[:20], "value": 60}
    assert [point["value"] for point in by_age["chart"]["series"][0]["data"]] == [100, 60, 30, 10, 0]
    [table] = _of_type(shown, "data_table")
    assert [cell["text"] for cell in table["rows"][2]] == ["Coding errors", "68", "0", "new", "rising", "$25,200.00"]
    assert message_problems(shown.blocks) == []


def test_a_calendar_month_is_headed_with_its_dates(rules: RuleSet) -> None:
    october = replace(NUMBERS, first=date(2026, 10, 1), last=date(2026, 10, 31), month="last month")
    for shown, head in (
        (render_stats.stats(october, rules), "Denials, October 1–31, 2026"),
        (render_stats.trend(october, rules), "Trend, October 1–31, 2026"),
    ):
        assert head in _seen(shown)
        assert shown.text.startswith("October 1–31, 2026: ")
        assert "last 31 days" not in _seen(shown)
        assert message_problems(shown.blocks) == []


def test_the_same_count_as_before_is_no_change(rules: RuleSet) -> None:
    same = replace(NUMBERS, total=Volume("", 90, 90, Decimal(1)))
    seen = _seen(render_stats.stats(same, rules))
    assert "90 in the period before (no change)" in seen
    assert "+0%" not in seen


def test_denials_of_no_group_are_told_beside_the_groups(rules: RuleSet) -> None:
    one = replace(NUMBERS, by="location", groups=(Volume("North office", 100, 90, Decimal(1)),))
    assert "28 more without a location label." in _seen(render_stats.stats(one, rules))
    assert "without a" not in _seen(render_stats.stats(NUMBERS, rules))


def test_without_data_of_the_period_before_no_trend_is_told(rules: RuleSet) -> None:
    young = replace(NUMBERS, covered=False)

    for shown in (render_stats.stats(young, rules), render_stats.trend(young, rules)):
        seen = _seen(shown) + shown.text
        assert "The period before is not covered by the data" in seen
        assert not any(word in seen for word in ("Rising:", "+42%", "Growing"))


def test_stats_alone_as_text_say_the_main_things(rules: RuleSet) -> None:
    text = render_stats.stats(NUMBERS, rules).text

    assert "128 new denials, $45,200.00. Rising: 90 in the period before" in text
    assert "200 open denials, $80,000.00: 50 not claimed, 10 overdue." in text


def test_stats_of_nothing_say_what_is_not_known(rules: RuleSet) -> None:
    shown = render_stats.stats(EMPTY, rules)

    seen = _seen(shown)
    assert "not known, no claim totals in this period's files" in seen
    assert "nothing claimed yet" in seen
    assert _of_type(shown, "data_visualization") == []
    assert message_problems(shown.blocks) == []


def test_banded_stats_show_no_exact_dollars_anywhere(rules: RuleSet) -> None:
    shown = render_stats.stats(NUMBERS, replace(rules, amounts="banded"))

    everything = repr((shown.text, shown.blocks))
    for exact in ("45,200", "45200", "20000", "25200", "18,400", "80,000.00"):
        assert exact not in everything
    assert "$25,000 to $50,000" in shown.text


def test_a_hint_stands_before_the_numbers(rules: RuleSet) -> None:
    assert "Group by something else." in _seen(render_stats.stats(NUMBERS, rules, "Group by something else."))


_VOLUMES = st.builds(
    Volume,
    name=st.just("") | lines(80),
    new=st.integers(0, 10**6),
    previous=st.integers(0, 10**6),
    amount=st.just(Decimal("9999999.99")),
    repeats=st.integers(0, 10**6),
    rejections=st.integers(0, 10**6),
)


@given(
    groups=st.lists(_VOLUMES, max_size=300, unique_by=lambda group: group.name).map(tuple),
    total=_VOLUMES,
    by=st.sampled_from(["category", "payer", "owner", "handoff", "code", "practice", "location"]),
    points=st.integers(0, 400),
)
def test_however_many_groups_slack_takes_the_answer(
    rules: RuleSet, groups: tuple[Volume, ...], total: Volume, by: str, points: int
) -> None:
    start = TODAY - timedelta(days=points)
    series = tuple(Point(start + timedelta(days=n), start + timedelta(days=n), n, Decimal(n)) for n in range(points))
    numbers = replace(NUMBERS, groups=groups, total=total, by=by, series=series or NUMBERS.series)
    for shown in (render_stats.stats(numbers, rules, "A hint."), render_stats.trend(numbers, rules, "A hint.")):
        assert message_problems(shown.blocks) == []
        assert shown.text


def test_groups_that_do_not_fit_are_counted(rules: RuleSet) -> None:
    groups = tuple(Volume(f"payer {number}", 5, 5, Decimal(9)) for number in range(250))

    assert "151 more on the host" in _seen(render_stats.stats(replace(NUMBERS, groups=groups, by="payer"), rules))


def test_aging_says_where_the_old_ones_are(rules: RuleSet) -> None:
    shown = render_stats.aging(NUMBERS.backlog, rules)

    assert "30 at 61-90 days" in shown.text
    assert message_problems(shown.blocks) == []
    assert render_stats.aging(EMPTY.backlog, rules).text == "Nothing is open."


def test_the_trend_names_what_grows_and_what_shrinks(rules: RuleSet) -> None:
    groups = (*NUMBERS.groups, Volume("eligibility", 10, 60, Decimal(100)), Volume("follow_up", 10, 9, Decimal(100)))
    seen = _seen(render_stats.trend(replace(NUMBERS, groups=groups), rules))

    growing, shrinking = seen.split("*Shrinking*")
    assert "*Registration errors*  30 to 60 (+100%)" in growing
    assert "*Coding errors*  0 to 68" in growing
    assert "60 to 10 (-83%)" in shrinking
    assert "9 to 10" not in seen, "one more is chance"


def test_a_long_trend_is_drawn_with_few_points_that_add_up(rules: RuleSet) -> None:
    series = tuple(Point(TODAY, TODAY - timedelta(days=n), 1, Decimal(1)) for n in range(53))
    shown = render_stats.trend(replace(NUMBERS, series=series), rules)

    [chart] = _of_type(shown, "data_visualization")
    points = [point["value"] for point in chart["chart"]["series"][0]["data"]]
    assert sum(points) == 53
    assert len(points) <= 20
    assert points[-1] == 3


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


ORIGIN = Origin("DN-7KQ2M4XT", 4, None, "")


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
        Entry(at, "write_off_asked", "U0FRONT1", {"outcome": "Written off"}, False),
        Entry(at, "settled", None, {"recovered_cents": 12345, "full": False}, False),
    )
    seen = "\n".join(
        texts(details_view(_details(CLAIMED, entries, rules), rules, ORIGIN, may_note=True, may_give=True)["blocks"])
    )

    for expected in (
        "Taken in from a remittance",
        "Claimed by <@U0FRONT1>",
        "Sent to the payer by <@U0FRONT1>: Appeal sent, until 2026-04-09, with a note, kept on the host",
        "Write-off asked by <@U0FRONT1>; a second person must agree\n",
        "A later remittance paid: $123.45 recovered so far",
        "Decided by the code table’s row for CARC 31",
        "50% chance to overturn",
        "unclaimed for 1 business day: tell the lead",
        "plan rules differ",
    ):
        assert expected in seen


@given(
    item=items(),
    count=st.integers(0, 300),
    kind=st.sampled_from(["claimed", "handed_off", "something_new"]),
    note=st.booleans(),
    give=st.booleans(),
)
def test_details_fit_however_long_the_history_is(
    rules: RuleSet, item: ItemView, count: int, kind: str, note: bool, give: bool
) -> None:
    data = {"category": "x" * 100, "reason": "&" * 200, "outcome": "Appeal sent", "recovered_cents": 10**11}
    entries = (Entry(datetime(2026, 3, 10, tzinfo=UTC), kind, "U0FRONT1", data, True),) * count

    assert (
        view_problems(
            details_view(_details(item, entries, rules), rules, ORIGIN, may_note=note, may_give=give), "modal"
        )
        == []
    )


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
    shown = Home(
        TODAY,
        parts[0],
        count,
        parts[1],
        count,
        parts[2],
        count,
        parts[3],
        (team,) * 30,
        page,
        stale=parts[0][:5],
        filters=tuple((f"team:{n}", "W" * 60) for n in range(150)),
    )

    assert view_problems(home_view(shown, rules, "This one is already claimed."), "home") == []


@pytest.mark.parametrize(("page", "turns"), [(0, ["Next"]), (1, ["Previous", "Next"]), (2, ["Previous"])])
def test_home_turns_its_pages(rules: RuleSet, page: int, turns: list[str]) -> None:
    shown = Home(TODAY, (), 0, (), 0, (ITEM,), 25, (), (), page)
    rows = [block["elements"] for block in home_view(shown, rules)["blocks"] if block["type"] == "actions"]

    assert [button["text"]["text"] for button in rows[0]] == [*turns, "Refresh"]


@given(page=st.integers(0, 10**6), only=st.sampled_from(["", "due", "team:front_desk"]))
def test_home_remembers_page_and_filter(page: int, only: str) -> None:
    assert read_state(state_text(page, only)) == (page, only)


@pytest.mark.parametrize("text", ["", "x|due", "-1|", "²|"])
def test_a_forgotten_state_of_home_is_its_first_page(text: str) -> None:
    assert read_state(text) == (0, "")


def test_home_offers_its_filters(rules: RuleSet) -> None:
    filters = (("", "Everything"), ("due", "Due within a week"), ("team:coding_team", "Coding"))
    view = home_view(Home(TODAY, (), 0, (), 0, (ITEM,), 1, (), (), 0, only="due", filters=filters), rules)

    [menu] = [one for block in view["blocks"] for one in block.get("elements", ()) if one["type"] == "static_select"]
    assert [option["text"]["text"] for option in menu["options"]] == ["Everything", "Due within a week", "Coding"]
    assert menu["initial_option"]["value"] == "due"
    assert view["private_metadata"] == "0|due"
