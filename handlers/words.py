"""Plain words for what messages show: money, spans of days, codes, states. Every outside text passes `safe()`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from denials import codes
from denials.commands import Outcome, State
from denials.model import Kind
from denials.rules.model import RuleSet
from services.views import ItemView

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "ʼ", "\n": " ", "\r": " "})
_ITALICS = re.compile(r"(?<!\w)_|_(?!\w)")
_BAND_STEPS = (Decimal(1), Decimal("2.5"), Decimal(5), Decimal(10))
_LOWEST_BAND = Decimal(50)


def safe(text: str, longest: int = 300) -> str:
    """Outside text for mrkdwn: it can mention nobody, link nowhere and format nothing; cut to `longest` characters."""
    return fit(text, longest, longest + longest // 4)


def fit(text: str, longest: int, room: int) -> str:
    """Like `safe`, and no longer than `room` as Slack counts it, where `&` takes five characters."""
    plain = _ITALICS.sub("-", cut(text, longest))
    escaped = plain.translate(_ENTITIES)
    if len(escaped) <= room:
        return escaped
    kept, room = [], room - 1
    for char in plain:
        piece = char.translate(_ENTITIES)
        if (room := room - len(piece)) < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def visible(text: str) -> str:
    """Text without what nobody sees: control characters, zero widths, marks that turn its direction. Lines stay."""
    if text.isprintable():
        return text
    return "".join(char for char in text.replace("\r", " ") if char.isprintable() or char == "\n")


def cut(text: str, longest: int) -> str:
    """What can be seen of a text, or its beginning and an ellipsis, at most `longest` characters."""
    text = visible(text)
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def packed(lines: Sequence[str], room: int = 2_800) -> list[str]:
    """Lines joined to as few texts as fit into sections."""
    texts: list[str] = []
    for one in lines:
        if texts and len(texts[-1]) + len(one) + 1 <= room:
            texts[-1] = f"{texts[-1]}\n{one}"
        else:
            texts.append(one)
    return texts


def hours(number: float) -> str:
    """A time span in the unit that reads best: `20 minutes`, `3.2 hours`, `4.5 days`."""
    if number < 1:
        minutes = round(number * 60)
        return count(minutes, "minute") if minutes else "less than a minute"
    return f"{number:,.1f} hours" if number < 48 else f"{number / 24:,.1f} days"


def money(amount: Decimal, rules: RuleSet) -> str:
    """Dollars with thousands separators, or the band they lie in where the rules show no exact amounts."""
    return band(amount) if rules.amounts == "banded" else exact(amount)


def rank(item: ItemView, rules: RuleSet) -> str:
    """What an item promises, in whole dollars; the details show its parts."""
    worth = Decimal(round(item.score))
    return band(worth) if rules.amounts == "banded" else f"${worth:,.0f}"


def exact(amount: Decimal) -> str:
    """`$1,240.00`, `-$3.50`."""
    return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def band(amount: Decimal) -> str:
    """`$1,000 to $2,500`: steps of 1, 2.5 and 5 times a power of ten, from `under $50` up."""
    if amount < 0:
        return f"minus {band(-amount)}"
    if amount == 0:
        return "$0"
    if amount < _LOWEST_BAND:
        return f"under ${_LOWEST_BAND:,.0f}"
    power = Decimal(10) ** amount.adjusted()
    low, high = next((low, high) for low, high in pairwise(_BAND_STEPS) if amount < high * power)
    return f"${low * power:,.0f} to ${high * power:,.0f}"


def count(number: int, one: str, many: str = "") -> str:
    """`1 denial`, `1,204 denials`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def due(item: ItemView, today: date) -> str:
    """`due in 12 days (assumed)`: how long the appeal limit is away, never more exact than we know."""
    words = due_words(item.due, today, assumed=item.due_assumed)
    if not item.filing_passed or item.state is State.RESOLVED:
        return words
    if item.due is None:
        return "filing limit passed"
    if item.due < today:
        return f"{words}, filing limit passed"
    return f"filing limit passed; appeal {words}"


def due_words(limit: date | None, today: date, *, assumed: bool = False) -> str:
    """The distance to a limit in words; `(assumed)` where it rests on a default and not on the payer's own rule."""
    if limit is None:
        return "no deadline known"
    days = (limit - today).days
    if days < 0:
        words = f"overdue by {count(-days, 'day')}"
    else:
        words = {0: "due today", 1: "due tomorrow"}.get(days, f"due in {days:,} days")
    return f"{words} (assumed)" if assumed else words


def is_urgent(limit: date | None, today: date) -> bool:
    """Whether a limit is a week away or less."""
    return limit is not None and (limit - today).days <= 7


def day(when: date, today: date) -> str:
    """`Nov 22`, with the year where it is not this one."""
    return short_day(when) if when.year == today.year else f"{short_day(when)}, {when.year}"


def month_days(first: date, last: date) -> str:
    """`October 1–31, 2026`: days of one month."""
    through = f"–{last.day}" if last != first else ""
    return f"{first:%B} {first.day}{through}, {first.year}"


