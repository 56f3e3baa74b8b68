"""Several denials in one go: a form to choose them, and one answer that says what came of each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from slackblocks import Block, InputBlock, ModalView, Option, PlainText, StaticMultiSelectMenu, StaticSelectMenu

from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import parse_value, section
from handlers.modals import outcome_inputs
from handlers.move_forms import chosen, hand_off_inputs
from handlers.render_lists import SEVERAL
from services.bulk import Alike, Choice, Several
from services.views import ItemView

VERBS = tuple(SEVERAL)
_SUBMITS = {"claim": "Claim", "resolve": "Resolve", "handoff": "Hand off"}
_DONE = {"claim": "Claimed", "resolve": "Resolved", "handoff": "Handed off"}
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class SeveralOrigin:
    """What a form for several carries: what is done, to whose work, and where to answer."""

    verb: str
    teams: tuple[str, ...]
    response_url: str | None
    place: str
    channel: str = ""  # where to answer once the response URL has ended

    def to_text(self) -> str:
        """As private metadata."""
        return json.dumps([self.verb, list(self.teams), self.response_url, self.place, self.channel])

    @classmethod
    def from_text(cls, text: str) -> SeveralOrigin:
        """What `to_text` wrote."""
        verb, teams, response_url, place, *rest = json.loads(text)
        return cls(verb, tuple(teams), response_url, place, *rest)


def several_view(offer: Choice, today: date, rules: RuleSet, origin: SeveralOrigin) -> dict[str, Any]:
    """The form: single denials, or all of one kind, or both; then what the verb needs."""
    shown = len(offer.items)
    lead = f"{words.count(offer.total, 'denial')} to choose from"
    if offer.total > shown:
        lead += f"; the {shown} most valuable are listed one by one"
    blocks: list[Block] = [section(f"*{lead}*"), _items_input(offer.items, rules)]
    if offer.alike:
        blocks.append(_alike_input(offer.alike, rules))
    if origin.verb == "resolve":
        blocks += list(outcome_inputs(today))
    elif origin.verb == "handoff":
        blocks += hand_off_inputs(rules)
    return ModalView(
        title=SEVERAL[origin.verb],
        blocks=blocks,
        submit=_SUBMITS[origin.verb],
        close="Cancel",
        callback_id=f"several_{origin.verb}",
        private_metadata=origin.to_text(),
    ).to_dict()


def _items_input(items: Sequence[ItemView], rules: RuleSet) -> InputBlock:
    options = [Option(PlainText(_label(item, rules)), value=f"{item.ref}:{item.version}") for item in items]
    menu = StaticMultiSelectMenu(action_id="items", options=options, placeholder="Choose denials")
    return InputBlock("Denials", menu, block_id="items", optional=True)


def _label(item: ItemView, rules: RuleSet) -> str:
    code = f", {item.codes[0]}" if item.codes else ""
    return words.cut(f"{item.ref}  {words.money(item.amount, rules)}  {item.payer}{code}", 75)


def _alike_input(kinds: Sequence[Alike], rules: RuleSet) -> InputBlock:
    options = []
    for kind in kinds:
        tail = f": {words.count(kind.count, 'denial')}, {words.money(kind.amount, rules)}"
        about = words.cut(f"{kind.payer}, {', '.join(kind.codes) or 'no code'}", 75 - len(tail))
        options.append(Option(PlainText(about + tail), value=kind.key))
    return InputBlock(
        "All like these",
        StaticSelectMenu(action_id="alike", options=options, placeholder="Same payer, same codes"),
        block_id="alike",
        hint="Every denial of one payer with the same codes, also those that are not listed above.",
        optional=True,
    )


def read_chosen(view: Mapping[str, Any]) -> tuple[list[tuple[str, int | None]], str | None, dict[str, str]]:
    """The denials chosen one by one, the kind chosen, and what is wrong by block id."""
    values = view["state"]["values"]
    options = values.get("items", {}).get("items", {}).get("selected_options") or []
    found = [parsed for option in options if (parsed := parse_value(str(option["value"]))) is not None]
    kind = chosen(values, "alike")
    if not found and kind is None:
        return [], None, {"items": "Choose at least one denial, or all of one kind below."}
    return list(found), kind, {}


def several_text(verb: str, came: Several, rules: RuleSet) -> str:
    """One answer for all of them: what was done, and for each that was not, why."""
    total = sum((item.amount for item in came.done[1:]), start=came.done[0].amount) if came.done else None
    lines = [
        f"{_DONE[verb]} {words.count(len(came.done), 'denial')}, {words.money(total, rules)}."
        if total is not None
        else f"{_DONE[verb]} nothing."
    ]
    lines += [f"•  {ref}: {refused.text}" for ref, refused in came.refused[:_MOST_LINES]]
    if len(came.refused) > _MOST_LINES:
        lines.append(f"and {len(came.refused) - _MOST_LINES} more that could not be done")
    if came.left:
        lines.append(f"{came.left:,} more are alike. Do it again for those.")
    return "\n".join(lines)[:2900]
