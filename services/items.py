"""From a stored item to what may be shown of it, and from a change to the messages that must follow."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlmodel import Session

from denials import codes
from denials.lifecycle import ItemState, State
from denials.model import Kind, Preventable
from denials.ranking import Rank, rank
from denials.rules.model import RuleSet
from services.chances import NOTHING_KNOWN, Chances
from services.money import dollars
from services.views import ItemView
from store import messages, outbox
from store.tables import Item

LIST_DEBOUNCE = timedelta(seconds=2)  # clicks on one list within this become one update of it


def view(
    item: Item,
    rules: RuleSet,
    today: date,
    *,
    shown_by: str | None = None,
    shown_in: str | None = None,
    chances: Chances = NOTHING_KNOWN,
) -> ItemView:
    """An item as it may be shown. `shown_by` is the message it is drawn for, to tell whether it lives elsewhere.

    `shown_in` is that message's channel, as it was asked for. `chances` are the desk's; the score assumes even odds
    without them, which is enough where nothing is ranked. The session that the item was read in must be open still.
    """
    item_codes = tuple(item.codes.split(",")) if item.codes else ()
    owner = rules.owners.get(item.owner) if item.owner else None
    words = item.words
    elsewhere = bool(shown_by and item.home and item.home != shown_by)
    return ItemView(
        ref=item.ref,
        version=item.version,
        kind=Kind(item.kind),
        state=State(item.state),
        assignee=item.assignee,
        owner=item.owner,
        owner_channel=rules.channel_for(item.owner),
        owner_title=owner.title if owner else "Unowned",
        category=item.category,
        category_title=rules.category_title(item.category),
        payer=item.payer_label,
        practice=item.practice_label,
        location=item.location_label,
        codes=item_codes,
        meaning=meaning_of(item_codes, words.why),
        rarcs=tuple(item.rarcs.split(",")) if item.rarcs else (),
        amount=dollars(item.amount_cents),
        remit_date=item.remit_date,
        ingested_at=item.ingested_at,
        due=item.due,
        due_assumed=words.due_confidence == "assumed",
        next_step=words.next_step,
        handoff=item.handoff,
        preventable=Preventable(item.preventable),
        why=words.why,
        repeats=item.repeats,
        outcome=item.outcome,
        recovered=dollars(item.recovered_cents) if item.recovered_cents is not None else None,
        follow_up=item.follow_up,
        score=float(rank_of(item, today, chances).score),
        lives_elsewhere=elsewhere,
        filing_passed=item.filing_passed,
        resolved_by=_resolved_by(item),
        moved=elsewhere and shown_in is not None and shown_in != rules.channel_for(item.owner),
    )


def _resolved_by(item: Item) -> str | None:
    """Who had it when it was resolved; nobody where a remittance paid it in full, whoever had it then."""
    return item.assignee if item.state == State.RESOLVED and item.payment != "full" else None


def rank_of(item: Item, today: date, chances: Chances) -> Rank:
    """What an item promises and the parts of it."""
    left = (item.due - today).days if item.due else None
    return rank(dollars(item.amount_cents), days_left=left, chance=chances.of_item(item).chance)


def meaning_of(item_codes: tuple[str, ...], why: str) -> str:
    """The first code in plain words; the reason of the triage where amounts, not a code, decided."""
    for code in item_codes:
        carc = code.partition("-")[2]
        if carc:
            return codes.meaning(carc)
    return why


def state_of(item: Item) -> ItemState:
    """The part of an item that the life cycle decides on."""
    return ItemState(
        state=State(item.state),
        assignee=item.assignee,
        version=item.version,
        outcome=item.outcome,
        recovered_cents=item.recovered_cents,
        follow_up=item.follow_up,
    )


def show_change(session: Session, item: Item, now: datetime, *, human: bool) -> None:
    """Ask for every message that shows the item to be brought up to date.

    A post that still waits will show the latest state by itself. Lists wait a moment, so that several clicks on one
    become one update. `now` is real time.
    """
    if item.id is None:
        return
    for message in messages.showing(session, item.id):
        if outbox.post_waits(session, message.id) or outbox.was_given_up(session, message):
            continue
        delayed = now + LIST_DEBOUNCE if message.kind == "list" else None
        outbox.enqueue_update(session, message, now, human=human, not_before=delayed)


def give_card(session: Session, item: Item, channel: str, now: datetime) -> None:
    """Post a card for an item that so far is only a line of a list (or nothing at all)."""
    if item.id is None:
        return
    home = messages.homes(session, [item]).get(item.home or "")
    if home is not None and home.kind == "card":
        return
    message_id = messages.add(session, "card", channel, now, item_id=item.id, lives_here=True)
    outbox.enqueue_post(session, message_id, channel, now, human=True)
