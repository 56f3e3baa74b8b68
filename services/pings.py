"""Grouped reminders: one message per recipient, about the items that still need it at the moment of sending."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlmodel import Session

from denials.commands import State
from denials.rules.model import RuleSet, Step
from services.desk import Desk
from services.items import state_of, view
from services.roster import is_group
from services.views import Ping
from store import messages
from store import pings as stored
from store.tables import Item, SlackMessage

_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "bh": "business hour", "bd": "business day"}
DUE, WOKEN, APPROVAL = "due", "woken", "approval"  # causes beside a step's own unclaimed, claimed and open
_APPROVAL_REASON = "written off above the limit, waiting for a second person"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a ping goes and whom it mentions there. A direct message mentions nobody."""

    channel: str
    audience: str
    mentions: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """Whom it reaches: the group that is mentioned in a channel, the person, or the channel itself."""
        return self.mentions[0] if self.mentions else self.channel


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an item is in a ping: in which condition it must still be when the ping is sent, and the words for it."""

    when: str
    reason: str


@dataclass(slots=True)
class _Group:
    recipient: Recipient
    item_ids: list[int] = field(default_factory=list)
    causes: dict[str, dict[str, str]] = field(default_factory=dict)  # reference → condition → reason


class Gathered:
    """Pings gathered by one transaction and asked for at its end: one message per channel or person."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}

    def add(self, recipient: Recipient, item: Item, cause: Cause) -> None:
        """Tell one recipient about an item. Of several causes with one condition the last, the loudest, is told."""
        if item.id is None:
            return
        group = self._groups.setdefault(recipient.channel, _Group(recipient))
        group.recipient = _both(group.recipient, recipient)
        if item.id not in group.item_ids:
            group.item_ids.append(item.id)
        group.causes.setdefault(item.ref, {})[cause.when] = cause.reason

    def write(self, session: Session, *, human: bool = False) -> int:
        """Ask for the messages; how many new ones that makes. One that still waits for the sender is made longer."""
        new = 0
        now = datetime.now(UTC)
        for channel, group in sorted(self._groups.items()):
            recipient, causes = group.recipient, group.causes
            message = stored.waiting(session, channel)
            if message is not None:
                before = json.loads(message.data)
                recipient = _both(Recipient(channel, before["audience"], tuple(before["mentions"])), recipient)
                causes = {**before["causes"]}
                for ref, reasons in group.causes.items():
                    causes[ref] = {**causes.get(ref, {}), **reasons}
            data = {"causes": causes, "audience": recipient.audience, "mentions": list(recipient.mentions)}
            if message is not None:
                stored.extend(session, message, group.item_ids, data)
            else:
                stored.post(session, channel, group.item_ids, data, now, human=human)
                new += 1
        return new


def recipients(notify: str, item: Item, rules: RuleSet) -> Recipient | None:
    """Who one word of a step's `notify` means for this item; None where the rules name nobody for it.

    `owner`: the team's channel, its user group mentioned. `lead`, `manager`, `assignee`: a direct message, or where a
    user group is that, the team's channel with the group mentioned. `channel`: the team's channel, nobody mentioned.
    An id: that person, user group or channel.
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
            return addressed(person, notify, home) if person else None
        case _ if is_group(notify):
            return addressed(notify, "owner", home)
        case _ if notify.startswith(("U", "W")):
            return Recipient(notify, "person")
        case _:
            return Recipient(notify, "channel")


def addressed(ident: str, audience: str, home: str) -> Recipient:
    """A person by direct message, a user group in the channel where its team works."""
    return Recipient(home, "owner", (ident,)) if is_group(ident) else Recipient(ident, audience)


def audience_of(step: Step, item: Item, rules: RuleSet) -> tuple[Recipient, ...]:
    """Everyone whom a step reaches for this item. Where it would reach nobody, the team's channel: nothing is lost."""
    found = [recipient for word in step.notify if (recipient := recipients(word, item, rules)) is not None]
    return tuple(found) or (Recipient(rules.channel_for(item.owner), "channel"),)


