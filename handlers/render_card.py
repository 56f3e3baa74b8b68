"""One item as a card: what it is, why, what to do next, who has it, and the buttons that work now."""

from __future__ import annotations

from datetime import date

from slackblocks import ActionsBlock, Block, Element, Option, OverflowMenu, PlainText

from denials.commands import State
from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import Rendered, button, context, message, prose, section
from services.views import ItemView


def card(item: ItemView, today: date, rules: RuleSet, *, buttons: bool = True, place: str = "") -> Rendered:
    """A card. A resolved item has no buttons, and neither has one that a newer card shows live.

    `place` names the private answer it is part of, so that a press can redraw it.
    """
    if item.lives_elsewhere:
        return _pointer(item, today, rules)
    blocks: list[Block] = [_what(item, today, rules, menu=buttons)]
    if item.state is not State.RESOLVED:
        blocks.append(section(_why(item)))
        blocks.append(prose(f"*Next step:* {words.next_step(item, today)}"))
    blocks.append(section(standing(item, today, rules)))
    blocks.append(context(_small_print(item, today, rules)))
    if buttons and item.state is not State.RESOLVED:
        blocks.append(ActionsBlock(elements=_buttons(item)))
    return message(spoken(item, today, rules), blocks, place)


def state(item: ItemView, today: date, rules: RuleSet) -> str:
    """The state in words, with what was recovered once that is known, and who resolved it."""
    sentence = words.state(item, today)
    if item.recovered is not None and (item.recovered or item.state is State.RESOLVED):
        sentence += f", {words.money(item.recovered, rules)} recovered"
    return f"{sentence}{words.ended_by(item)}"


def standing(item: ItemView, today: date, rules: RuleSet) -> str:
    """The state as a line of its own, and below it what the payer did to its decision."""
    lines = [f"*{state(item, today, rules)}.*"]
    if taken_back := words.taken_back(item, today):
        lines.append(f"{taken_back}.")
    return "\n".join(lines)


def spoken(item: ItemView, today: date, rules: RuleSet) -> str:
    """The card as one line for notifications and screen readers."""
    taken_back = words.taken_back(item, today)
    return (
        f"{item.ref}: {words.safe(words.title(item), 80)}, {words.safe(item.payer, 40)},"
        f" {words.money(item.amount, rules)}, {words.due(item, today)}. {state(item, today, rules)}."
        f"{f' {taken_back}.' if taken_back else ''}"
    )


def _what(item: ItemView, today: date, rules: RuleSet, *, menu: bool) -> Block:
    limit = words.due(item, today)
    if item.state is State.RESOLVED:
        limit = ""
    elif words.is_urgent(item.due, today):
        limit = f"*{limit}*"
    facts = [f"*{words.money(item.amount, rules)}*", words.safe(item.payer, 40), limit]
    text = f"*{words.safe(words.title(item), 80)}*\n{'  ·  '.join(fact for fact in facts if fact)}"
    return section(text, accessory=_menu(item) if menu else None)


def _why(item: ItemView) -> str:
    lines = [f"*Why:* {words.safe(words.reason(item, 260))}"]
    if remark := words.remarks(item):
        lines.append(f"*Payer's remark:* {words.safe(remark, 120)}")
    return "\n".join(lines)


def _small_print(item: ItemView, today: date, rules: RuleSet) -> str:
    parts = [
        f"*{item.ref}*",
        words.safe(item.owner_title, 60),
        words.age(item, today),
        *([] if item.state is State.RESOLVED else [f"rank {words.rank(item, rules)}"]),
        f"as of {words.short_day(today)}",
    ]
    if item.repeats:
        parts.append("came back once" if item.repeats == 1 else f"came back {item.repeats} times")
    parts += [words.safe(label, 40) for label in (item.practice, item.location) if label]
    return "  ·  ".join(parts)


def _buttons(item: ItemView) -> list[Element]:
    about = f"{item.ref}, {item.payer}"[:60]
    first = (
        button("Claim", "claim", item.ref, item.version, primary=True, says=f"Claim {about}")
        if item.assignee is None
        else button("Release", "release", item.ref, item.version, says=f"Release {about}")
    )
    return [first, button("Resolve", "resolve", item.ref, item.version, says=f"Resolve {about}")]


def _menu(item: ItemView) -> OverflowMenu:
    """What is rarer than the buttons; Slack allows five options. Each option's value ends with its verb."""
    return OverflowMenu(
        action_id=f"menu:{item.ref}",
        options=[Option(PlainText(label), value=f"{item.ref}:{item.version}:{verb}") for verb, label in _offers(item)],
    )


def _offers(item: ItemView) -> list[tuple[str, str]]:
    number, details = ("number", "Claim number"), ("details", "Details and history")
    if item.state is State.RESOLVED:
        return [("reopen", "Reopen"), number, details]
    if words.awaits_approval(item):  # the same for everybody: who asked is refused privately
        decide = [("approve", "Approve the write-off"), ("decline", "Decline the write-off")]
        return [*decide, ("handoff", "Hand off"), number, details]
    rest = ("wake", "Take up again now") if item.state in (State.SNOOZED, State.WAITING) else ("snooze", "Snooze")
    return [("handoff", "Hand off"), rest, number, ("escalate", "Escalate now"), details]


def _pointer(item: ItemView, today: date, rules: RuleSet) -> Rendered:
    where = "is shown on a newer card"
    if item.moved:
        where = f"was handed off to {words.safe(item.owner_title, 60)} in {words.channel(item.owner_channel)}"
    about = f"{words.safe(words.title(item), 80)}, {words.safe(item.payer, 40)}"
    return message(f"{item.ref} {where}. {state(item, today, rules)}.", [context(f"*{item.ref}* {where}: {about}")])
