"""The resolve form: what it asks, and what is wrong with an answer before anything is asked of the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from slackblocks import Block, DatePicker, InputBlock, ModalView, NumberInput, Option, PlainText, StaticSelectMenu

from denials.commands import Outcome
from denials.lifecycle import FOLLOW_UP_DAYS, resolution_problems
from denials.model import Preventable
from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import context, section
from handlers.move_forms import chosen, facts, note_input, read_note, value_of
from handlers.origin import Origin
from services.views import ItemView
from services.work import Resolution

RESOLVE = "resolve"
_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_UNKNOWN_AMOUNT = Decimal("1e12")
_PREVENTABLE = {Preventable.YES: "Yes", Preventable.PARTLY: "Partly", Preventable.NO: "No"}


def resolve_view(item: ItemView, today: date, rules: RuleSet, origin: Origin, *, viewer: str = "") -> dict[str, Any]:
    """The outcome form for one item. `viewer` is who opens it: the second person is told that they are it."""
    if rules.amounts == "banded":
        origin = replace(origin, amount=None)
    outcome, follow_up, note = outcome_inputs(today)
    recovered = InputBlock(
        "Recovered amount in dollars",
        NumberInput(is_decimal_allowed=True, action_id="recovered", min_value="0", placeholder="120.00"),
        block_id="recovered",
        hint=f"Only for “{Outcome.OVERTURNED}”, if known. A later remittance corrects it.",
        optional=True,
    )
    blocks: list[Block] = [facts(item, today, rules), outcome, recovered, follow_up, _prevention(item), note]
    limit = rules.write_off_limit
    if words.awaits_approval(item):
        blocks.insert(1, section(_second_person(item, viewer)))
    elif limit is not None and item.amount > limit:
        blocks.append(context(f"A write-off above {words.exact(limit)} waits for a second person."))
    return ModalView(
        title="Resolve denial",
        blocks=blocks,
        submit="Resolve",
        close="Cancel",
        callback_id=RESOLVE,
        private_metadata=origin.to_text(),
    ).to_dict()


def _prevention(item: ItemView) -> InputBlock:
    """Whether it could have been prevented, as the category's rule says until somebody knows better."""
    options = [Option(PlainText(text), value=str(one)) for one, text in _PREVENTABLE.items()]
    return InputBlock(
        "Could it have been prevented?",
        StaticSelectMenu(
            action_id="preventable",
            options=options,
            initial_option=options[list(_PREVENTABLE).index(item.preventable)],
            placeholder="Yes, partly or no",
        ),
        block_id="preventable",
        optional=True,
    )


def _second_person(item: ItemView, viewer: str) -> str:
    if viewer == item.assignee:
        return "You asked to write this off; it waits for a second person to agree."
    return (
        f"*You are the second person:* {words.person(item.assignee)} asked to write this off. Choose"
        f" “{Outcome.WRITTEN_OFF}” to agree. To disagree, cancel and choose “Decline the write-off” in the card’s menu."
    )


def outcome_inputs(today: date) -> tuple[InputBlock, InputBlock, InputBlock]:
    """Outcome, follow-up date and note: what one and several resolutions ask alike."""
    outcome = InputBlock(
        "Outcome",
        StaticSelectMenu(
            action_id="outcome",
            options=[Option(PlainText(str(one)), value=str(one)) for one in Outcome],
            placeholder="What came of it?",
        ),
        block_id="outcome",
    )
    follow_up = InputBlock(
        "Follow-up date",
        DatePicker(action_id="follow_up", initial_date=(today + timedelta(days=FOLLOW_UP_DAYS)).isoformat()),
        block_id="follow_up",
        hint=f"Used for “{Outcome.RESUBMITTED}” and “{Outcome.APPEALED}”, which wait for the payer.",
        optional=True,
    )
    return outcome, follow_up, note_input()


def read_resolution(
    view: Mapping[str, Any], amount: Decimal | None, today: date
) -> tuple[Resolution | None, dict[str, str]]:
    """The filled-in form, or what is wrong with it by block id. `amount` is what was denied, None if not known here."""
    values = view["state"]["values"]
    outcome = _outcome(values)
    if outcome is None:
        return None, {"outcome": "Choose an outcome."}
    note, wrong = read_note(values)
    recovered, problem = _dollars(value_of(values, "recovered", "value"))
    if problem is None and recovered is not None and not outcome.takes_recovered:
        problem = f"Only “{Outcome.OVERTURNED}” takes a recovered amount; leave this empty."
    follow_up = _date(value_of(values, "follow_up", "selected_date"))
    if outcome.waits and follow_up is None:
        follow_up = today + timedelta(days=FOLLOW_UP_DAYS)
    most = _UNKNOWN_AMOUNT if amount is None else amount
    wrong |= resolution_problems(outcome, None if problem else recovered, follow_up, amount=most, today=today)
    if problem:
        wrong["recovered"] = problem
    if wrong:
        return None, wrong
    return Resolution(outcome, recovered, follow_up if outcome.waits else None, note, _preventable(values)), {}


def _preventable(values: Mapping[str, Any]) -> Preventable | None:
    """What was chosen; None where it was left empty, and in forms that do not ask."""
    answer = str(chosen(values, "preventable") or "")
    return next((one for one in _PREVENTABLE if one == answer), None)


def _outcome(values: Mapping[str, Any]) -> Outcome | None:
    try:
        return Outcome(str(chosen(values, "outcome")))
    except ValueError:
        return None


def _dollars(text: str | None) -> tuple[Decimal | None, str | None]:
    if text is None or not text.strip():
        return None, None
    plain = text.strip().removeprefix("$").replace(",", "")
    if plain.startswith("-"):
        return None, "The recovered amount cannot be below zero."
    if not _MONEY.fullmatch(plain):
        return None, "Write dollars and cents, such as 120.00."
    return Decimal(plain), None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
