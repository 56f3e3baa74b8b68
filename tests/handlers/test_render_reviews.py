"""Prevention reviews, their verdicts and their list: readable, true to what they were given, and taken by Slack."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from denials.prevention import ACTIONS, CAUSES, DISMISSALS, ReviewState, Verdict
from denials.rules.model import RuleSet
from handlers import review_forms, review_words
from handlers.blocks import Rendered, action_ids, texts
from handlers.origin import Origin
from handlers.render import plain, render
from handlers.render_reviews import history_view, reviews
from sandbox.blockkit import message_problems, view_problems
from services.reviews import ReviewEntry
from services.views import Content, Review, ReviewReminder, ReviewView, VerdictPosted
from tests.handlers.examples import TODAY
from tests.handlers.review_examples import (
    AGAIN,
    DISMISSED,
    EVIDENCE,
    FELL,
    MEASURING,
    OPEN,
    STAYED,
    TAKEN,
    TOO_LITTLE,
    WORKED,
    any_review,
    verdicts,
)

ORIGIN = Origin("PR-7KQ2M4", 1, None, "")


def _seen(shown: Rendered) -> str:
    return "\n".join(texts(shown.blocks))


def _labels(shown: Rendered) -> list[str]:
    return [one["text"]["text"] for block in shown.blocks if block["type"] == "actions" for one in block["elements"]]


def test_a_review_shows_its_evidence_and_what_can_be_done(rules: RuleSet) -> None:
    shown = render(Review(OPEN, TODAY), rules)

    seen = _seen(shown)
    for expected in (
        "Prevention review: Missing authorization",
        "<!subteam^S0AUTH>",
        "23 denials in 14 days, 4.2 expected",
        "$12,300.00 denied",
        "5.5 times what its own past leads to expect",
        "It starts at *Prior authorization*",
        "CO-197: 21, ",
        "uthorization",
        "Aetna: 14",
        "2, 1, 3, 2, 2, 1, 3, 2, 2, 4, 9, 14",
        "DN-7KQ2M4XT, DN-3NDW8RTB",
        "Open, nobody has taken it",
        "PR-7KQ2M4",
    ):
        assert expected in seen
    [chart] = [block for block in shown.blocks if block["type"] == "data_visualization"]
    assert [point["value"] for point in chart["chart"]["series"][0]["data"]] == [n for _, n in EVIDENCE.weeks]
    assert _labels(shown) == ["Take it", "Log cause", "Dismiss", "History"]
    buttons = next(block["elements"] for block in shown.blocks if block["type"] == "actions")
    assert [one["action_id"].partition(":")[0] for one in buttons] == ["take", "log", "dismiss", "history"]
    assert {one["value"] for one in buttons} == {"PR-7KQ2M4:1"}
    assert shown.text.startswith(
        "PR-7KQ2M4: denials keep coming back, Category Missing authorization: 23 denials in 14 days, 4.2 expected"
    )
    assert message_problems(shown.blocks) == []


def test_the_buttons_fit_the_state(rules: RuleSet) -> None:
    def offered(review: ReviewView) -> list[str]:
        return _labels(render(Review(review, TODAY), rules))

    assert offered(TAKEN) == ["Log cause", "Take over", "Dismiss", "History"]
    assert offered(AGAIN) == offered(TAKEN)
    assert offered(MEASURING) == ["History", "Dismiss"]
    for over in (WORKED, DISMISSED, replace(WORKED, state=ReviewState.UNMEASURED)):
        assert offered(over) == ["History"]


def test_who_has_it_and_what_was_logged_is_told(rules: RuleSet) -> None:
    assert "Taken by <@U0AUTH1>" in _seen(render(Review(TAKEN, TODAY), rules))
    assert "<!subteam" not in _seen(render(Review(TAKEN, TODAY), rules)), "whoever has it needs no further call"

    seen = _seen(render(Review(MEASURING, TODAY), rules))
    for expected in (CAUSES[0], ACTIONS[0], "<@U0FRONT1>", "takes effect Mar 16", "measured on Apr 13"):
        assert expected in seen

    assert f"Dismissed: {DISMISSALS[0]}" in _seen(render(Review(DISMISSED, TODAY), rules))
    again = _seen(render(Review(AGAIN, TODAY), rules))
    assert "Round 1: it did not work" in again
    assert "Open again, taken by <@U0AUTH1>" in again


def test_a_review_without_a_past_says_nothing_about_what_was_expected(rules: RuleSet) -> None:
    new = replace(OPEN, evidence=replace(EVIDENCE, expected=None, top_payers=(), weeks=(), refs=()))
    seen = _seen(render(Review(new, TODAY), rules))

    assert "23 denials in 14 days, $12,300.00 denied." in seen
    assert "expected" not in seen
    assert "expect." not in seen


@pytest.mark.parametrize(
    ("verdict", "review", "said"),
    [
        (
            FELL,
            WORKED,
            ("It worked", "14.2 a week → 3.1, −78%, unlikely to be chance; about $9,400 a month less denied."),
        ),
        (
            STAYED,
            AGAIN,
            ("It did not work", "14.2 a week → 13.9, −2%", "did not fall by more than chance brings", "open again"),
        ),
        (
            replace(STAYED, after_per_week=20.0, change=0.41, p=0.01),
            AGAIN,
            ("It did not work", "+41%, rose, which is unlikely to be chance", "open again"),
        ),
        (TOO_LITTLE, MEASURING, ("No verdict", "too little data to tell", "measured again on Apr 13")),
        (
            TOO_LITTLE,
            replace(WORKED, state=ReviewState.UNMEASURED),
            ("No verdict", "too little data to tell", "review is closed"),
        ),
        (
            replace(FELL, before_rate=0.0412, after_rate=0.0091),
            WORKED,
            ("14.2 a week → 3.1, 4.1% of claims → 0.91%, −78%, unlikely", "28 after, per claim adjudicated in them."),
        ),
    ],
)
def test_a_verdict_says_whether_it_fell_and_whether_chance_explains_it(
    rules: RuleSet, verdict: Verdict, review: ReviewView, said: tuple[str, ...]
) -> None:
    shown = render(VerdictPosted(review, verdict, TODAY), rules)

    seen = _seen(shown)
    assert [one for one in said if one not in seen] == []
    assert "Counted over 28 days before and 28 after" in seen
    assert review_words.headline(verdict) in shown.text
    assert "→" not in shown.text, "a screen reader hears words"
    assert message_problems(shown.blocks) == []


def test_amounts_are_banded_where_the_rules_say_so(rules: RuleSet) -> None:
    banded = replace(rules, amounts="banded")

    for content in (Review(OPEN, TODAY), VerdictPosted(WORKED, FELL, TODAY), ReviewReminder((OPEN,), (), TODAY)):
        shown = render(content, banded)
        assert "12,300" not in _seen(shown) + shown.text
        assert "9,400" not in _seen(shown) + shown.text
    assert "about $5,000 to $10,000 a month less denied" in _seen(render(VerdictPosted(WORKED, FELL, TODAY), banded))
    assert "12,300" not in _seen(reviews([OPEN, WORKED], TODAY, banded))


@pytest.mark.parametrize(
    ("amount", "said"), [("9412.37", "$9,400"), ("87.40", "$87"), ("3.20", "$3"), ("104999", "$100,000")]
)
def test_an_estimate_is_told_to_two_figures(rules: RuleSet, amount: str, said: str) -> None:
    assert review_words.roughly(Decimal(amount), rules) == said


def test_the_list_says_who_has_what_since_when_and_what_comes_next(rules: RuleSet) -> None:
    listed = [
        MEASURING,
        replace(TAKEN, ref="PR-TAKEN2"),
        replace(OPEN, ref="PR-NEW222"),
        replace(WORKED, ref="PR-DONE22"),
    ]
    shown = reviews(listed, TODAY, rules)

    seen = _seen(shown)
    for expected in (
        "3 prevention reviews open:* 1 nobody has taken, 1 waiting for the cause, 1 being measured.",
        "open since Mar 10",
        "Next: <@U0AUTH1> logs the cause and a corrective action",
        "Next: measured on Apr 13",
        "14.2 a week → 3.1, −78%",
        "It worked",
    ):
        assert expected in seen
    assert seen.index("PR-NEW222") < seen.index("PR-TAKEN2") < seen.index("PR-7KQ2M4"), "what waits for people first"
    assert sorted(action_ids(shown.blocks)) == ["history:PR-7KQ2M4", "log:PR-TAKEN2", "take:PR-NEW222"]
    [table] = [block for block in shown.blocks if block["type"] == "data_table"]
    assert [cell["text"] for cell in table["rows"][1]][:6] == [
        *("PR-DONE22", "Missing authorization", "It worked", "14.2", "3.1", "-78%"),
    ]
    assert "3 prevention reviews open" in shown.text
    assert "It worked" not in shown.text
    assert "less denied" in shown.text
    assert message_problems(shown.blocks) == []

    shared = reviews(listed, TODAY, rules, buttons=False)
    assert list(action_ids(shared.blocks)) == []


def test_without_reviews_the_list_says_when_one_opens(rules: RuleSet) -> None:
    shown = reviews([], TODAY, rules)
    assert (
        "No prevention review is open. One opens by itself when 5 denials of one kind come within 14 days" in shown.text
    )
    assert message_problems(shown.blocks) == []


def test_a_reminder_names_each_review_and_the_press_that_moves_it_on(rules: RuleSet) -> None:
    shown = render(ReviewReminder((TAKEN, replace(OPEN, ref="PR-NEW222")), ("U0LEAD",), TODAY), rules)

    seen = _seen(shown)
    assert "<@U0LEAD> *2 prevention reviews wait for a cause*" in seen
    assert list(action_ids(shown.blocks)) == ["log:PR-7KQ2M4", "take:PR-NEW222"]
    assert shown.text == "2 prevention reviews wait for a cause: PR-7KQ2M4, PR-NEW222."
    assert all(block["block_id"].startswith("reminder:") for block in shown.blocks)
    assert message_problems(shown.blocks) == []


def test_history_is_told_oldest_first_within_slacks_limits() -> None:
    at = datetime(2026, 3, 10, 15, tzinfo=UTC)
    entries = [
        ReviewEntry(at, None, "Opened: 23 denials in 14 days", has_words=False),
        ReviewEntry(at + timedelta(hours=1), "U0AUTH1", "Taken by <@U0AUTH1>", has_words=False),
        ReviewEntry(at + timedelta(hours=2), "U0AUTH1", "Dismissed: Known and expected", has_words=True),
    ]
    view = history_view(TAKEN, entries, TODAY)
    seen = "\n".join(texts(view["blocks"]))
    assert seen.index("Opened: 23") < seen.rindex("Taken by <@U0AUTH1>") < seen.index("Dismissed")
    assert "Dismissed: Known and expected, by <@U0AUTH1>, with words kept on the host" in seen
    assert seen.count("<@U0AUTH1>") == 3, "once in the state, and nobody is named twice in a line"
    assert "<!date^" in seen, "in the viewer's own time zone"
    assert view_problems(view, "modal") == []
    assert view_problems(history_view(TAKEN, entries * 60, TODAY), "modal") == []


def _filled(**values: str | None) -> dict[str, object]:
    keys = {"cause": "option", "action": "option", "reason": "option"} | {
        "responsible": "selected_user",
        "effective": "selected_date",
    }
    state: dict[str, object] = {}
    for name, value in values.items():
        key = keys.get(name, "value")
        found = {"selected_option": {"value": value} if value else None} if key == "option" else {key: value}
        state[name] = {name: found}
    return {"state": {"values": state}}


WHOLE = {
    "cause": CAUSES[0],
    "cause_words": "new staff at the desk",
    "action": ACTIONS[2],
    "action_words": None,
    "responsible": "U0FRONT1",
    "effective": "2026-03-16",
}


def test_the_cause_form_is_read_as_it_was_filled_in() -> None:
    logged, wrong = review_forms.read_log(_filled(**WHOLE), TODAY)

    assert wrong == {}
    assert logged is not None
    assert (logged.cause, logged.cause_words, logged.action, logged.action_words) == (
        *(CAUSES[0], "new staff at the desk", ACTIONS[2], ""),
    )
    assert (logged.responsible, logged.effective) == ("U0FRONT1", TODAY + timedelta(days=6))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("cause", None, "Choose a cause."),
        ("cause", "made up", "Choose a cause."),
        ("action", None, "Choose a corrective action."),
        ("responsible", None, "Choose who is responsible."),
        ("effective", None, "Choose a day."),
        ("effective", "2024-03-16", "at most 12 weeks ago"),
        ("effective", "2027-03-16", "within 90 days"),
        ("cause_words", "member 12345678", "claim, member or account number"),
        ("action_words", "call 555-123-4567", "phone number"),
    ],
)
def test_what_is_wrong_in_the_cause_form_is_said_at_its_field(field: str, value: str | None, said: str) -> None:
    logged, wrong = review_forms.read_log(_filled(**{**WHOLE, field: value}), TODAY)

    assert logged is None
    assert list(wrong) == [field]
    assert said in wrong[field]


def test_a_dismissal_needs_a_reason_from_the_list_and_its_note_is_guarded() -> None:
    assert review_forms.read_dismissal(_filled(reason=DISMISSALS[1], note="known")) == (DISMISSALS[1], "known", {})
    assert list(review_forms.read_dismissal(_filled(reason=None, note=None))[2]) == ["reason"]
    assert list(review_forms.read_dismissal(_filled(reason="made up", note=None))[2]) == ["reason"]
    assert list(review_forms.read_dismissal(_filled(reason=DISMISSALS[1], note="jo@example.org"))[2]) == ["note"]


def test_the_forms_warn_before_anybody_types(rules: RuleSet) -> None:
    view = review_forms.log_cause_view(OPEN, TODAY, rules, ORIGIN, viewer="U0FRONT2")

    labels = [block["label"]["text"] for block in view["blocks"] if block["type"] == "input"]
    assert len(labels) == len(set(labels)) == 6
    assert sum("No patient details: this text passes through Slack" in label for label in labels) == 2
    inputs = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
    assert [one["value"] for one in inputs["cause"]["options"]] == list(CAUSES)
    assert [one["value"] for one in inputs["action"]["options"]] == list(ACTIONS)
    assert inputs["responsible"]["initial_user"] == "U0FRONT2"
    assert inputs["effective"]["initial_date"] == TODAY.isoformat()


@settings(max_examples=15)
@given(review=any_review())
def test_whatever_is_stored_is_taken_by_slack(rules: RuleSet, review: ReviewView) -> None:
    shown_as: list[Content] = [Review(review, TODAY), ReviewReminder((review,), ("U0LEAD",), TODAY)]
    if review.verdict:
        shown_as.append(VerdictPosted(review, review.verdict, TODAY))
    for content in shown_as:
        shown = render(content, rules)
        assert shown.blocks, "it fits with its blocks"
        assert message_problems(shown.blocks) == []
        assert 0 < len(shown.text) <= 4000
        assert 0 < len(plain(content, rules).text) <= 4000
    listed = [replace(review, ref=f"PR-AAAA{a}{b}") for a in "23456789" for b in "234"]
    assert message_problems(reviews(listed, TODAY, rules).blocks) == []
    views = (
        review_forms.log_cause_view(review, TODAY, rules, ORIGIN, viewer="U0FRONT1"),
        review_forms.dismiss_view(review, TODAY, ORIGIN),
    )
    assert [view_problems(view, "modal") for view in views] == [[], []]


@given(title=st.sampled_from(["<!channel>", "<@U0LEAD>", "<https://evil.example|click>", "*bold* `code`"]))
def test_labels_from_outside_mention_nobody_and_link_nowhere(rules: RuleSet, title: str) -> None:
    tops = replace(EVIDENCE, top_payers=((title, 3),))
    review = replace(WORKED, title=title, handoff=title, owner_title=title, evidence=tops)

    for shown in (
        render(Review(review, TODAY), rules),
        render(VerdictPosted(review, FELL, TODAY), rules),
        render(ReviewReminder((review,), (), TODAY), rules),
        reviews([review], TODAY, rules),
    ):
        formatted = [one for block in shown.blocks if block["type"] in ("section", "context") for one in texts(block)]
        assert not any(title in one for one in [*formatted, shown.text])


@given(verdict=verdicts())
def test_a_verdict_never_claims_more_than_it_knows(rules: RuleSet, verdict: Verdict) -> None:
    said = review_words.outcome(verdict, rules)
    assert ("less denied" in said) <= (verdict.kind == "worked" and (verdict.dollars_less_a_month or 0) > 0)
    assert ("unlikely" in said) <= (verdict.kind == "worked" or verdict.unlikely_chance)
