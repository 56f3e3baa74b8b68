"""Grouped reminders: one message per recipient, about the items that still need it at the moment of sending."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session

from denials.rules.model import RuleSet, Step
from services.desk import Desk
from services.items import view
from services.views import Ping
from store import messages
from store.tables import Item, SlackMessage

_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "bh": "business hour", "bd": "business day"}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a ping goes and whom it mentions there. A direct message mentions nobody."""

    channel: str
    audience: str
    mentions: tuple[str, ...] = ()


def recipients(notify: str, item: Item, rules: RuleSet) -> Recipient | None:
    """Who one word of a step's `notify` means for this item; None where the rules name nobody for it.

    `owner`: the team's channel, its user group mentioned. `lead`, `manager`, `assignee`: a direct message. `channel`:
    the team's channel, nobody mentioned. An id: that person, user group or channel.
    """
    owner = rules.owners.get(item.owner) if item.owner else None
    home = rules.channel_for(item.owner)
    people = {
        "assignee": item.assignee,
        "lead": owner.lead if owner else None,
        "manager": owner.manager if owner else None,
    }
    match notify:
        case "owner":
            return Recipient(home, "owner", (owner.group,) if owner and owner.group else ())
        case "channel":
            return Recipient(home, "channel")
        case "assignee" | "lead" | "manager":
            person = people[notify]
            return Recipient(person, notify) if person else None
        case _ if notify.startswith("S"):
            return Recipient(home, "owner", (notify,))
        case _ if notify.startswith(("U", "W")):
            return Recipient(notify, "person")
        case _:
            return Recipient(notify, "channel")


def reason_of(step: Step) -> str:
    """What a step says about an item, in words: "unclaimed for 4 business hours"."""
    if step.due_within is not None:
        return f"due within {_words(step.due_within.count, step.due_within.unit)}"
    length = _words(step.after.count, step.after.unit) if step.after else "a while"
    if step.when == "claimed":
        return f"claimed without activity for {length}"
    return f"{step.when} for {length}"


def _words(count: int, unit: str) -> str:
    return f"{count} {_UNITS[unit]}{'' if count == 1 else 's'}"


def still_needed(when: str, item: Item) -> bool:
    """Whether a ping that was due for items in state `when` still makes sense for this one."""
    if when == "unclaimed":
        return item.state == "open"
    if when == "claimed":
        return item.state == "claimed"
    return item.state != "resolved"


def ping_content(session: Session, desk: Desk, message: SlackMessage) -> Ping | None:
    """The ping as it reads now; None when nothing needs it any more."""
    data = json.loads(message.data)
    causes: dict[str, tuple[str, str]] = {str(k): (v[0], v[1]) for k, v in data["causes"].items()}
    needed = [i for i in messages.items_of(session, message.id) if still_needed(causes[i.ref][0], i)]
    if not needed:
        return None
    counts = Counter(causes[item.ref][1] for item in needed)
    today = desk.today()
    homes = messages.homes(session, needed)
    links = tuple(
        (item.ref, home.posted_channel, home.ts)
        for item in needed
        if (home := homes.get(item.home or "")) and home.posted_channel and home.ts
    )
    shown = sorted((view(item, desk.rules, today) for item in needed), key=lambda one: (-one.score, one.ref))
    reason = next(iter(counts)) if len(counts) == 1 else ", ".join(f"{n} {cause}" for cause, n in counts.most_common())
    return Ping(
        reason=reason,
        audience=data["audience"],
        mentions=tuple(data["mentions"]),
        items=tuple(shown),
        links=links,
        today=today,
    )