def short_day(when: date) -> str:
    """`Nov 22`."""
    return f"{when:%b} {when.day}"


def age(item: ItemView, today: date) -> str:
    """How long ago the payer denied: `denied 12 days ago`."""
    days = (today - item.remit_date).days
    if days <= 0:
        return "denied today"
    return "denied yesterday" if days == 1 else f"denied {days:,} days ago"


def person(user: str | None) -> str:
    """A mention of a person."""
    return f"<@{user}>" if user else "nobody"


def audience(ident: str) -> str:
    """A mention of a person or a user group."""
    return f"<!subteam^{ident}>" if ident.startswith("S") else f"<@{ident}>"


def channel(ident: str) -> str:
    """A channel as a link where its id is known."""
    return safe(ident, 80) if ident.startswith("#") else f"<#{ident}>"


def place(ident: str) -> str:
    """Whoever was told: a person, a user group, or a channel."""
    return audience(ident) if ident.startswith(("U", "W", "S")) else channel(ident)


def state(item: ItemView, today: date) -> str:
    """The state as a sentence without a stop: `Open, nobody has claimed it`."""
    match item.state:
        case State.OPEN:
            return "Open, nobody has claimed it"
        case State.CLAIMED:
            return f"Claimed by {person(item.assignee)}{follow_up(item, today)}"
        case State.SNOOZED:
            until = f" until {day(item.follow_up, today)}" if item.follow_up else ""
            return (
                f"Snoozed{until}, with {person(item.assignee)}" if item.assignee else f"Snoozed{until}, nobody has it"
            )
        case State.WAITING if awaits_approval(item):
            return f"Write-off asked by {person(item.assignee)}, waiting for a second person"
        case State.WAITING:
            return f"Waiting for the payer: {item.outcome or 'sent'}{follow_up(item, today)}"
        case _:
            return f"Resolved: {item.outcome or 'done'}"


def ended_by(item: ItemView) -> str:
    """`, by …` whoever resolved it; of a write-off that two people agreed on, who asked and who approved; else ""."""
    if item.resolved_by and item.approved_by:
        return f", asked by {person(item.resolved_by)}, approved by {person(item.approved_by)}"
    return f", by {person(item.resolved_by)}" if item.resolved_by else ""


def taken_back(item: ItemView, today: date) -> str:
    """What to know where the payer reversed its decision and has not made another one; else ""."""
    if item.taken_back_on is None or item.state is State.RESOLVED:
        return ""
    return f"The payer took its decision back on {day(item.taken_back_on, today)}; a new one is awaited"


def awaits_approval(item: ItemView) -> bool:
    """Whether a write-off of it waits for a second person."""
    return item.state is State.WAITING and item.outcome == Outcome.WRITTEN_OFF


def next_step(item: ItemView, today: date) -> str:
    """What is to be done now: the category's next step, unless it waits for somebody else."""
    if awaits_approval(item):
        return "a second person approves or declines the write-off in this card’s menu."
    if item.state is State.WAITING:
        until = f" until {day(item.follow_up, today)}" if item.follow_up else ""
        return f"wait for the payer{until}."
    if taken_back(item, today):
        return f"wait for the payer’s new decision. If none comes: {safe(item.next_step)}"
    return safe(item.next_step)


def follow_up(item: ItemView, today: date) -> str:
    """`, follow up in 30 days` where a date is set."""
    if item.follow_up is None:
        return ""
    days = (item.follow_up - today).days
    if days < 0:
        return f", follow-up overdue by {count(-days, 'day')}"
    if days <= 1:
        return f", follow up {'today' if days == 0 else 'tomorrow'}"
    return f", follow up in {days:,} days"


def kind(item: ItemView) -> str:
    """What the item is where it is no ordinary denial, as the beginning of a title; else ""."""
    if item.kind is Kind.REJECTION:
        return "Rejected before adjudication"
    if item.kind is Kind.TAKEBACK:
        return "Take-back"
    return ""


def reason(item: ItemView, longest: int = 300) -> str:
    """The codes with what the first one means: `CO-197: Authorization missing (also CO-16; remark N290)`."""
    first = item.codes[0] if item.codes else ""
    others = [f"also {', '.join(item.codes[1:5])}"] if len(item.codes) > 1 else []
    if item.rarcs:
        others.append(f"{'remark' if len(item.rarcs) == 1 else 'remarks'} {', '.join(item.rarcs[:5])}")
    words = f"{first}: {item.meaning}" if first else item.meaning
    return cut(f"{words} ({'; '.join(others)})" if others else words, longest)


def remarks(item: ItemView) -> str:
    """What the first remark code says in plain words; "" where there is none that the table knows."""
    known = next((codes.rarc(code) for code in item.rarcs if codes.rarc(code)), None)
    return f"{known.code}: {known.description}" if known else ""


def title(item: ItemView) -> str:
    """The pattern first: `Authorization missing`, or the kind and the category."""
    special = kind(item)
    return f"{special}: {item.category_title}" if special else item.category_title
