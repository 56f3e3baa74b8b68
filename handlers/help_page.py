"""What `/denials` can do, in the words to type."""

from __future__ import annotations

from slackblocks import Block

from handlers.blocks import Rendered, context, message, section

_WORK = (
    ("mine", "what you have in work, by due date"),
    ("find DN-…", "one denial with its buttons"),
    ("claim DN-…", "take a denial"),
    ("release DN-…", "give a denial back to the team"),
    ("snooze DN-…", "let a denial rest until the next business day"),
    ("reopen DN-…", "take a resolved denial up again"),
    ("escalate DN-…", "tell the lead at once, then the manager"),
    ("overdue", "what is past its deadline or follow-up date"),
)
_NUMBERS = (
    ("stats", "the last 30 days: volume, rates, outcomes, backlog"),
    ("stats 90d by payer", "another period; by category, payer, owner, handoff, code, practice or location"),
    ("stats last month", "a calendar month: the one before this one, or `this month` up to today"),
    ("payers", "each payer: volume, dollars, top codes, days to resolve, overturned"),
    ("trend", "twelve weeks over time, and which categories grow"),
    ("aging", "open denials by age"),
    ("reviews", "prevention reviews: what keeps coming back, who has it, and whether the fix worked"),
    ("reviews PR-…", "one prevention review with its buttons"),
    ("rules", "who owns which category, and the service levels"),
    ("export", "how to get a CSV file on the host"),
)


def help_text(hint: str = "") -> Rendered:
    """The help; `hint` says first what was not understood, without repeating it."""
    blocks: list[Block] = [section(hint or "*What you can ask Denial Desk*")]
    for title, lines in (("Your work", _WORK), ("Numbers, prevention and rules", _NUMBERS)):
        listed = "\n".join(f"•  `/denials {word}`  {meaning}" for word, meaning in lines)
        blocks.append(section(f"*{title}*\n{listed}"))
    blocks.append(context("Answers are private; add `--post` to share one. Please type no patient details into Slack."))
    words = ", ".join(word for word, _ in (*_WORK, *_NUMBERS))
    return message(f"{hint + ' ' if hint else ''}Denial Desk understands: {words}.", blocks)
