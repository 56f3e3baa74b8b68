"""Several items in one message: a digest's summary and lists, reminders, and private lists for one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from slackblocks import ActionsBlock, Block, Button, PlainText

from denials.commands import State
from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import Rendered, button, context, header, message, section
from services.views import ItemView, Pattern, Ping, Summary, WorkList

SEVERAL = {"claim": "Claim several", "resolve": "Resolve several", "handoff": "Hand off several"}
PING_LINES = 20
PRIVATE_LINES = 20
_LINE_PAYER, _LINE_TITLE, _LINE_REASON = 40, 60, 60
_LONGEST_LINE = 400  # thirty of them, their buttons and the lead stay within a message's 13,000 characters
_APPROVAL = (
    "To decide on a write-off, open its card (or type `/denials find DN-…`) and choose *Approve the write-off* or"
    " *Decline the write-off* in its menu"
)
_SLACK = "https://slack.com/"


def work_list(shown: WorkList, rules: RuleSet) -> Rendered:
    """One line and one Claim button per item; a claimed line says who has it, a resolved one how it ended."""
    lead = f"*{_list_title(shown)}*\nMost valuable first. Claiming a line gives it a card of its own."
    blocks: list[Block] = [section(lead), *(_line(item, shown.today, rules) for item in shown.items)]
    free = sum(1 for item in shown.items if claimable(item) and not item.lives_elsewhere)
    if free > 1 and shown.part == shown.parts:
        blocks.append(several_buttons())
    return message(work_list_text(shown, rules), blocks)


def several_buttons() -> ActionsBlock:
    """Several denials in one go: each opens a form."""
    return ActionsBlock(
        elements=[
            Button(PlainText(label), action_id=f"several:{verb}", value="several") for verb, label in SEVERAL.items()
        ]
    )


def work_list_text(shown: WorkList, rules: RuleSet) -> str:
    """A list as one sentence."""
    total = sum((item.amount for item in shown.items), start=Decimal(0))
    open_now = sum(1 for item in shown.items if item.state is State.OPEN)
    number = words.count(len(shown.items), "denial")
    return f"{_list_title(shown)}: {number}, {words.money(total, rules)}, {open_now} not claimed yet."


def _list_title(shown: WorkList) -> str:
    owner = words.safe(shown.items[0].owner_title, 60) if shown.items else "this team"
    part = f" ({shown.part} of {shown.parts})" if shown.parts > 1 else ""
    return f"More denials for {owner}{part}"


def _line(item: ItemView, today: date, rules: RuleSet) -> Block:
    text = line(item, today, rules)
    if not claimable(item) or item.lives_elsewhere:
        return section(text)
    says = f"Claim {item.ref}, {item.payer}"[:75]
    return section(text, accessory=button("Claim", "claim", item.ref, item.version, says=says))


def claimable(item: ItemView) -> bool:
    """Whether nobody has it and there is something left to do."""
    return item.assignee is None and item.state is not State.RESOLVED


def line(item: ItemView, today: date, rules: RuleSet) -> str:
    """An item in two short lines: money, payer, why; then reference, category, deadline or state."""
    first = f"*{words.money(item.amount, rules)}*  {words.safe(item.payer, _LINE_PAYER)}  ·  "
    second = f"\n{item.ref}  ·  {words.safe(words.title(item), _LINE_TITLE)}  ·  {_line_state(item, today)}"
    if taken_back := words.taken_back(item, today):
        second += f"\n{taken_back}"
    room = _LONGEST_LINE - len(first) - len(second)
    return f"{first}{words.fit(_first_reason(item), _LINE_REASON, room)}{second}"


def _line_state(item: ItemView, today: date) -> str:
    limit = words.due(item, today)
    match item.state:
        case State.OPEN:
            now = f"*{limit}*" if words.is_urgent(item.due, today) else limit
            if item.moved:
                return f"handed off to {words.safe(item.owner_title, 60)}"
            return f"{now}, has its own card" if item.lives_elsewhere else now
        case State.CLAIMED:
            return f"*{words.state(item, today)}*, {limit}"
        case _:
            return f"*{words.state(item, today)}*{words.ended_by(item)}"


def _first_reason(item: ItemView) -> str:
    return f"{item.codes[0]}: {item.meaning}" if item.codes else item.meaning


def summary(shown: Summary, rules: RuleSet) -> Rendered:
    """What opens a digest: how much it is and which patterns it is made of."""
    title = f"{words.count(shown.count, 'new denial')} for {shown.owner_title}"
    total = f"*{words.money(shown.amount, rules)}* in all"
    blocks: list[Block] = [header(title), section("  ·  ".join(part for part in (total, _first_due(shown)) if part))]
    if alike := _alike(shown):
        lines = [_pattern(pattern, rules) for pattern in alike]
        if left := shown.more_patterns + len(shown.patterns) - len(alike):
            lines.append(f"and {words.count(left, 'other kind')}")
        blocks.append(section("*What they have in common*\n" + "\n".join(lines)))
    blocks += [context(_below(shown)), several_buttons()]
    return message(summary_text(shown, rules), blocks)


def summary_text(shown: Summary, rules: RuleSet) -> str:
    """A summary as one or two sentences."""
    lead = f"{words.count(shown.count, 'new denial')} for {words.safe(shown.owner_title, 60)}"
    parts = [f"{words.money(shown.amount, rules)} in all", _first_due(shown)]
    largest = "; ".join(_spoken(pattern, rules) for pattern in _alike(shown)[:2])
    return f"{lead}: {', '.join(part for part in parts if part)}.{f' Largest: {largest}.' if largest else ''}"


def _alike(shown: Summary) -> list[Pattern]:
    """One denial alone has nothing in common with others."""
    return [pattern for pattern in shown.patterns if pattern.count > 1]


def _first_due(shown: Summary) -> str:
    return f"the first is {words.due_words(shown.earliest_due, shown.today)}" if shown.earliest_due else ""


def _below(shown: Summary) -> str:
    cards = f"{words.count(shown.carded, 'card')} below for the most valuable" if shown.carded else ""
    lists = f"{shown.listed:,} more in {'lists' if shown.listed > 30 else 'a list'}" if shown.listed else ""
    return "  ·  ".join(part for part in (cards, lists) if part) or "Nothing is left to claim"


def _pattern(pattern: Pattern, rules: RuleSet) -> str:
    code = f"  ·  {words.safe(pattern.code, 20)}" if pattern.code else ""
    return (
        f"•  *{pattern.count:,} × {words.safe(pattern.category_title, 60)}*  ·  "
        f"{words.safe(pattern.payer, 40)}{code}  ·  {words.money(pattern.amount, rules)}"
    )


def _spoken(pattern: Pattern, rules: RuleSet) -> str:
    return (
        f"{pattern.count:,} {words.safe(pattern.category_title, 60)} at {words.safe(pattern.payer, 40)},"
        f" {words.money(pattern.amount, rules)}"
    )


def ping(shown: Ping, rules: RuleSet, workspace_url: str = _SLACK) -> Rendered:
    """One reminder about everything that needs it, with a link to where each item stands."""
    links = {ref: _permalink(workspace_url, channel, ts) for ref, channel, ts in shown.links}
    what, amount = _ping_lead(shown, rules)
    blocks: list[Block] = [section(f"{_mentions(shown)}*{what}*, {amount} in all")]
    lines = [_ping_line(item, shown.today, rules, links.get(item.ref)) for item in shown.items[:PING_LINES]]
    blocks += [section(text) for text in words.packed(lines)]
    if shown.acknowledged_by:
        blocks.append(context(f"Seen by {words.person(shown.acknowledged_by)}"))
        return message(ping_text(shown, rules), blocks)
    blocks.append(context(_ping_hint(shown)))
    if shown.message_id:
        seen = Button(PlainText("Got it"), action_id=f"acknowledge:{shown.message_id}", value=shown.message_id)
        blocks.append(ActionsBlock(elements=[seen]))
    return message(ping_text(shown, rules), blocks)


def ping_text(shown: Ping, rules: RuleSet) -> str:
    """A reminder as one sentence."""
    what, amount = _ping_lead(shown, rules)
    refs = ", ".join(item.ref for item in shown.items[:3])
    return f"{_mentions(shown)}{what}, {amount} in all: {refs}{' and more' if len(shown.items) > 3 else ''}."


def _ping_lead(shown: Ping, rules: RuleSet) -> tuple[str, str]:
    total = sum((item.amount for item in shown.items), start=Decimal(0))
    number = words.count(len(shown.items), "denial")
    several = shown.reason[:1].isdigit()  # "3 unclaimed for a day, 2 due within 7 days"
    return f"{number}{':' if several else ''} {shown.reason}", words.money(total, rules)


def _mentions(shown: Ping) -> str:
    return "".join(f"{words.audience(ident)} " for ident in shown.mentions)


def _permalink(workspace_url: str, channel: str, ts: str) -> str:
    return f"{workspace_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"


def _ping_line(item: ItemView, today: date, rules: RuleSet, link: str | None) -> str:
    ref = f"<{link}|{item.ref}>" if link else item.ref
    limit = words.due(item, today)
    facts = [
        f"*{words.money(item.amount, rules)}*  {words.safe(item.payer, _LINE_PAYER)}",
        words.safe(words.title(item), _LINE_TITLE),
        f"*{limit}*" if words.is_urgent(item.due, today) else limit,
    ]
    if item.state is not State.OPEN:
        facts.append(words.state(item, today))
    return f"•  {ref}  {'  ·  '.join(facts)}"


def _ping_hint(shown: Ping) -> str:
    more = len(shown.items) - PING_LINES
    rest = f"and {more:,} more  ·  " if more > 0 else ""
    asked = sum(1 for item in shown.items if words.awaits_approval(item))
    if asked:
        rest += _APPROVAL
        if asked == len(shown.items):
            return rest
        rest += "  ·  "
    match shown.audience:
        case "owner" | "channel":
            return f"{rest}Claim it on its card or line, or with `/denials claim DN-…`"
        case "assignee":
            return f"{rest}`/denials mine` lists what you have"
        case _:
            return f"{rest}`/denials overdue` lists what is past its date"


def private_list(
    title: str,
    items: Sequence[ItemView],
    today: date,
    rules: RuleSet,
    *,
    none: str,
    buttons: bool = True,
    place: str = "",
) -> Rendered:
    """A list for one person who asked: `mine`, `overdue`. Claimed items offer Resolve, open ones Claim."""
    if not items:
        return message(none, [section(none)], place)
    total = sum((item.amount for item in items), start=Decimal(0))
    lead = f"{title}: {words.count(len(items), 'denial')}, {words.money(total, rules)}"
    blocks: list[Block] = [section(f"*{lead}*")]
    for item in items[:PRIVATE_LINES]:
        text = line(item, today, rules)
        verb = "claim" if claimable(item) else "resolve"
        says = f"{verb.capitalize()} {item.ref}, {item.payer}"[:75]
        pressed = button(verb.capitalize(), verb, item.ref, item.version, says=says) if buttons else None
        blocks.append(section(text, accessory=pressed))
    if len(items) > PRIVATE_LINES:
        blocks.append(context(f"and {len(items) - PRIVATE_LINES:,} more"))
    refs = ", ".join(item.ref for item in items[:5])
    return message(f"{lead}. {refs}{' and more' if len(items) > 5 else ''}.", blocks, place)
