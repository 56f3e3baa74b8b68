"""The forms of a prevention review: log its cause, dismiss it, read its history; and what is wrong with an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from slackblocks import (
    Block,
    DatePicker,
    InputBlock,
    ModalView,
    Option,
    PlainText,
    PlainTextInput,
    StaticSelectMenu,
    UserSelectMenu,
)

from denials.notes import NOTE_LABEL, NOTE_LENGTH, note_problem
from denials.prevention import ACTIONS, CAUSES, DISMISSALS
from denials.review_cycle import FARTHEST_AHEAD, FARTHEST_BACK
from denials.rules.model import RuleSet
from handlers import review_words, words
from handlers.blocks import section
from handlers.move_forms import chosen, note_input, read_note, value_of
from handlers.origin import Origin
from services.reviews import CauseLog
from services.views import ReviewView

LOG_CAUSE, DISMISS, HISTORY = "log_cause", "dismiss_review", "review_history"


def facts(review: ReviewView, today: date) -> Block:
    """Which review a form is about."""
    return section(
        f"*{review.ref}*  ·  *{review_words.subject(review)}*\n{review_words.how_often(review.evidence)}."
        f" {review_words.state(review, today)}."
    )


def log_cause_view(review: ReviewView, today: date, rules: RuleSet, origin: Origin, *, viewer: str) -> dict[str, Any]:
    """The form for cause, corrective action, who is responsible and from when on. `viewer` is who opens it."""
    responsible = review.responsible or review.holder or viewer
    blocks: list[Block] = [
        facts(review, today),
        _choice("Cause", "cause", CAUSES, review.cause, "Why does it keep coming back?"),
        _in_words("Why, in your own words", "cause_words"),
        _choice("Corrective action", "action", ACTIONS, review.action, "What will be done differently?"),
        _in_words("What changes, in your own words", "action_words"),
        InputBlock(
            "Responsible person",
            UserSelectMenu(action_id="responsible", initial_user=responsible),
            block_id="responsible",
        ),
        InputBlock(
            "Effective date",
            DatePicker(action_id="effective", initial_date=(review.effective or today).isoformat()),
            block_id="effective",
            hint=f"From this day on it should help. {_measuring(rules)}",
        ),
    ]
    return _form("Log cause", blocks, LOG_CAUSE, origin, submit="Log cause")


def _measuring(rules: RuleSet) -> str:
    days = words.count(rules.prevention.remeasure.days, "day")
    return f"What comes in during the {days} after it is measured against the time before."


def _choice(label: str, name: str, offered: Sequence[str], now: str | None, placeholder: str = "") -> InputBlock:
    options = [Option(PlainText(one), value=one) for one in offered]
    initial = next((one for one in options if one.value == now), None)
    menu = StaticSelectMenu(
        action_id=name, options=options, initial_option=initial, placeholder=None if initial else placeholder
    )
    return InputBlock(label, menu, block_id=name)


def _in_words(label: str, name: str) -> InputBlock:
    return InputBlock(
        f"{label}. {NOTE_LABEL}",
        PlainTextInput(action_id=name, max_length=NOTE_LENGTH, placeholder="A few words, if they help"),
        block_id=name,
        hint="Kept on the Denial Desk host and never posted.",
        optional=True,
    )


def read_log(view: Mapping[str, Any], today: date) -> tuple[CauseLog | None, dict[str, str]]:
    """What was logged, or what is wrong with it by block id."""
    values = view["state"]["values"]
    cause, action = chosen(values, "cause"), chosen(values, "action")
    responsible, day = value_of(values, "responsible", "selected_user"), value_of(values, "effective", "selected_date")
    cause_words, wrong = _words_of(values, "cause_words")
    action_words, also_wrong = _words_of(values, "action_words")
    wrong |= also_wrong
    effective = date.fromisoformat(day) if day else None
    if cause not in CAUSES:
        wrong["cause"] = "Choose a cause."
    if action not in ACTIONS:
        wrong["action"] = "Choose a corrective action."
    if not responsible:
        wrong["responsible"] = "Choose who is responsible."
    if effective is None:
        wrong["effective"] = "Choose a day."
    elif problem := effective_problem(effective, today):
        wrong["effective"] = problem
    if wrong or cause is None or action is None or responsible is None or effective is None:
        return None, wrong
    return CauseLog(cause, cause_words, action, action_words, responsible, effective), {}


def effective_problem(effective: date, today: date) -> str | None:
    """Why an action cannot take effect on that day."""
    if effective < today - FARTHEST_BACK:
        return f"The action can have begun at most {FARTHEST_BACK.days // 7} weeks ago."
    if effective > today + FARTHEST_AHEAD:
        return f"The effective date must be within {FARTHEST_AHEAD.days} days."
    return None


def _words_of(values: Mapping[str, Any], name: str) -> tuple[str, dict[str, str]]:
    """A short text that was typed, and why it is refused by block id."""
    text = (value_of(values, name, "value") or "").strip()
    problem = note_problem(text) if text else None
    return text, {name: problem} if problem else {}


def dismiss_view(review: ReviewView, today: date, origin: Origin) -> dict[str, Any]:
    """The form that asks why a review is not worth the work."""
    reason = _choice("Reason", "reason", DISMISSALS, None, "Why does it need no action?")
    return _form("Dismiss review", [facts(review, today), reason, note_input()], DISMISS, origin, submit="Dismiss")


def read_dismissal(view: Mapping[str, Any]) -> tuple[str | None, str, dict[str, str]]:
    """The reason and the note, or what is wrong by block id."""
    values = view["state"]["values"]
    note, wrong = read_note(values)
    reason = chosen(values, "reason")
    if reason not in DISMISSALS:
        wrong["reason"] = "Choose a reason."
    return (None, "", wrong) if wrong else (reason, note, {})


def _form(title: str, blocks: Sequence[Block], callback: str, origin: Origin, *, submit: str) -> dict[str, Any]:
    return ModalView(
        title=title,
        blocks=list(blocks),
        submit=submit,
        close="Cancel",
        callback_id=callback,
        private_metadata=origin.to_text(),
    ).to_dict()
