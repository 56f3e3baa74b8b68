"""The resolve form, checked without asking anybody."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from denials.commands import Outcome
from denials.model import Preventable
from denials.rules.model import RuleSet
from handlers.modals import read_resolution, resolve_view
from handlers.origin import Origin
from sandbox.blockkit import view_problems
from services.views import ItemView
from tests.handlers.examples import CLAIMED, TODAY, items

ORIGIN = Origin("DN-7KQ2M4XT", 4, "https://hooks.example/1", "find", Decimal("1240.00"))


def _filled(
    outcome: str | None, recovered: str | None = None, follow_up: str | None = None, note: str | None = None
) -> Any:
    option = None if outcome is None else {"value": outcome}
    return {
        "state": {
            "values": {
                "outcome": {"outcome": {"type": "static_select", "selected_option": option}},
                "recovered": {"recovered": {"type": "number_input", "value": recovered}},
                "follow_up": {"follow_up": {"type": "datepicker", "selected_date": follow_up}},
                "note": {"note": {"type": "plain_text_input", "value": note}},
            }
        }
    }


def _wrong(**filled: str | None) -> dict[str, str]:
    resolution, wrong = read_resolution(_filled(**filled), ORIGIN.amount, TODAY)
    assert (resolution is None) == bool(wrong)
    return wrong


@given(item=items())
def test_the_form_is_one_that_slack_takes(rules: RuleSet, item: ItemView) -> None:
    origin = replace(ORIGIN, ref=item.ref, response_url="https://hooks.slack.com/actions/" + "x" * 200)
    view = resolve_view(item, TODAY, rules, origin)

    assert view_problems(view, "modal") == []
    assert Origin.from_text(view["private_metadata"]) == origin


def test_the_form_asks_for_outcome_amount_date_and_note(rules: RuleSet) -> None:
    view = resolve_view(CLAIMED, TODAY, rules, ORIGIN)

    inputs = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
    assert list(inputs) == ["outcome", "recovered", "follow_up", "preventable", "note"]
    assert inputs["preventable"]["element"]["initial_option"]["value"] == CLAIMED.preventable
    options = [option["text"]["text"] for option in inputs["outcome"]["element"]["options"]]
    assert options == [
        "Overturned and paid",
        "Corrected and resubmitted",
        "Appeal sent",
        "Billed to patient",
        "Written off",
        "Not a denial",
    ]
    assert inputs["follow_up"]["element"]["initial_date"] == (TODAY + timedelta(days=30)).isoformat()
    assert inputs["note"]["label"]["text"] == "No patient details: this text passes through Slack"


def test_with_banded_amounts_slack_never_learns_the_amount(rules: RuleSet) -> None:
    view = resolve_view(CLAIMED, TODAY, replace(rules, amounts="banded"), ORIGIN)

    assert "1240" not in json.dumps(view).replace(",", "")


def test_a_good_answer_becomes_a_resolution() -> None:
    resolution, wrong = read_resolution(
        _filled("Overturned and paid", "$1,200.50", "2026-04-09", "paid on appeal"), ORIGIN.amount, TODAY
    )

    assert wrong == {}
    assert resolution is not None
    assert (resolution.outcome, resolution.recovered) == (Outcome.OVERTURNED, Decimal("1200.50"))
    assert resolution.follow_up is None, "only what waits has a follow-up date"
    assert resolution.note == "paid on appeal"


def test_what_waits_gets_thirty_days_unless_changed() -> None:
    left_empty, _ = read_resolution(_filled("Appeal sent"), ORIGIN.amount, TODAY)
    chosen, _ = read_resolution(_filled("Appeal sent", None, "2026-03-20"), ORIGIN.amount, TODAY)

    assert left_empty is not None
    assert chosen is not None
    assert left_empty.follow_up == TODAY + timedelta(days=30)
    assert str(chosen.follow_up) == "2026-03-20"


@pytest.mark.parametrize(("value", "expected"), [("no", Preventable.NO), ("", None), ("perhaps", None)])
def test_whether_it_could_have_been_prevented_may_be_corrected(value: str, expected: Preventable | None) -> None:
    view = _filled("Billed to patient")
    view["state"]["values"]["preventable"] = {"preventable": {"selected_option": {"value": value} if value else None}}
    resolution, _ = read_resolution(view, ORIGIN.amount, TODAY)

    assert resolution is not None
    assert resolution.preventable is expected


@pytest.mark.parametrize("outcome", [None, "Something else"])
def test_an_outcome_is_needed(outcome: str | None) -> None:
    assert list(_wrong(outcome=outcome)) == ["outcome"]


@pytest.mark.parametrize("recovered", ["-1", "abc", "1.234", "1e3", "99999999999", "9999.00"])
def test_a_wrong_amount_is_named_under_its_field(recovered: str) -> None:
    assert list(_wrong(outcome="Overturned and paid", recovered=recovered)) == ["recovered"]


def test_an_amount_where_none_applies_is_named() -> None:
    assert list(_wrong(outcome="Written off", recovered="10")) == ["recovered"]


@pytest.mark.parametrize("follow_up", ["2026-03-10", "2025-01-01", "2031-01-01"])
def test_a_follow_up_date_must_lie_ahead(follow_up: str) -> None:
    assert list(_wrong(outcome="Appeal sent", follow_up=follow_up)) == ["follow_up"]


def test_a_follow_up_date_does_not_matter_where_nothing_waits() -> None:
    assert _wrong(outcome="Billed to patient", follow_up="2020-01-01") == {}


@pytest.mark.parametrize("note", ["SSN 123-45-6789", "call 212-555-0100", "mail jane@example.com", "claim 123456789"])
def test_a_note_with_patient_data_is_refused_with_the_reason(note: str) -> None:
    wrong = _wrong(outcome="Billed to patient", note=note)

    assert list(wrong) == ["note"]
    assert note not in wrong["note"]


def test_everything_wrong_is_named_at_once() -> None:
    wrong = _wrong(outcome="Overturned and paid", recovered="-5", note="123-45-6789")
    assert sorted(wrong) == ["note", "recovered"]


@given(
    st.none() | st.text(max_size=40),
    st.none() | st.text("0123456789.,-$e ", max_size=15),
    st.none() | st.dates().map(str),
    st.none() | st.text(max_size=80),
)
def test_whatever_comes_in_is_either_taken_or_explained(
    outcome: str | None, recovered: str | None, follow_up: str | None, note: str | None
) -> None:
    for chosen in (outcome, *map(str, Outcome)):
        _wrong(outcome=chosen, recovered=recovered, follow_up=follow_up, note=note)
