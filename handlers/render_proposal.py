"""A proposed rule as administrators see it: the evidence, the backtest, and the YAML to paste."""

from __future__ import annotations

from slackblocks import Block

from denials.rules.model import RuleSet
from handlers import words
from handlers.blocks import Rendered, context, message, section
from services.views import Proposal

# A backtick would end the block of code; it only ever stands in a quoted text, where YAML reads the escape as one.
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "\\u0060"})


def proposal(shown: Proposal, rules: RuleSet) -> Rendered:
    """The message. Everybody may read it; the mentioned administrators may act on it."""
    people = " ".join(words.audience(ident) for ident in rules.admins)
    blocks: list[Block] = [
        section(f"{people}{' ' if people else ''}*A rule is proposed*\n{_evidence(shown, rules)}"),
        section(f"*Tried on what is stored*\n{_tried(shown, rules)}"),
        section(f"*To paste as the first entry under* `rules:`\n```{shown.yaml.translate(_ESCAPES)}```"),
    ]
    if shown.replaces:
        names = ", ".join(f"`{words.safe(name, 60)}`" for name in shown.replaces[:10])
        many = "those rules" if len(shown.replaces) > 1 else "that rule"
        blocks.append(section(f"It takes everything from {names}: delete {many} then, or the file is refused."))
    blocks.append(
        context(
            "Nothing changes until somebody edits the rules file. Try the edited copy with"
            " `denials rules backtest` on the host. This is proposed once.",
            f"Handed on: {', '.join(shown.refs)}{', …' if shown.count > len(shown.refs) else ''}",
        )
    )
    return message(proposal_text(shown, rules), blocks)


def proposal_text(shown: Proposal, rules: RuleSet) -> str:
    """The same in one paragraph, for notifications and screen readers; with the YAML, which is the point of it."""
    text = f"A rule is proposed. {_evidence(shown, rules)} {_tried(shown, rules)}".replace("\n", " ").replace("*", "")
    return f"{text}\n{shown.yaml.translate(_ESCAPES)}"


def _evidence(shown: Proposal, rules: RuleSet) -> str:
    remark = f" and remark {words.safe(shown.remark, 10)}" if shown.remark else ""
    kind = f"{words.safe(shown.payer, 40)} denials with {words.safe(shown.code, 20)}{remark}"
    came = " and ".join(words.safe(title, 60) for title in shown.from_titles[:3])
    by = words.count(shown.people, "person", "people")
    stayed = (
        f"{shown.kept:,} of the kind were worked where they had come to."
        if shown.kept
        else "None of the kind was worked where it had come to."
    )
    return (
        f"In {shown.days} days {by} handed {shown.count:,} {kind}, {words.money(shown.amount, rules)},"
        f" from {came} to *{words.safe(shown.to_title, 60)}*. {stayed}"
    )


def _tried(shown: Proposal, rules: RuleSet) -> str:
    of = f"Of {words.count(shown.tried, 'denial')} of the last {shown.days} days"
    if not shown.moves:
        return f"{of} it would move none."
    lines = [
        f"•  {one.count:,} ({words.money(one.amount, rules)}) from {words.safe(one.from_title, 60)}"
        f" to {words.safe(one.to_title, 60)}"
        for one in shown.moves
    ]
    return "\n".join([f"{of} it would move:", *lines])
