"""What people do with items: claim, release, resolve. Each is one transaction, decided by the life cycle.

A press says which version it was drawn for. It counts as outdated only if somebody else, or a remittance, has changed
the item since: one's own earlier press on another message does not stand in one's way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from denials.commands import Claim, Command, Decline, Outcome, Refusal, Release, Resolve
from denials.lifecycle import FOLLOW_UP_DAYS, decide
from denials.notes import note_problem
from denials.rules.model import RuleSet
from services import changes, people
from services.desk import Desk
from services.items import give_card, state_of, view
from services.money import cents, dollars
from services.people import Actor
from services.pings import ask_for_approval
from services.views import Done, ItemView, Refused
from store import items
from store.tables import Item

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Resolution:
    """What somebody filled in. `follow_up` None: the usual time from today. The note is kept sealed, never posted."""

    outcome: Outcome
    recovered: Decimal | None = None
    follow_up: date | None = None
    note: str = field(default="", repr=False)


def claim(desk: Desk, ref: str, version: int | None, actor: Actor) -> Done | Refused:
    """Take an item. `version` is the one the button was drawn for, None for a typed command."""
    return _act(desk, ref, version, actor, lambda _item, _rules: Claim(actor.user), card=True)


def release(desk: Desk, ref: str, version: int | None, actor: Actor) -> Done | Refused:
    """Give an item back to its team."""
    return _act(desk, ref, version, actor, lambda item, rules: Release(actor.user, _lead(rules, item, actor)))


def resolve(desk: Desk, ref: str, version: int | None, actor: Actor, resolution: Resolution) -> Done | Refused:
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
            override=_lead(rules, item, actor),
            second_person=limit is not None and dollars(item.amount_cents) > limit,
        )

    return _act(desk, ref, version, actor, command, note=resolution.note, card=True)


def decline_write_off(desk: Desk, ref: str, version: int | None, actor: Actor) -> Done | Refused:
    """The second person does not agree; the item goes back to whoever asked."""
    return _act(desk, ref, version, actor, lambda item, rules: Decline(actor.user, _lead(rules, item, actor)))


def may_resolve(desk: Desk, ref: str, version: int | None, actor: Actor) -> ItemView | Refused:
    """Whether opening the modal makes sense: the item as it is now, or why not."""
    with desk.db.read() as session:
        item = items.by_ref(session, _plain(ref))
        if item is None:
            return _unknown()
        if refused := _not_allowed(desk, item, actor):
            return refused
        probe = Resolve(actor.user, Outcome.NOT_A_DENIAL, override=_lead(desk.rules, item, actor))
        answer = decide(state_of(item), probe, desk.now(), seen=_seen(session, item, version, actor))
        shown = view(item, desk.rules, desk.today())
        return Refused(answer.code, answer.text, shown) if isinstance(answer, Refusal) else shown


def find(desk: Desk, ref: str) -> ItemView | None:
    """The item known by a reference; case and the `DN-` may be left to the reader's habit."""
    with desk.db.read() as session:
        item = items.by_ref(session, _plain(ref))
        return view(item, desk.rules, desk.today()) if item else None


def mine(desk: Desk, user: str) -> tuple[ItemView, ...]:
    """What one person has in work, nearest deadline first."""
    with desk.db.read() as session:
        return tuple(view(item, desk.rules, desk.today()) for item in items.assigned_to(session, user))


def overdue(desk: Desk, limit: int = 20) -> tuple[ItemView, ...]:
    """Open items whose deadline or follow-up date has passed, longest first."""
    with desk.db.read() as session:
        return tuple(view(item, desk.rules, desk.today()) for item in items.past_due(session, desk.today(), limit))


def _act(
    desk: Desk,
    ref: str,
    version: int | None,
    actor: Actor,
    command: Callable[[Item, RuleSet], Command],
    *,
    note: str = "",
    card: bool = False,
) -> Done | Refused:
    """One change by one person. Read anew when somebody was faster, so the loser gets the reason and not an error."""
    for _ in range(_TRIES):
        with desk.db.write() as session:
            item = items.by_ref(session, _plain(ref), lock=True)
            if item is None:
                return _unknown()
            if refused := _not_allowed(desk, item, actor):
                return refused
            before = state_of(item)
            seen = _seen(session, item, version, actor)
            answer = decide(before, command(item, desk.rules), desk.now(), seen=seen)
            if isinstance(answer, Refusal):
                return Refused(answer.code, answer.text, view(item, desk.rules, desk.today()))
            if not changes.apply(session, desk, item, answer, actor.user, note=note):
                continue
            now = datetime.now(UTC)
            if card and answer.after.assignee != before.assignee:
                give_card(session, item, desk.rules.channel_for(item.owner), now)
            if answer.after.awaits_approval:
                ask_for_approval(session, desk, item, actor.user)
            session.refresh(item)
            return Done(view(item, desk.rules, desk.today()))
    return Refused("busy", "Somebody else is changing this one at the moment. Please try again.")


def _plain(ref: str) -> str:
    """A reference as it is stored, from one that was typed."""
    typed = ref.strip().upper()
    return typed if typed.startswith("DN-") else f"DN-{typed}"


def _seen(session: Session, item: Item, version: int | None, actor: Actor) -> int | None:
    """The version that the press counts as having been drawn for: the current one if only this person changed it."""
    if version is None or version == item.version:
        return None
    if 0 < version < item.version and items.only_changed_by(session, item.id or 0, version, actor.user):
        return None
    return version


def _lead(rules: RuleSet, item: Item, actor: Actor) -> bool:
    return people.is_lead(rules, item.owner, actor.user)


def _not_allowed(desk: Desk, item: Item, actor: Actor) -> Refused | None:
    if people.may_work(desk.rules, item.owner, actor):
        return None
    shown = view(item, desk.rules, desk.today())
    if actor.guest or actor.outsider:
        return Refused("not_allowed", "Guests and people from other workspaces cannot work denials.", shown)
    return Refused("not_allowed", f"Only {people.who_may(desk.rules, item.owner)} can work this one.", shown)


def _unknown() -> Refused:
    return Refused("unknown", "No denial is known by that reference.")
