"""The forms for hand-off, snooze and details: what they ask, and what is wrong with an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
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
from denials.reasons import HandOffReason
from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import section
from handlers.origin import Origin
from services.moves import Destination, snooze_problem
from services.views import ItemView

HAND_OFF, SNOOZE, DETAILS = "hand_off", "snooze", "details"
_MOST_OPTIONS = 100


def facts(item: ItemView, today: date, rules: RuleSet) -> Block:
    """Which denial a form is about."""
    shown = [words.safe(item.payer, 40), words.money(item.amount, rules), words.due(item, today)]
    return section(f"*{item.ref}*  ·  *{words.safe(words.title(item), 80)}*\n{'  ·  '.join(shown)}")


def note_input() -> InputBlock:
    """The one free text that Slack offers, with its warning."""
    return InputBlock(
        NOTE_LABEL,
        PlainTextInput(action_id="note", max_length=NOTE_LENGTH, placeholder="Short note, if one is needed"),
        block_id="note",
        hint="The note is kept on the Denial Desk host and never posted.",
        optional=True,
    )


def read_note(values: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The note, and why it is refused by block id."""
    note = (value_of(values, "note", "value") or "").strip()
    problem = note_problem(note) if note else None
    return note, {"note": problem} if problem else {}


def value_of(values: Mapping[str, Any], block: str, key: str) -> str | None:
    """One value of a form whose blocks and inputs have the same id."""
    found = values.get(block, {}).get(block, {}).get(key)
    return None if found is None else str(found)


def chosen(values: Mapping[str, Any], block: str) -> str | None:
    """The value chosen in a select."""
    option = values.get(block, {}).get(block, {}).get("selected_option") or {}
    found = option.get("value")
    return None if found is None else str(found)


def hand_off_inputs(rules: RuleSet, current: str | None = None) -> list[Block]:
    """Where to, why, and a note."""
    categories = _options((name, category.title) for name, category in rules.categories.items())
    teams = _options((name, owner.title) for name, owner in rules.owners.items())
    initial = next((one for one in categories if one.value == current), None)
    return [
        InputBlock(
            "Category",
            StaticSelectMenu(action_id="category", options=categories, initial_option=initial),
            block_id="category",
        ),
        InputBlock(
            "Team",
            StaticSelectMenu(action_id="team", options=teams, placeholder="The category’s own team"),
            block_id="team",
            hint="Only where another team than the category’s own should fix it.",
            optional=True,
        ),
        InputBlock(
            "Reason",
            StaticSelectMenu(
                action_id="reason", options=[Option(PlainText(str(one)), value=str(one)) for one in HandOffReason]
            ),
            block_id="reason",
        ),
        note_input(),
    ]


def _options(titles: Iterable[tuple[str, str]]) -> list[Option]:
    """Choices from names and titles, as many as Slack takes."""
    return [Option(PlainText(title), value=name) for name, title in islice(titles, _MOST_OPTIONS)]


def hand_off_view(item: ItemView, today: date, rules: RuleSet, origin: Origin) -> dict[str, Any]:
    """The hand-off form for one item."""
    return ModalView(
        title="Hand off",
        blocks=[facts(item, today, rules), *hand_off_inputs(rules, item.category)],
        submit="Hand off",
        close="Cancel",
        callback_id=HAND_OFF,
        private_metadata=origin.to_text(),
    ).to_dict()


def read_hand_off(view: Mapping[str, Any]) -> tuple[Destination | None, dict[str, str]]:
    """Where to, or what is wrong by block id."""
    values = view["state"]["values"]
    note, wrong = read_note(values)
    category, reason = chosen(values, "category"), chosen(values, "reason")
    if category is None:
        wrong["category"] = "Choose a category."
    if reason not in [str(one) for one in HandOffReason]:
        wrong["reason"] = "Choose a reason."
    if wrong or category is None or reason is None:
        return None, wrong
    return Destination(category, HandOffReason(reason), chosen(values, "team"), note), {}


def snooze_view(item: ItemView, today: date, next_day: date, rules: RuleSet, origin: Origin) -> dict[str, Any]:
    """The snooze form; the next business day is filled in."""
    until = InputBlock(
        "Rest until",
        DatePicker(action_id="until", initial_date=next_day.isoformat()),
        block_id="until",
        hint="It comes back on that day. Its deadline does not move, and reminders of the deadline still come.",
    )
    return ModalView(
        title="Snooze",
        blocks=[facts(item, today, rules), until],
        submit="Snooze",
        close="Cancel",
        callback_id=SNOOZE,
        private_metadata=origin.to_text(),
    ).to_dict()


def read_snooze(view: Mapping[str, Any], today: date) -> tuple[date | None, dict[str, str]]:
    """The day, or what is wrong by block id."""
    text = value_of(view["state"]["values"], "until", "selected_date")
    if text is None:
        return None, {"until": "Choose a day."}
    until = date.fromisoformat(text)
    problem = snooze_problem(until, today)
    return (None, {"until": problem}) if problem else (until, {})


def details_inputs(*, may_note: bool, may_give: bool) -> list[Block]:
    """What can be done from the details: give it to somebody (leads), write a short note."""
    inputs: list[Block] = []
    if may_give:
        inputs.append(
            InputBlock(
                "Give it to",
                UserSelectMenu(action_id="give_to", placeholder="Somebody of the team"),
                block_id="give_to",
                optional=True,
            )
        )
    if may_note:
        inputs.append(note_input())
    return inputs


def read_details(view: Mapping[str, Any]) -> tuple[str | None, str, dict[str, str]]:
    """Whom to give it to, the note, and what is wrong by block id."""
    values = view["state"]["values"]
    note, wrong = read_note(values)
    return value_of(values, "give_to", "selected_user"), note, wrong
