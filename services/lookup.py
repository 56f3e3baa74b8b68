"""The claim number behind a reference and the other way, on this host only; every look-up is logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from denials.model import Sensitive
from services.desk import Desk
from store import access, items
from store.tables import LookupLog


@dataclass(frozen=True, slots=True)
class Found:
    """A reference and, where it is known, its claim number."""

    ref: str
    claim_number: Sensitive | None


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody's look at what is sealed. `how`: reference, claim, export, note or reveal."""

    at: datetime
    who: str  # the account on the host; for a reveal the Slack user id
    how: str
    ref: str | None  # None: nothing was found, or everything was exported
    found: bool
    source: str | None  # the network address of a reveal


def looks(desk: Desk, days: int) -> list[Look]:
    """Who has looked at claim numbers and notes in the last days, the oldest first."""
    with desk.db.read() as session:
        rows = access.looked_up(session, desk.now() - timedelta(days=days))
        return [Look(row.at, row.who, row.direction, row.ref, row.found, row.source) for row in rows]


def lookup(desk: Desk, refs: list[str], who: str) -> list[Found]:
    """The claim numbers behind references, in their order."""
    answers: list[Found] = []
    with desk.db.write() as session:
        for ref in refs:
            item = items.by_ref(session, ref.strip().upper())
            number = None
            if item is not None:
                number = Sensitive(desk.vault.open(item.sealed, item.seal_context)["n"])
            answers.append(Found(ref, number))
            session.add(
                LookupLog(
                    at=desk.now(),
                    who=who,
                    direction="reference",
                    ref=item.ref if item else None,
                    found=item is not None,
                )
            )
    return answers


def lookup_claim(desk: Desk, number: str, who: str) -> list[str]:
    """The references of one claim number; the number itself is not logged."""
    with desk.db.write() as session:
        refs = items.refs_of_number(session, desk.vault.number_key(Sensitive(number)))
        for ref in refs or (None,):
            session.add(LookupLog(at=desk.now(), who=who, direction="claim", ref=ref, found=ref is not None))
    return refs
