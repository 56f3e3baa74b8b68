"""The rules in force as people need them: who owns what, and what happens to what nobody touches."""

from __future__ import annotations

from slackblocks import Block

from denials.rules.model import Duration, Owner, RuleSet, Step
from handlers import words
from handlers.blocks import Rendered, context, header, message, section

_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "bh": "business hour", "bd": "business day"}
_ROOM = 2_800  # a section takes 3,000
_UNOWNED = "nobody yet, shown in the ops channel"


def rules(current: RuleSet) -> Rendered:
    """Categories with their owners, the steps of the policies, and where all of it is changed."""
    categories = [
        f"•  *{words.safe(category.title, 60)}*  {_owner(current.owners.get(category.owner or ''))}"
        for category in current.categories.values()
    ]
    blocks: list[Block] = [header("The rules in force"), section(_fitting("*Who owns what*", categories))]
    policies = {category.escalation for category in current.categories.values()}
    for name in sorted(policies & set(current.escalations)):
        label = "What climbs when nobody touches it" if len(policies) == 1 else f"What climbs: {name}"
        steps = [f"•  {step_words(step)}" for step in current.escalations[name]]
        blocks.append(section(_fitting(f"*{words.safe(label, 80)}*", steps)))
    blocks.append(section(_hours(current)))
    blocks.append(
        context("They stand in `rules.yaml` on the host; `denials rules explain` says why a denial went where it did")
    )
    text = f"The rules in force: {words.count(len(categories), 'category', 'categories')}, each with its owner."
    return message(text, blocks[:48])


def _owner(owner: Owner | None) -> str:
    if owner is None:
        return _UNOWNED
    lead = f", lead {words.audience(owner.lead)}" if owner.lead else ""
    return f"{words.safe(owner.title, 60)} in {words.channel(owner.channel)}{lead}"


def step_words(step: Step) -> str:
    """A step as a sentence: `unclaimed for 4 business hours: tell the team`."""
    return f"{_condition(step)}: tell {', '.join(told(word) for word in step.notify)}"


def _condition(step: Step) -> str:
    if step.due_within is not None:
        return f"due within {_length(step.due_within)}" + ("" if step.when == "open" else f" and {step.when}")
    length = _length(step.after) if step.after else "a while"
    return f"claimed without activity for {length}" if step.when == "claimed" else f"{step.when} for {length}"


def _length(span: Duration) -> str:
    return words.count(span.count, _UNITS[span.unit])


def told(word: str) -> str:
    """Whom a word of `notify` means."""
    named = {
        "owner": "the team",
        "lead": "the lead",
        "manager": "the manager",
        "assignee": "whoever has it",
        "channel": "the channel",
    }
    if word in named:
        return named[word]
    return words.channel(word) if word.startswith(("C", "G", "#")) else words.audience(word)


def _hours(current: RuleSet) -> str:
    hours = current.business_hours
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    days = ", ".join(names[number] for number in sorted(hours.days))
    return f"*Business hours*\n{days}, {_clock(hours.open)} to {_clock(hours.close)}, {current.timezone.key}"


def _clock(at: object) -> str:
    return f"{at:%I:%M %p}".lstrip("0")


def _fitting(title: str, lines: list[str]) -> str:
    text = title
    for number, one in enumerate(lines):
        if len(text) + len(one) > _ROOM:
            return f"{text}\nand {len(lines) - number} more"
        text = f"{text}\n{one}"
    return text
