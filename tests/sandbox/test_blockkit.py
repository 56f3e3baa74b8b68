"""Block Kit is refused exactly where Slack documents a limit."""

from __future__ import annotations

from typing import Any

import pytest
import slackblocks as kit
from hypothesis import given
from hypothesis import strategies as st
from slackblocks.objects import AxisConfig, BarChart, ChartSegment, DataPoint, DataSeries, PieChart, RawNumber, RawText

from sandbox.blockkit import dress, message_problems, view_problems
from tests.sandbox.samples import (
    actions,
    bar_chart,
    button,
    data_table,
    home,
    modal,
    mrkdwn,
    option,
    overflow,
    pie_chart,
    plain,
    section,
    select_input,
    text_input,
)

DIVIDER = {"type": "divider"}


def _confirm(**changed: str) -> dict[str, Any]:
    texts = {"title": "Sure?", "text": "Really?", "confirm": "Yes", "deny": "No", **changed}
    return {key: plain(text) for key, text in texts.items()}


GOOD: dict[str, list[dict[str, Any]]] = {
    "fifty blocks": [DIVIDER] * 50,
    "longest section": [section("x" * 3000)],
    "longest header": [{"type": "header", "text": plain("x" * 150)}],
    "twenty-five buttons": [actions(*(button(action_id=f"a{n}") for n in range(25)))],
    "longest button": [actions(button("x" * 75, "i" * 255, "v" * 2000))],
    "confirmation": [actions(button(confirm=_confirm()))],
    "five options": [section(accessory=overflow("A", "B", "C", "D", "E"))],
    "one option": [section(accessory=overflow("A"))],
    "fields": [{"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}],
    "context": [{"type": "context", "elements": [mrkdwn("x")] * 10}],
    "largest table": [data_table(100, 20)],
    "whole table": [data_table(9, 10, "x" * 100)],
    "two charts": [bar_chart("a"), pie_chart("b")],
    "longest labels": [bar_chart("x" * 20), pie_chart("x" * 20)],
    "markdown": [{"type": "markdown", "text": "x" * 12_000}],
    "web link": [actions(button(url="https://example.org/a"))],
    "mail link": [actions(button(url="mailto:a@example.org"))],
    "an input": [text_input("Note")],
    "image": [{"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a"}],
}

BAD: dict[str, list[Any]] = {
    "fifty-one blocks": [DIVIDER] * 51,
    "no block": ["words"],
    "no type": [{"text": plain("x")}],
    "unknown block": [{"type": "banner"}],
    "unknown field": [{"type": "divider", "color": "red"}],
    "long section": [section("x" * 3001)],
    "empty section": [section("")],
    "section without text": [{"type": "section"}],
    "long field": [{"type": "section", "fields": [mrkdwn("x" * 2001)]}],
    "eleven fields": [{"type": "section", "fields": [mrkdwn("x")] * 11}],
    "long header": [{"type": "header", "text": plain("x" * 151)}],
    "header in mrkdwn": [{"type": "header", "text": mrkdwn("x")}],
    "eleven context elements": [{"type": "context", "elements": [mrkdwn("x")] * 11}],
    "button in context": [{"type": "context", "elements": [button()]}],
    "twenty-six buttons": [actions(*(button(action_id=f"a{n}") for n in range(26)))],
    "no buttons": [actions()],
    "long button": [actions(button("x" * 76))],
    "button in mrkdwn": [actions(button() | {"text": mrkdwn("Claim")})],
    "button without text": [actions({"type": "button", "action_id": "a"})],
    "long value": [actions(button(value="v" * 2001))],
    "long action id": [actions(button(action_id="i" * 256))],
    "long block id": [{"type": "divider", "block_id": "b" * 256}],
    "unknown style": [actions(button(style="success"))],
    "long confirmation": [actions(button(confirm=_confirm(title="x" * 101)))],
    "same action id in one block": [actions(button(), button())],
    "same action id in two blocks": [actions(button()), section(accessory=button())],
    "same block id": [{"type": "divider", "block_id": "b"}] * 2,
    "six options": [section(accessory=overflow("A", "B", "C", "D", "E", "F"))],
    "no options": [section(accessory=overflow())],
    "long option": [section(accessory=overflow("x" * 76))],
    "same option value": [section(accessory=overflow("A", "A"))],
    "no link": [actions(button(url="example.org"))],
    "script link": [actions(button(url="javascript:alert(1)"))],
    "local image": [{"type": "image", "image_url": "/a.png", "alt_text": "a"}],
    "image without words": [{"type": "image", "image_url": "https://example.org/a.png"}],
    "table of a heading only": [data_table(0)],
    "table of 101 rows": [data_table(101)],
    "table of 21 columns": [data_table(1, 21)],
    "empty cell": [data_table(cell="")],
    "long table": [data_table(10, 10, "x" * 100)],
    "long tables": [data_table(5, 10, "x" * 100), data_table(5, 10, "x" * 100)],
    "uneven table": [{**data_table(), "rows": [data_table()["rows"][0], data_table()["rows"][0][:1]]}],
    "table without caption": [{key: value for key, value in data_table().items() if key != "caption"}],
    "three charts": [bar_chart("a")] * 3,
    "long label": [bar_chart("x" * 21)],
    "long segment": [pie_chart("x" * 21)],
    "chart without data": [bar_chart()],
    "seven series": [bar_chart("a", series=7)],
    "alert in a message": [{"type": "alert", "text": plain("x")}],
    "much markdown": [{"type": "markdown", "text": "x" * 6_001}] * 2,
    "text of a wrong type": [{"type": "section", "text": "words"}],
    "emoji in mrkdwn": [{"type": "section", "text": {**mrkdwn("x"), "emoji": True}}],
}


@pytest.mark.parametrize("blocks", GOOD.values(), ids=GOOD.keys())
def test_what_slack_takes_is_accepted(blocks: list[Any]) -> None:
    assert message_problems(blocks) == []


@pytest.mark.parametrize("blocks", BAD.values(), ids=BAD.keys())
def test_what_slack_refuses_is_refused_with_its_place(blocks: list[Any]) -> None:
    problems = message_problems(blocks)
    assert problems
    assert all("[json-pointer:/blocks" in one for one in problems)


def test_a_problem_points_to_its_place() -> None:
    blocks = [DIVIDER, section("x" * 3001)]
    assert message_problems(blocks) == ["must be less than 3001 characters [json-pointer:/blocks/1/text/text]"]


GOOD_VIEWS = {
    "modal": modal(text_input("Note"), select_input("Outcome", "Paid", "Denied")),
    "longest title": modal(title="x" * 24),
    "hundred blocks": modal(*[DIVIDER] * 100),
    "longest metadata": modal(private_metadata="x" * 3000),
    "alert": modal({"type": "alert", "text": plain("x")}),
    "without submit": {key: value for key, value in modal().items() if key != "submit"},
    "home": home(section(), bar_chart("a"), data_table()),
    "initial option": modal(select_input("Outcome", "Paid", initial_option=option("Paid"))),
}

BAD_VIEWS = {
    "no view": None,
    "message": {"type": "message", "blocks": []},
    "long title": modal(title="x" * 25),
    "no title": {key: value for key, value in modal().items() if key != "title"},
    "long submit": modal(submit=plain("x" * 25)),
    "101 blocks": modal(*[DIVIDER] * 101),
    "long metadata": modal(private_metadata="x" * 3001),
    "input without submit": {key: value for key, value in modal(text_input("Note")).items() if key != "submit"},
    "long label": modal(text_input("x" * 2001)),
    "label in mrkdwn": modal({**text_input("Note"), "label": mrkdwn("Note")}),
    "button as input": modal({"type": "input", "label": plain("x"), "element": button()}),
    "table in a modal": modal(data_table()),
    "chart in a modal": modal(bar_chart("a")),
    "same block id": modal(text_input("A"), text_input("B")),
    "foreign initial option": modal(select_input("Outcome", "Paid", initial_option=option("Lost"))),
    "101 options": modal(select_input("Outcome", *(f"o{n}" for n in range(101)))),
    "bad date": modal(
        {"type": "input", "label": plain("On"), "element": {"type": "datepicker", "initial_date": "24.11.2026"}}
    ),
    "two in focus": modal(text_input("A", "a", focus_on_load=True), text_input("B", "b", focus_on_load=True)),
    "unknown field": modal(color="red"),
    "modal's field on home": {**home(), "submit": plain("x")},
    "alert on home": home({"type": "alert", "text": plain("x")}),
}


@pytest.mark.parametrize("view", GOOD_VIEWS.values(), ids=GOOD_VIEWS.keys())
def test_a_good_view_is_accepted(view: Any) -> None:
    assert view_problems(view, "modal", "home") == []


@pytest.mark.parametrize("view", BAD_VIEWS.values(), ids=BAD_VIEWS.keys())
def test_a_bad_view_is_refused(view: Any) -> None:
    assert view_problems(view, "modal", "home")


def test_blocks_get_ids_and_flags_as_slack_gives_them() -> None:
    given = [section("words"), actions({"type": "button", "text": plain("Claim")})]
    text, row = dress(given)
    assert text["block_id"] != row["block_id"]
    assert text["text"]["verbatim"] is False
    assert row["elements"][0]["action_id"]
    assert row["elements"][0]["text"]["emoji"] is True
    assert "block_id" not in given[0]


def test_what_the_library_for_blocks_makes_is_accepted() -> None:
    table = kit.DataTableBlock([[RawText("Category"), RawText("New")], [RawText("Coding"), RawNumber(3, "3")]], "New")
    bars = BarChart([DataSeries("New", [DataPoint("Mon", 3)])], AxisConfig(["Mon"], "Day", "Denials"))
    menu = kit.OverflowMenu("more", [kit.Option("hand", "Hand off")])
    made = kit.WebhookMessage(
        text="x",
        blocks=[
            kit.HeaderBlock(kit.PlainText("Numbers")),
            kit.SectionBlock(kit.Markdown("words", verbatim=True), accessory=menu),
            kit.ActionsBlock([kit.Button(kit.PlainText("Claim"), action_id="claim", value="DN-1:1")]),
            kit.ContextBlock([kit.Markdown("small")]),
            kit.DividerBlock(),
            table,
            kit.DataVisualizationBlock("By day", bars),
            kit.DataVisualizationBlock("Shares", PieChart([ChartSegment("Coding", 3)])),
        ],
    ).to_dict()["blocks"]
    assert message_problems(made) == []


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.sampled_from(["section", "button", "x"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "text", "blocks", "elements", "rows", "chart", "options"]), inner)
    ),
    max_leaves=15,
)


@given(ANY_JSON)
def test_no_document_makes_the_check_stumble(document: Any) -> None:
    blocks = [
        {
            "type": kind,
            "elements": document,
            "text": document,
            "rows": document,
            "chart": document,
            "accessory": document,
            "element": document,
        }
        for kind in ("section", "actions", "data_table", "data_visualization", "rich_text", "input")
    ]
    assert message_problems(blocks)
    assert message_problems(document) or document in (None, [])
    assert view_problems(document, "modal")
