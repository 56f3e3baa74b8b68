"""Escalation by hand: whoever works an item tells the next level at once; whoever was told says so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from denials.commands import State
from denials.escalation import key_of
from services import changes, people
from services.acting import not_allowed, plain_ref, unknown
from services.desk import Desk
from services.items import show_change, view
from services.people import Actor
from services.pings import Cause, Gathered, Recipient, addressed, recipients
from services.views import ItemView, Refused
from store import items, messages, outbox
from store.tables import Item, SlackMessage

ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Escalated:
    """An item was taken to the next level. `told` is the id of a person, a user group or the ops channel."""

    item: ItemView
    told: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A reminder was seen by somebody."""

    items: int


def escalate_now(desk: Desk, ref: str, version: int | None, actor: Actor) -> Escalated | Refused:
    """Tell the next level above the team at once: the lead, then the manager, then the administrators.

    Whoever was told since the item was opened, by hand or by the service levels, is not told again. A second press on
    the same card does nothing: `version` must be the item's own.
    """
    with desk.db.write() as session:
        item = items.by_ref(session, plain_ref(ref), lock=True)
        if item is None:
            return unknown()
        if refused := not_allowed(desk, item, actor):
            return refused
        shown = view(item, desk.rules, desk.today())
        if item.state == State.RESOLVED:
            return Refused("resolved", "This one is resolved, so there is nothing to escalate.", shown)
        if version is not None and version != item.version:
            return Refused("stale", "This one has changed since that was drawn. Look at the latest card first.", shown)
        level = _next_level(session, desk, item, actor)
        if level is None:
            return Refused("everyone_told", "Everybody above this team has been told already.", shown)
        now, after = desk.now(), item.version + 1
        if not items.change(session, item, {"version": after}):
            return Refused("busy", "Somebody else is changing this one at the moment. Please try again.", shown)
        pings = Gathered()
        pings.add(level, item, Cause(ESCALATED, f"escalated by <@{actor.user}>"))
        pings.write(session, human=True)
        about = {"to": level.who, "level": level.audience}
        items.log_event(session, item.id or 0, after, now, ESCALATED, actor.user, about)
        changes.touch(session, desk, item, actor.user)
        show_change(session, item, datetime.now(UTC), human=True)
        return Escalated(view(item, desk.rules, desk.today()), level.who)


def acknowledge(desk: Desk, message_id: str, actor: Actor) -> Acknowledged | Refused:
    """Somebody has seen a reminder: it says so from now on, and what they have in work counts as looked after."""
    with desk.db.write() as session:
        message = messages.find(session, message_id)
        if message is None or message.kind != "ping":
            return Refused("unknown", "That reminder is not known any more.")
        told = messages.items_of(session, message.id)
        if (refused := _may_not_acknowledge(desk, message, told, actor)) is not None:
            return refused
        data = json.loads(message.data)
        if seen_by := data.get("acknowledged"):
            who = "you have" if seen_by == actor.user else f"<@{seen_by}> has"
            return Refused("acknowledged", f"Thank you; {who} said so already.")
        message.data = json.dumps({**data, "acknowledged": actor.user})
        session.add(message)
        now, about = desk.now(), {"reminder": message.id}
        for item in sorted(told, key=lambda one: one.id or 0):
            session.refresh(item, with_for_update=True)  # somebody may be snoozing it, which sets its next step too
            items.log_event(session, item.id or 0, item.version, now, "acknowledged", actor.user, about)
            changes.touch(session, desk, item, actor.user)
        outbox.enqueue_update(session, message, datetime.now(UTC), human=True)
        return Acknowledged(len(told))


def _next_level(session: Session, desk: Desk, item: Item, actor: Actor) -> Recipient | None:
    rules = desk.rules
    above = [recipients("lead", item, rules), recipients("manager", item, rules)]
    home = rules.channel_for(item.owner)
    ladder = [one for one in above if one is not None] + [addressed(ident, "manager", home) for ident in rules.admins]
    ladder = ladder or [Recipient(rules.ops_channel, "channel")]
    told = {*_told_by_hand(session, item), *_told_by_steps(session, desk, item), actor.user}
    return next((one for one in ladder if one.who not in told), None)


def _told_by_hand(session: Session, item: Item) -> set[str]:
    log = items.events_of(session, item.id or 0)
    return {str(json.loads(one.data)["to"]) for one in log if one.kind == ESCALATED and one.at >= item.opened_at}


def _told_by_steps(session: Session, desk: Desk, item: Item) -> set[str]:
    fired = items.fired_steps(session, [item.id or 0]).get(item.id or 0, [])
    keys = {row.step for row in fired if row.pinged and row.at >= item.opened_at}
    told = [
        recipients(word, item, desk.rules)
        for step in desk.rules.policy(item.escalation)
        if key_of(step) in keys
        for word in step.notify
    ]
    return {one.who for one in told if one is not None}


def _may_not_acknowledge(desk: Desk, message: SlackMessage, told: list[Item], actor: Actor) -> Refused | None:
    """Why somebody cannot say that a reminder was seen, with who can; None where they may."""
    if message.channel.startswith(("U", "W")):
        mine = message.channel == actor.user and not actor.guest and not actor.outsider
        return None if mine else Refused("not_allowed", f"Only <@{message.channel}>, whom this reminder is for, can.")
    owners = list(dict.fromkeys(item.owner for item in told))
    if any(people.may_work(desk.rules, owner, actor) for owner in owners):
        return None
    return people.refusal(desk.rules, owners, actor, "say that this reminder was seen")
