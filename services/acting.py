"""How a person changes an item: looked up, allowed, decided by the life cycle, written, all in one transaction.

A press says which version it was drawn for. It counts as outdated only if somebody else, or a remittance, has changed
the item since: one's own earlier press on another message does not stand in one's way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from denials.commands import Command, ItemState, Refusal
from denials.lifecycle import decide
from denials.rules.model import RuleSet
from services import changes, people
from services.desk import Desk
from services.items import give_card, state_of, view
from services.people import Actor
from services.pings import ask_for_approval
from services.typed import names_a_claim
from services.views import Done, Refused
from store import items
from store.tables import Item

TRIES = 3

CommandFor = Callable[[Item, RuleSet], Command | Refused]
"""What somebody wants to do to an item, once it is known which one that is."""

Also = Callable[[Item, RuleSet], Mapping[str, Any]]
"""Further columns that a change sets."""

Then = Callable[[Session, Item, ItemState], None]
"""What follows from a change, in its transaction; it is given the state before."""


def act(
    desk: Desk,
    ref: str,
    version: int | None,
    actor: Actor,
    command: CommandFor,
    *,
    note: str = "",
    card: bool = False,
    also: Also | None = None,
    then: Then | None = None,
) -> Done | Refused:
    """One change by one person. Read anew when somebody was faster, so the loser gets the reason and not an error.

    `card`: an item that changes hands gets a card of its own. A `note` that names a claim is refused, and all with it.
    """
    for _ in range(TRIES):
        with desk.db.write() as session:
            item = items.by_ref(session, plain_ref(ref), lock=True)
            if item is None:
                return unknown()
            if refused := not_allowed(desk, item, actor):
                return refused
            if refused := names_a_claim(session, desk.vault, [note]):
                return refused
            before, wanted = state_of(item), command(item, desk.rules)
            if isinstance(wanted, Refused):
                return wanted
            answer = decide(before, wanted, desk.now(), seen=seen(session, item, version, actor))
            if isinstance(answer, Refusal):
                return Refused(answer.code, answer.text, view(item, desk.rules, desk.today()))
            columns = also(item, desk.rules) if also else None
            if not changes.apply(session, desk, item, answer, actor.user, also=columns, note=note):
                continue
            if card and answer.after.assignee != before.assignee:
                give_card(session, item, desk.rules.channel_for(item.owner), datetime.now(UTC))
            if answer.after.awaits_approval:
                ask_for_approval(session, desk, item, actor.user)
            if then is not None:
                then(session, item, before)
            session.refresh(item)
            return Done(view(item, desk.rules, desk.today()))
    return Refused("busy", "Somebody else is changing this one at the moment. Please try again.")


def plain_ref(ref: str) -> str:
    """A reference as it is stored, from one that was typed."""
    typed = ref.strip().upper()
    return typed if typed.startswith("DN-") else f"DN-{typed}"


def seen(session: Session, item: Item, version: int | None, actor: Actor) -> int | None:
    """The version that the press counts as having been drawn for: the current one if only this person changed it."""
    if version is None or version == item.version:
        return None
    if 0 < version < item.version and items.only_changed_by(session, item.id or 0, version, actor.user):
        return None
    return version


def leads(rules: RuleSet, item: Item, actor: Actor) -> bool:
    """Whether somebody may act on other people's items of the item's team."""
    return people.is_lead(rules, item.owner, actor.user)


def not_allowed(desk: Desk, item: Item, actor: Actor) -> Refused | None:
    """Why somebody may not work an item at all, with who can; None where they may."""
    if people.may_work(desk.rules, item.owner, actor):
        return None
    refused = people.refusal(desk.rules, [item.owner], actor, "work this one")
    return replace(refused, item=view(item, desk.rules, desk.today()))


def unknown() -> Refused:
    """No such item."""
    return Refused("unknown", "No denial is known by that reference.")
