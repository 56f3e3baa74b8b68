"""The details form: why an item is where it is, what happened to it, what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from slackblocks import Block, ModalView

from denials.model import Kind
from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import context, section
from handlers.move_forms import DETAILS, details_inputs, facts
from handlers.origin import Origin
from handlers.render_card import standing
from handlers.render_rules import step_words
from services.history import Details, Entry, Planned
from services.logged import TAKEN_BACK
from services.money import dollars
from services.work import PREVENTABLE_CORRECTED

MOST_ENTRIES = 40
_PER_SECTION = 8
_SENTENCES = {
    "opened": "Taken in from a remittance",
    "repeated": "Denied again by a later remittance",
    "claimed": "Claimed",
    "released": "Released",
    "resolved": "Resolved",
    "sent": "Sent to the payer",
    "settled": "A later remittance paid",
    "preventable_corrected": "Preventable corrected",
    "taken_back": "The payer took its decision back; a new one is awaited",
    "decision_not_awaited": "A decision of the payer is in force again",
    "reopened": "Reopened",
    "reassigned": "Reassigned",
    "handed_off": "Handed off",
    "snoozed": "Snoozed",
    "woken": "Back from waiting",
    "write_off_asked": "Write-off asked",
    "write_off_declined": "Write-off declined",
    "escalated": "Escalated",
    "acknowledged": "Reminder seen",
    "noted": "Note kept",
}


def details_view(shown: Details, rules: RuleSet, origin: Origin, *, may_note: bool, may_give: bool) -> dict[str, Any]:
    """The form, within Slack's limits however long the history is; with a note and a new assignee for who may."""
    item, today = shown.item, shown.today
    blocks: list[Block] = [
        facts(item, today, rules),
        section(standing(item, today, rules)),
        section(f"*Why this category*\n{words.safe(item.why, 300).rstrip('.')}.{_decided(shown.decided_by)}"),
        section(f"*Why this rank*\n{_rank(shown, rules)}"),
    ]
    if item.due and shown.due_source:
        blocks.append(section(f"*Where the deadline comes from*\n{words.safe(shown.due_source, 200)}"))
    blocks += _history(shown, rules)
    blocks += _planned(shown)
    inputs = details_inputs(may_note=may_note, may_give=may_give)
    return ModalView(
        title="Denial details",
        blocks=[*blocks, *inputs],
        close="Close",
        submit="Save" if inputs else None,
        callback_id=DETAILS,
        private_metadata=origin.to_text(),
    ).to_dict()


def _decided(decided_by: str) -> str:
    kind, _, name = decided_by.partition(":")
    match kind:
        case "rule":
            return f" Decided by rule `{words.safe(name, 60)}` of the rules file."
        case "carc" | "rarc":
            return f" Decided by the code table’s row for {kind.upper()} {words.safe(name, 10)}."
        case _:
            return ""


def _rank(shown: Details, rules: RuleSet) -> str:
    parts = (
        f"{words.money(shown.item.amount, rules)} at stake  ×  {shown.chance * 100:.0f}% chance to overturn"
        f"  ×  {shown.urgency.normalize():f} for urgency"
    )
    return f"{parts}  =  {words.money(Decimal(str(shown.item.score)), rules)}\n{_behind(shown)}"


def _behind(shown: Details) -> str:
    """The decided denials behind the chance."""
    item, odds = shown.item, shown.odds
    code = words.safe(item.codes[0], 20) if item.codes else "this code"
    if item.kind is not Kind.DENIAL:
        return "Even odds are assumed: no payer has decided this one."
    if not odds.code_decided:
        return f"Even odds are assumed: no denial with {code} has been decided here yet."
    payer = words.safe(item.payer, 40)
    here = f"{odds.decided:,} decided here with {code} from {payer}, {odds.overturned:,} overturned"
    anyone = f"{odds.code_decided:,} with {code} from any payer, {odds.code_overturned:,} overturned"
    return f"{here}; {anyone}. Few outcomes are drawn toward even odds."


def _history(shown: Details, rules: RuleSet) -> list[Block]:
    entries = shown.entries[-MOST_ENTRIES:]
    lines = [f"•  {moment(entry.at)}: {_sentence(entry, rules)}" for entry in entries]
    if len(shown.entries) > len(entries):
        lines.insert(0, f"•  {len(shown.entries) - len(entries)} earlier entries are on the host")
    if not lines:
        return [section("*History*\nNothing has happened yet.")]
    parts = [lines[start : start + _PER_SECTION] for start in range(0, len(lines), _PER_SECTION)]
    return [section(("*History*\n" if number == 0 else "") + "\n".join(part)) for number, part in enumerate(parts)]


def moment(at: datetime) -> str:
    """A time in the viewer's own zone; UTC where a client cannot tell it."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{at:%b %d, %Y %H:%M} UTC>"


def _when(one: Planned) -> str:
    """The moment of a step; a step whose time has come outside business hours waits, and says so."""
    if not one.waits:
        return moment(one.at)
    at = f"<!date^{int(one.at.timestamp())}^{{time}} on {{date_short}}|{one.at:%H:%M} UTC on {one.at:%b %d, %Y}>"
    return f"waits until {at}"


def _sentence(entry: Entry, rules: RuleSet) -> str:
    data = entry.data
    words_of = _SENTENCES.get(entry.kind, entry.kind.replace("_", " ").capitalize())
    who = f" by {words.person(entry.actor)}" if entry.actor else ""
    if entry.kind == "write_off_asked":
        words_of, who = f"Write-off asked{who}; a second person must agree", ""
        data = {key: value for key, value in data.items() if key != "outcome"}
    extras = [text for text in (_outcome(data), _to(entry.kind, data), _money(data, rules), _until(data)) if text]
    if entry.has_note:
        extras.append("with a note, kept on the host")
    if entry.kind == TAKEN_BACK:
        words_of = f"{words_of} (remittance of {words.day(date.fromisoformat(str(data['day'])), entry.at.date())})"
    return f"{words_of}{who}{': ' if extras else ''}{', '.join(extras)}"


def _outcome(data: Mapping[str, object]) -> str:
    return words.safe(str(data["outcome"]), 60) if data.get("outcome") else ""


def _to(kind: str, data: Mapping[str, object]) -> str:
    if kind == "reassigned" and data.get("assignee"):
        return f"to {words.person(str(data['assignee']))}"
    if kind == PREVENTABLE_CORRECTED:
        return f"from {words.safe(str(data['from']), 20)} to {words.safe(str(data['to']), 20)}"
    if kind == "handed_off":
        reason = f" ({words.safe(str(data['reason']), 80)})" if data.get("reason") else ""
        return f"to {words.safe(str(data.get('category', '')).replace('_', ' '), 60)}{reason}"
    return f"agreed by {words.person(str(data['approved_by']))}" if data.get("approved_by") else ""


def _money(data: Mapping[str, object], rules: RuleSet) -> str:
    cents = data.get("recovered_cents")
    return f"{words.money(dollars(int(str(cents))), rules)} recovered so far" if cents is not None else ""


def _until(data: Mapping[str, object]) -> str:
    when = data.get("follow_up") or data.get("until")
    return f"until {words.safe(str(when), 20)}" if when else ""


def _planned(shown: Details) -> list[Block]:
    lines = [f"•  {_when(one)}: {step_words(one.step)}" for one in shown.planned[:10]]
    if shown.wakes_at:
        lines.insert(0, f"•  {moment(shown.wakes_at)}: it comes back")
    if lines:
        return [section("*What comes if nothing happens*\n" + "\n".join(lines))]
    return [context("No reminder is planned.")]