def cause_of(step: Step, item: Item, today: date) -> Cause:
    """What a step says about an item, in words: "unclaimed for 4 business hours"."""
    if step.due_within is not None:
        if item.due is not None and item.due < today:
            return Cause(DUE, "past the deadline")
        return Cause(DUE, f"due within {_words(step.due_within.count, step.due_within.unit)}")
    length = _words(step.after.count, step.after.unit) if step.after else "a while"
    if step.when == "claimed":
        return Cause(step.when, f"claimed without activity for {length}")
    return Cause(step.when, f"{step.when} for {length}")


def woken(before: State) -> Cause:
    """What is said of an item that comes back by itself."""
    return Cause(WOKEN, "snoozed until today" if before is State.SNOOZED else "due for a follow-up with the payer")


def ask_for_approval(session: Session, desk: Desk, item: Item, asked_by: str) -> None:
    """Tell the manager (the lead, the administrators) that a write-off waits; never the person who asked."""
    rules = desk.rules
    owner = rules.owners.get(item.owner) if item.owner else None
    candidates = [owner.manager, owner.lead] if owner else []
    person = next((ident for ident in (*candidates, *rules.admins) if ident and ident != asked_by), None)
    pings = Gathered()
    home = rules.channel_for(item.owner)
    recipient = addressed(person, "manager", home) if person else Recipient(rules.ops_channel, "channel")
    pings.add(recipient, item, Cause(APPROVAL, _APPROVAL_REASON))
    pings.write(session, human=True)


def still_needed(when: str, item: Item) -> bool:
    """Whether a ping that was due for items in condition `when` still makes sense for this one."""
    match when:
        case "unclaimed":
            return item.state == State.OPEN
        case "claimed":
            return item.state == State.CLAIMED
        case "due":
            return item.state not in (State.RESOLVED, State.WAITING)
        case "woken":
            return item.state in (State.OPEN, State.CLAIMED)
        case "approval":
            return state_of(item).awaits_approval
        case _:
            return item.state != State.RESOLVED


def ping_content(session: Session, desk: Desk, message: SlackMessage) -> Ping | None:
    """The ping as it reads now; None when nothing needs it any more."""
    data = json.loads(message.data)
    found = messages.items_of(session, message.id)
    acknowledged = data.get("acknowledged")  # then the message stands as it was read
    reasons = {
        item.ref: [
            reason
            for when, reason in data["causes"].get(item.ref, {}).items()
            if acknowledged or still_needed(when, item)
        ]
        for item in found
    }
    needed = [item for item in found if reasons[item.ref]]
    if not needed:
        return None
    counts = Counter(reason for item in needed for reason in reasons[item.ref])
    today = desk.today()
    homes = messages.homes(session, needed)
    links = tuple(
        (item.ref, home.posted_channel, home.ts)
        for item in needed
        if (home := homes.get(item.home or "")) and home.posted_channel and home.ts
    )
    chances = desk.chances.read(session, desk.now())
    views = [view(item, desk.rules, today, chances=chances) for item in needed]
    shown = sorted(views, key=lambda one: (-one.score, one.ref))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    reason = ranked[0][0] if len(ranked) == 1 else ", ".join(f"{n} {cause}" for cause, n in ranked)
    return Ping(
        reason=reason,
        audience=data["audience"],
        mentions=tuple(data["mentions"]),
        items=tuple(shown),
        links=links,
        today=today,
        message_id=message.id,
        acknowledged_by=acknowledged,
    )


def _both(one: Recipient, other: Recipient) -> Recipient:
    """One recipient for two reasons to write to the same channel or person."""
    audience = other.audience if one.audience == "channel" else one.audience
    return Recipient(one.channel, audience, tuple(dict.fromkeys((*one.mentions, *other.mentions))))


def _words(count: int, unit: str) -> str:
    return f"{count} {_UNITS[unit]}{'' if count == 1 else 's'}"
