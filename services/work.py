"""What people do with items every day: claim, release, resolve. Each is one transaction, decided by the life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from denials.commands import Claim, Decline, ItemState, Outcome, Refusal, Release, Resolve, State
from denials.lifecycle import FOLLOW_UP_DAYS, decide
from denials.model import Preventable
from denials.notes import note_problem
from denials.rules.model import RuleSet
from services import people
from services.acting import act, leads, not_allowed, plain_ref, seen, unknown
from services.desk import Desk
from services.items import state_of, view
from services.logged import one_with_log, with_log
from services.money import cents, dollars
from services.people import Actor
from services.views import Done, ItemView, Refused
from store import items
from store.tables import Item

PREVENTABLE_CORRECTED = "preventable_corrected"
"""Somebody knows better than the category's rule whether a denial could have been prevented: from what to what."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What somebody filled in. `follow_up` None: the usual time from today. The note is kept sealed, never posted.

    `preventable` corrects what the category's rule says of this denial; None leaves it.
    """

    outcome: Outcome
    recovered: Decimal | None = None
    follow_up: date | None = None
    note: str = field(default="", repr=False)
    preventable: Preventable | None = None


def claim(desk: Desk, ref: str, version: int | None, actor: Actor, *, card: bool = True) -> Done | Refused:
    """Take an item. `version` is the one the button was drawn for, None for a typed command.

    With `card` what so far is a line of a list gets a card of its own.
    """
    return act(desk, ref, version, actor, lambda _item, _rules: Claim(actor.user), card=card)


def release(desk: Desk, ref: str, version: int | None, actor: Actor) -> Done | Refused:
    """Give an item back to its team."""
    return act(desk, ref, version, actor, lambda item, rules: Release(actor.user, leads(rules, item, actor)))


def resolve(
    desk: Desk, ref: str, version: int | None, actor: Actor, resolution: Resolution, *, card: bool = True
) -> Done | Refused:
    """State what came of an item. A write-off above the limit then waits for a second person."""
    if problem := note_problem(resolution.note):
        return Refused("note", problem)
    follow_up = resolution.follow_up
    if resolution.outcome.waits and follow_up is None:
        follow_up = desk.today() + timedelta(days=FOLLOW_UP_DAYS)
    takes = resolution.outcome.takes_recovered and resolution.recovered is not None
    recovered = cents(resolution.recovered) if takes and resolution.recovered is not None else None

    def command(item: Item, rules: RuleSet) -> Resolve:
        limit = rules.write_off_limit
        return Resolve(
            user=actor.user,
            outcome=resolution.outcome,
            recovered_cents=recovered,
            follow_up=follow_up,
            override=leads(rules, item, actor),
            second_person=limit is not None and dollars(item.amount_cents) > limit,
        )

    corrected, was = resolution.preventable, dict[str, str]()

    def also(item: Item, _rules: RuleSet) -> Mapping[str, Any]:
        was["preventable"] = item.preventable
        return {} if corrected is None else {"preventable": str(corrected)}

    def then(session: Session, item: Item, _before: ItemState) -> None:
        if item.preventable != was["preventable"]:
            data = {"from": was["preventable"], "to": item.preventable}
            items.log_event(session, item.id or 0, item.version, desk.now(), PREVENTABLE_CORRECTED, actor.user, data)

    return act(desk, ref, version, actor, command, note=resolution.note, card=card, also=also, then=then)


def approve_write_off(desk: Desk, ref: str, version: int | None, actor: Actor) -> Done | Refused:
    """The second person agrees to a write-off that somebody else has asked for."""

    def command(item: Item, rules: RuleSet) -> Resolve | Refused:
        now = state_of(item)
        if not now.awaits_approval and now.state is not State.RESOLVED:
            return Refused("nothing_asked", "No write-off of this one waits for a second person.")
        override = leads(rules, item, actor)
        if now.awaits_approval and (now.assignee == actor.user or not override):
            who = people.lead_names(rules, item.owner, besides=now.assignee)
            asked = "You asked for this write-off; it waits for a second person. " if now.assignee == actor.user else ""
            return Refused("second_person", f"{asked}Only {who} can approve it.")
        return Resolve(actor.user, Outcome.WRITTEN_OFF, override=override, second_person=True)

    return act(desk, ref, version, actor, command)


def decline_write_off(desk: Desk, ref: str, version: int | None, actor: Actor) -> Done | Refused:
    """The second person does not agree; the item goes back to whoever asked."""
    return act(desk, ref, version, actor, lambda item, rules: Decline(actor.user, leads(rules, item, actor)))


def may_resolve(desk: Desk, ref: str, version: int | None, actor: Actor) -> ItemView | Refused:
    """Whether opening the modal makes sense: the item as it is now, or why not."""
    with desk.db.read() as session:
        item = items.by_ref(session, plain_ref(ref))
        if item is None:
            return unknown()
        if refused := not_allowed(desk, item, actor):
            return refused
        probe = Resolve(actor.user, Outcome.NOT_A_DENIAL, override=leads(desk.rules, item, actor))
        answer = decide(state_of(item), probe, desk.now(), seen=seen(session, item, version, actor))
        shown = view(item, desk.rules, desk.today())
        return Refused(answer.code, answer.text, shown) if isinstance(answer, Refusal) else shown


def find(desk: Desk, ref: str) -> ItemView | None:
    """The item known by a reference; case and the `DN-` may be left to the reader's habit."""
    with desk.db.read() as session:
        item = items.by_ref(session, plain_ref(ref))
        if item is None:
            return None
        shown = view(item, desk.rules, desk.today(), chances=desk.chances.read(session, desk.now()))
        return one_with_log(session, item, shown)


def mine(desk: Desk, user: str) -> tuple[ItemView, ...]:
    """What one person has in work, nearest deadline first."""
    with desk.db.read() as session:
        return _listed(session, desk, items.assigned_to(session, user))


def overdue(desk: Desk, limit: int = 20) -> tuple[ItemView, ...]:
    """Open items whose deadline or follow-up date has passed, longest first."""
    with desk.db.read() as session:
        return _listed(session, desk, items.past_due(session, desk.today(), limit))


def _listed(session: Session, desk: Desk, found: list[Item]) -> tuple[ItemView, ...]:
    return with_log(session, [(item, view(item, desk.rules, desk.today())) for item in found])
