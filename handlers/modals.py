"""The resolve form: what it asks, and what is wrong with an answer before anything is asked of the database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from slackblocks import (
    Block,
    DatePicker,
    InputBlock,
    ModalView,
    NumberInput,
    Option,
    PlainText,
    PlainTextInput,
    StaticSelectMenu,
)

from denials.commands import Outcome
from denials.lifecycle import FOLLOW_UP_DAYS, resolution_problems
from denials.notes import NOTE_LABEL, NOTE_LENGTH, note_problem
from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import context, section
from services.views import ItemView
from services.work import Resolution

RESOLVE = "resolve"
_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_UNKNOWN_AMOUNT = Decimal("1e12")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form was opened, carried in its private metadata. `amount` is None where Slack must not learn it."""

    ref: str
    version: int
    response_url: str | None
    place: str
    amount: Decimal | None = None

    def to_text(self) -> str:
        """As private metadata, which people do not see and Slack hands back."""
        amount = None if self.amount is None else str(self.amount)
        return json.dumps([self.ref, self.version, self.response_url, self.place, amount])

    @classmethod
    def from_text(cls, text: str) -> Origin:
        """What `to_text` wrote."""
        ref, version, response_url, place, amount = json.loads(text)
        return cls(ref, int(version), response_url, place, None if amount is None else Decimal(amount))


def resolve_view(item: ItemView, today: date, rules: RuleSet, origin: Origin) -> dict[str, Any]:
    """The outcome form for one item."""
    if rules.amounts == "banded":
        origin = Origin(origin.ref, origin.version, origin.response_url, origin.place)
    facts = [words.safe(item.payer, 40), words.money(item.amount, rules), words.due(item, today)]
    blocks: list[Block] = [
        section(f"*{item.ref}*  ·  *{words.safe(words.title(item), 80)}*\n{'  ·  '.join(facts)}"),
        InputBlock(
            "Outcome",
            StaticSelectMenu(
                action_id="outcome",
                options=[Option(PlainText(str(outcome)), value=str(outcome)) for outcome in Outcome],
                placeholder="What came of it?",
            ),
            block_id="outcome",
        ),
        InputBlock(
            "Recovered amount in dollars",
            NumberInput(is_decimal_allowed=True, action_id="recovered", min_value="0", placeholder="120.00"),
            block_id="recovered",
            hint=f"Only for “{Outcome.OVERTURNED}”, if known. A later remittance corrects it.",
            optional=True,
        ),
        InputBlock(
            "Follow-up date",
            DatePicker(action_id="follow_up", initial_date=(today + timedelta(days=FOLLOW_UP_DAYS)).isoformat()),
            block_id="follow_up",
            hint=f"Used for “{Outcome.RESUBMITTED}” and “{Outcome.APPEALED}”, which wait for the payer.",
            optional=True,
        ),
        InputBlock(
            NOTE_LABEL,
            PlainTextInput(action_id="note", max_length=NOTE_LENGTH, placeholder="Short note, if one is needed"),
            block_id="note",
            hint="The note is kept on the Denial Desk host and never posted.",
            optional=True,
        ),
    ]
    limit = rules.write_off_limit
    if limit is not None and item.amount > limit:
        blocks.append(context(f"A write-off above {words.exact(limit)} waits for a second person."))
    return ModalView(
        title="Resolve denial",
        blocks=blocks,
        submit="Resolve",
        close="Cancel",
        callback_id=RESOLVE,
        private_metadata=origin.to_text(),
    ).to_dict()


def read_resolution(view: Mapping[str, Any], origin: Origin, today: date) -> tuple[Resolution | None, dict[str, str]]:
    """The filled-in form, or what is wrong with it by block id. Asks nothing of anybody."""
    values = view["state"]["values"]
    wrong: dict[str, str] = {}
    outcome = _outcome(values)
    if outcome is None:
        return None, {"outcome": "Choose an outcome."}
    recovered, problem = _dollars(_value(values, "recovered", "value"))
    if problem:
        wrong["recovered"] = problem
    elif recovered is not None and not outcome.takes_recovered:
        wrong["recovered"] = f"Only “{Outcome.OVERTURNED}” takes a recovered amount; leave this empty."
    follow_up = _date(_value(values, "follow_up", "selected_date"))
    if outcome.waits and follow_up is None:
        follow_up = today + timedelta(days=FOLLOW_UP_DAYS)
    amount = _UNKNOWN_AMOUNT if origin.amount is None else origin.amount
    wrong |= resolution_problems(outcome, None if wrong else recovered, follow_up, amount=amount, today=today)
    note = (_value(values, "note", "value") or "").strip()
    if note and (problem := note_problem(note)):
        wrong["note"] = problem
    if wrong:
        return None, wrong
    return Resolution(outcome, recovered, follow_up if outcome.waits else None, note), {}


def _value(values: Mapping[str, Any], block: str, key: str) -> str | None:
    found = values.get(block, {}).get(block, {}).get(key)
    return None if found is None else str(found)


def _outcome(values: Mapping[str, Any]) -> Outcome | None:
    option = values.get("outcome", {}).get("outcome", {}).get("selected_option") or {}
    try:
        return Outcome(str(option.get("value")))
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
