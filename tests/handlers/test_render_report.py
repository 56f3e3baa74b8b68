"""The weekly report and the payers' scorecard as Slack shows them: answers first, in words too, never too large."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.report_page import report_html
from denials.definitions import everything
from denials.metrics import AGING_BUCKETS
from denials.rules.model import RuleSet
from handlers import report_words, review_words, words
from handlers.blocks import Rendered, texts
from handlers.render import plain, render
from handlers.render_payers import payers
from sandbox.blockkit import message_problems
from services.scorecard import PayerScore, Scorecard
from services.stats import Backlog, Claims, Resolved, Volume
from services.views import WeeklyReport
from services.weekly import grouped
from tests.handlers.examples import lines
from tests.handlers.report_examples import BY_WEEK, MEASURED, NUMBERS, OPEN_REVIEW, REPORT, VERDICT, week_stats

URL = "https://denials.example/definitions"


def _seen(shown: Rendered) -> str:
    return "\n".join(texts(shown.blocks))


def _of_type(shown: Rendered, kind: str) -> list[dict[str, Any]]:
    return [block for block in shown.blocks if block["type"] == kind]


def test_the_four_questions_are_answered_in_four_sentences_before_anything_else(rules: RuleSet) -> None:
    shown = render(REPORT, rules)
    kinds = [block["type"] for block in shown.blocks]
    assert kinds[:7] == ["header", "context", "section", "section", "section", "section", "data_visualization"]
    assert [block["text"]["text"] for block in shown.blocks[2:6]] == [
        "*1.*  Volume is steady: 128 new denials, $45,200.00, after 120 the week before (+7%);"
        " of 1,034 adjudicated claims, 12.4% were denied (11.0% the week before).",
        "*2.*  Growing beyond chance: Registration errors from 40 to 70.",
        "*3.*  50 denials were resolved, half of them within 4.5 days of coming in and nine in ten within 12.0 days"
        " (the week before 5.0 days and 13.5 days); of 200 still open, 40 are older than 60 days.",
        "*4.*  78.1% of the new denials could have been prevented at least in part (90 yes, 10 partly, 28 no);"
        " most start at Patient registration (70).",
    ]
    for answer in shown.blocks[2:6]:
        assert answer["text"]["text"].removeprefix("*").split("  ", 1)[1] in shown.text
    assert message_problems(shown.blocks) == []


def test_charts_what_changed_what_is_due_and_the_reviews_follow(rules: RuleSet) -> None:
    shown = render(REPORT, rules)
    by_week, by_category = _of_type(shown, "data_visualization")
    assert [point["value"] for point in by_week["chart"]["series"][0]["data"]] == [*BY_WEEK]
    assert [point["value"] for point in by_category["chart"]["series"][1]["data"]] == [40, 38, 30, 12]
    seen = _seen(shown)
    for expected in (
        "Category Registration errors: up from 40 to 70",
        "Category Eligibility and coverage: down from 30 to 10",
        "12 appeal limits ($4,100.50) and 3 follow-ups ($250.00) from Mar 10 to Mar 16; 10 overdue already",
        "1 review open:",
        "PR-7KQ2M4 Code CO-197: 23 denials in 14 days, 4.2 expected; nobody has taken it",
        f"PR-3NDW8R Code CO-197: it worked; {words.safe(review_words.fell(VERDICT))}",
        words.safe(review_words.outcome(VERDICT, rules)),
        "denials report --week 2026-W10 --output report.html",
    ):
        assert expected in seen
    [table] = _of_type(shown, "data_table")
    cells = {row[0]["text"]: [cell["text"] for cell in row[1:]] for row in table["rows"][1:]}
    assert cells["Denial rate"] == ["12.4%", "11.0%", "+1.4 points"]
    assert cells["New denials"] == ["128", "120", "+7%"]
    assert "<@" not in repr(shown), "nobody is called by a report"


def test_each_number_links_to_its_definition(rules: RuleSet) -> None:
    anchors = {one.anchor for one in everything()}
    shown = render(REPORT, rules, definitions_url=URL)
    linked = re.findall(rf"<{URL}#([a-z-]+)\|", _seen(shown))
    assert set(linked) <= anchors
    assert {"new", "denial-rate", "days-to-resolve", "preventable", "due", "overturn-rate", "reviews-open"} <= set(
        linked
    )
    for answer in shown.blocks[2:6]:
        bare = re.sub(r"<[^>]+>|\([^)]*\)|^\*\d\.\*|\d+ days\b", "", answer["text"]["text"])
        assert not re.search(r"\d", bare.replace("older than 60", "")), bare
    assert message_problems(shown.blocks) == []
    assert "<http" not in repr(render(REPORT, rules))


def test_without_the_week_before_nothing_is_called_rising(rules: RuleSet) -> None:
    young = replace(REPORT, numbers=replace(NUMBERS, now=replace(NUMBERS.now, covered=False)))
    for told in (_seen(render(young, rules)), report_html(young, rules)):
        assert "cannot be told yet" in told
        assert not re.search(r"Growing|up from|Volume is (rising|steady)", told)


def test_an_empty_week_says_so(rules: RuleSet) -> None:
    nothing = week_stats(
        0,
        0,
        total=Volume("", 0, 0, Decimal(0)),
        claims=Claims(0, 0, 0, None, None),
        resolution=Resolved(0, None, None, None, 0, None, Decimal(0), Decimal(0)),
        preventable={"yes": 0, "partly": 0, "no": 0},
        backlog=Backlog(0, 0, 0, Decimal(0), dict.fromkeys(AGING_BUCKETS, 0), 0, 0),
    )
    empty = replace(
        NUMBERS,
        now=nothing,
        before=nothing,
        groups=tuple(grouped(groups.by, []) for groups in NUMBERS.groups),
        weeks=tuple(replace(point, new=0) for point in NUMBERS.weeks),
    )
    shown = render(WeeklyReport(empty, (), ()), rules)
    assert [report_words.spoken(one) for one in report_words.answers(empty, rules, words.exact)] == [
        "Volume is steady: no new denials in either week.",
        "No category grows beyond chance.",
        "No denial was resolved; nothing is open now.",
        "What was preventable cannot be told of a week without new denials.",
    ]
    assert _of_type(shown, "data_visualization") == []
    assert message_problems(shown.blocks) == []


def test_banded_amounts_stay_banded(rules: RuleSet) -> None:
    shown = render(REPORT, replace(rules, amounts="banded"))
    assert "$25,000 to $50,000" in shown.text
    assert not re.search(r"45,200|18,400|4,100\.50|80,000\.00|9,4", repr(shown))


_NAMES = lines(80).filter(bool)
_COUNTS = st.integers(0, 10**6)
_VOLUMES = st.builds(Volume, _NAMES, _COUNTS, _COUNTS, st.just(Decimal("9999999.99")))


@settings(max_examples=15)
@given(
    groups=st.lists(
        st.builds(Volume, _NAMES, _COUNTS, _COUNTS, st.just(Decimal("9999999.99"))),
        max_size=200,
        unique_by=lambda one: one.name,
    ),
    count=st.integers(0, 60),
    title=lines(100),
    url=st.sampled_from([None, "https://" + "x" * 110]),
)
def test_however_much_there_is_slack_takes_it(
    rules: RuleSet, groups: list[Volume], count: int, title: str, url: str | None
) -> None:
    many = tuple(grouped(by, groups) for by in ("category", "payer", "handoff"))
    reviews = (replace(OPEN_REVIEW, title=title),) * count
    full = WeeklyReport(replace(NUMBERS, groups=many), reviews, (replace(MEASURED, title=title),) * count)
    shown = render(full, rules, definitions_url=url)
    assert message_problems(shown.blocks) == []
    assert shown.blocks, "it fits, so it is not sent as text alone"
    assert plain(full, rules).blocks == []
    assert 0 < len(plain(full, rules).text) <= 3_500


# The payers

AETNA = PayerScore(
    Volume("Aetna", 40, 20, Decimal("12345.00")),
    (("CO-197", 20), ("CO-16", 9)),
    12,
    3.25,
    6,
    8,
    0.75,
    Decimal("4200.00"),
)
QUIET = PayerScore(Volume("Cigna", 0, 3, Decimal(0)), (), 0, None, 0, 0, None, Decimal(0))
CARD = Scorecard(date(2026, 2, 9), date(2026, 3, 10), (AETNA, QUIET), True)


def test_the_scorecard_tells_volume_dollars_codes_days_and_overturns(rules: RuleSet) -> None:
    shown = payers(CARD, rules)
    [table] = _of_type(shown, "data_table")
    assert [cell["text"] for cell in table["rows"][1]] == [
        *("Aetna", "40", "20", "rising", "$12,345.00", "CO-197 20, CO-16 9", "3.2", "75% (6 of 8)", "$4,200.00")
    ]
    assert [cell["text"] for cell in table["rows"][2]] == ["Cigna", "0", "3", "steady", "$0.00", "–", "–", "–", "$0.00"]
    assert len(_of_type(shown, "data_visualization")) == 2
    assert (
        "Aetna  40 new denials, $12,345.00, most for CO-197 (20), CO-16 (9); half resolved within 3.2 days"
        in shown.text
    )
    assert message_problems(shown.blocks) == []


def test_a_scorecard_of_nothing_says_so(rules: RuleSet) -> None:
    shown = payers(replace(CARD, payers=()), rules, "Say it otherwise.")
    assert "No payer denied anything in this period." in shown.text
    assert "Say it otherwise." in _seen(shown)
    assert message_problems(shown.blocks) == []


def test_banded_scorecards_show_no_exact_dollars(rules: RuleSet) -> None:
    assert not re.search(r"12,?345|4,?200", repr(payers(CARD, replace(rules, amounts="banded"))))


@pytest.mark.parametrize("covered", [True, False])
@settings(max_examples=10)
@given(names=st.lists(lines(100), max_size=110, unique=True))
def test_however_many_payers_slack_takes_the_scorecard(rules: RuleSet, covered: bool, names: list[str]) -> None:
    every = tuple(replace(AETNA, volume=replace(AETNA.volume, name=name)) for name in names)
    assert message_problems(payers(replace(CARD, payers=every, covered=covered), rules).blocks) == []
