"""Notes about an item: sealed in its log. Slack only ever learns that there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from denials.errors import DenialDeskError
from denials.notes import note_problem
from services import changes, keys
from services.acting import not_allowed, plain_ref, unknown
from services.desk import Desk
from services.items import view
from services.people import Actor
from services.typed import names_a_claim
from services.views import Done, Refused
from store import items
from store.access import LookupLog

LONGEST = 4_000  # characters of a note written on the host
NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote. It may hold patient data and is shown on the host only."""

    at: datetime
    who: str  # a person's id in Slack, or their name on the host
    text: str = field(repr=False)


class NoteError(DenialDeskError):
    """A note cannot be kept or shown."""


def short_note(desk: Desk, ref: str, actor: Actor, text: str) -> Done | Refused:
    """Keep a short note that was typed into Slack, unless it looks like patient data or names a claim."""
    if not text.strip():
        return Refused("note", "Write a few words first.")
    if problem := note_problem(text):
        return Refused("note", problem)
    with desk.db.write() as session:
        item = items.by_ref(session, plain_ref(ref), lock=True)
        if item is None:
            return unknown()
        if refused := not_allowed(desk, item, actor):
            return refused
        if refused := names_a_claim(session, desk.vault, [text]):
            return refused
        keys.hold(session, desk.vault)
        sealed = desk.vault.seal({"note": text.strip()}, item.seal_context)
        items.log_event(session, item.id or 0, item.version, desk.now(), NOTED, actor.user, {}, sealed)
        changes.touch(session, desk, item, actor.user)
        return Done(view(item, desk.rules, desk.today()))


def free_note(desk: Desk, ref: str, who: str, text: str) -> None:
    """Keep a note written on the host, with whatever it takes in it. Raises NoteError."""
    plain = text.strip()
    if not plain:
        raise NoteError("the note is empty: give it as an argument or on standard input")
    if len(plain) > LONGEST:
        raise NoteError(f"the note has {len(plain):,} characters; at most {LONGEST:,} are kept")
    with desk.db.write() as session:
        item = items.by_ref(session, plain_ref(ref), lock=True)
        if item is None:
            raise NoteError("no denial is known by that reference: it is DN- and eight letters or digits")
        keys.hold(session, desk.vault)
        sealed = desk.vault.seal({"note": plain, "who": who}, item.seal_context)
        items.log_event(session, item.id or 0, item.version, desk.now(), NOTED, None, {"host": True}, sealed)


def notes_of(desk: Desk, ref: str, who: str) -> tuple[Note, ...]:
    """Every note of an item, oldest first, for the host; that somebody read them is logged. Raises NoteError."""
    with desk.db.write() as session:
        item = items.by_ref(session, plain_ref(ref))
        found = item is not None
        session.add(LookupLog(at=desk.now(), who=who, direction="note", ref=item.ref if item else None, found=found))
        if item is not None:
            sealed = [one for one in items.events_of(session, item.id or 0) if one.note is not None]
            opened = [(one, desk.vault.open(one.note or b"", item.seal_context)) for one in sealed]
            return tuple(Note(one.at, facts.get("who") or one.actor or "", facts["note"]) for one, facts in opened)
    raise NoteError("no denial is known by that reference: it is DN- and eight letters or digits")
