"""What changes whose work an item is and when: hand off, reassign, snooze, wake, reopen. Each is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from denials.business_time import calendar_of
from denials.commands import HandOff, ItemState, Reassign, Reopen, Snooze, Wake
from denials.model import Kind
from denials.notes import note_problem
from denials.reasons import HandOffReason
from denials.rules.model import RuleSet
from services import people
from services.acting import act, leads
from services.desk import Desk
from services.people import Actor
from services.pings import Cause, Gathered, Recipient
from services.views import Done, Refused
from store import claims, guidance, messages, outbox
from store.guidance import Words, guidance_id
from store.rollups import Tally
from store.tables import Item

LONGEST_SNOOZE = timedelta(days=366)
_COUNTED = ("category", "owner", "handoff")  # the dimensions that a hand-off moves an item between


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an item is to go. `owner` None: the category's own team. The note is kept sealed, never posted."""

    category: str
    reason: HandOffReason
    owner: str | None = None
    note: str = field(default="", repr=False)


def hand_off(
    desk: Desk, ref: str, version: int | None, actor: Actor, to: Destination, *, gather: bool = False
) -> Done | Refused:
    """Give an item to another category or team: it gets a card in their channel, the old one says where it went.

    With `gather` it is announced there together with others instead of by a card of its own.
    """
    rules = desk.rules
    category = rules.categories.get(to.category)
    if category is None or (to.owner is not None and to.owner not in rules.owners):
        return Refused("unknown_team", "The rules do not name that category or team any more. Please choose again.")
    if problem := note_problem(to.note):
        return Refused("note", problem)
    owner = to.owner or category.owner
    was: dict[str, Any] = {}

    def command(item: Item, rules: RuleSet) -> HandOff | Refused:
        if (item.category, item.owner) == (category.name, owner):
            return Refused("no_change", "It is with that team in that category already.")
        was.update({name: getattr(item, name) for name in _COUNTED}, channel=rules.channel_for(item.owner))
        return HandOff(actor.user, category.name, owner, str(to.reason), leads(rules, item, actor))

    words: list[Words] = []

    def also(item: Item, _rules: RuleSet) -> Mapping[str, Any]:
        if item.category == category.name:
            return {"owner": owner}
        words[:] = [item.words._replace(next_step=category.next_step)]
        return {
            "owner": owner,
            "category": category.name,
            "handoff": category.handoff,
            "guidance_id": guidance_id(words[0]),
            "preventable": str(category.preventable),
            "escalation": category.escalation,
        }

    def then(session: Session, item: Item, _before: ItemState) -> None:
        guidance.add(session, words)
        _count(session, was, item)
        channel = desk.rules.channel_for(item.owner)
        if channel != was["channel"]:
            _move(session, desk, item, channel, gather=gather)

    return act(desk, ref, version, actor, command, note=to.note, also=also, then=then)


def reassign(desk: Desk, ref: str, version: int | None, actor: Actor, to: Actor) -> Done | Refused:
    """Give an item to somebody of its team, who is told. For its lead, its manager and administrators."""

    def command(item: Item, rules: RuleSet) -> Reassign | Refused:
        if not leads(rules, item, actor):
            return Refused("not_allowed", f"Only {people.lead_names(rules, item.owner)} can give this one to somebody.")
        if people.lacks_proof(rules, item.owner, to):
            text = (
                f"Slack does not tell whether <@{to.user}> is a guest; an administrator must give the app `users:read`."
            )
            return Refused("unproven", text)
        if not people.may_work(rules, item.owner, to):
            team = people.who_may(rules, item.owner)
            return Refused("not_theirs", f"<@{to.user}> cannot work this one; that is for {team}. Hand it off instead.")
        return Reassign(actor.user, to.user, override=True)

    def then(session: Session, item: Item, _before: ItemState) -> None:
        if to.user == actor.user:
            return
        pings = Gathered()
        pings.add(Recipient(to.user, "assignee"), item, Cause("assigned", f"given to you by <@{actor.user}>"))
        pings.write(session, human=True)

    return act(desk, ref, version, actor, command, card=True, then=then)


def snooze(desk: Desk, ref: str, version: int | None, actor: Actor, until: date | None) -> Done | Refused:
    """Let an item rest until a date; None: the next business day. Its deadline goes on."""
    day = until or next_business_day(desk)
    if problem := snooze_problem(day, desk.today()):
        return Refused("until", problem)
    return act(
        desk, ref, version, actor, lambda item, rules: Snooze(actor.user, day, override=leads(rules, item, actor))
    )


def snooze_problem(until: date, today: date) -> str | None:
    """Why an item cannot rest until a day; None when it can."""
    if until <= today:
        return "Choose a day after today."
    if until > today + LONGEST_SNOOZE:
        return "Choose a day within a year."
    return None


def next_business_day(desk: Desk) -> date:
    """The first day after today on which there is work."""
    calendar = calendar_of(desk.rules)
    tomorrow = calendar.midnight(desk.today() + timedelta(days=1))
    return calendar.local_day(calendar.next_opening(tomorrow))


def wake(desk: Desk, ref: str, version: int | None, actor: Actor) -> Done | Refused:
    """Take up an item that rests or waits before its date has come."""
    return act(
        desk, ref, version, actor, lambda item, rules: Wake(actor.user, override=leads(rules, item, actor)), card=True
    )


def reopen(desk: Desk, ref: str, version: int | None, actor: Actor) -> Done | Refused:
    """Take up a resolved item again: nobody has it, and its service levels begin anew."""
    return act(desk, ref, version, actor, lambda _item, _rules: Reopen(actor.user), card=True)


def _count(session: Session, was: Mapping[str, Any], item: Item) -> None:
    """Move the item in the counts by category, team and origin to where it is now, on the days it was denied."""
    if item.kind != Kind.DENIAL:
        return
    tally, again = Tally(), claims.repeat_days(session, item.id) if item.id is not None else []
    for sign, names in ((-1, was), (1, {name: getattr(item, name) for name in _COUNTED})):
        known = {name: names[name] or "unowned" for name in _COUNTED}
        tally.denial(known, item.first_remit_date, new=sign, cents=sign * item.first_cents)
        for day in again:
            tally.denial(known, day, repeats=sign)
    tally.write(session)


def _move(session: Session, desk: Desk, item: Item, channel: str, *, gather: bool) -> None:
    """Show the item live in another channel; older messages then point there."""
    if item.id is None:
        return
    messages.ungather(session, item.id)
    if gather:
        due_at = desk.now() + desk.rules.digest.gather
        messages.gather(session, messages.gathering(session, channel, item.owner, due_at), [item.id])
        messages.leave_home(session, item.id)
        return
    now = datetime.now(UTC)
    message_id = messages.add(session, "card", channel, now, item_id=item.id, lives_here=True)
    outbox.enqueue_post(session, message_id, channel, now, human=True)
