"""One claim number for one person, once: a private link to the practice's own network, and what it opens.

The token is drawn at random and kept as a hash only. A link counts for five minutes of real time, whatever clock the
desk follows, for the person it was made for as long as the item is theirs to look at.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from denials.model import Sensitive
from denials.rules.model import RuleSet
from services.acting import plain_ref, unknown
from services.desk import Desk
from services.items import view
from services.money import dollars
from services.people import Actor, mention
from services.roster import people_of
from services.views import Refused
from store import access, items
from store.access import LookupLog, Reveal
from store.tables import Item

LASTS = timedelta(minutes=5)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Link:
    """A new link's token, for the person it was made for and nobody else. It is stored nowhere."""

    ref: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Revealed:
    """What the page shows. It is patient data: it never enters a message or a log."""

    ref: str
    person: str
    claim_number: Sensitive = field(repr=False)
    service_date: date | None = field(repr=False)
    payer: str
    denied: Decimal
    billed: Decimal


def make_link(desk: Desk, ref: str, actor: Actor) -> Link | Refused:
    """A link for the item's assignee, its lead or its manager. An earlier one of theirs for the item ends."""
    now = datetime.now(UTC)
    with desk.db.write() as session:
        item = items.by_ref(session, plain_ref(ref))
        if item is None:
            return unknown()
        if not may_reveal(desk.rules, item, actor):
            shown = view(item, desk.rules, desk.today())
            return Refused("not_allowed", f"Only {_who(desk.rules, item)} can see the claim number of this one.", shown)
        access.forget_reveals(session, now, item.ref, actor.user)
        token = secrets.token_urlsafe(32)
        session.add(Reveal(token_hash=_hash(token), ref=item.ref, person=actor.user, expires_at=now + LASTS))
        return Link(item.ref, token)


def is_live(desk: Desk, token: str) -> bool:
    """Whether a link can still be opened. Looking does not use it up: programs that preview links only look."""
    if not _TOKEN.fullmatch(token):
        return False
    with desk.db.read() as session:
        link = access.reveal_of(session, _hash(token))
        return link is not None and link.used_at is None and link.expires_at > datetime.now(UTC)


def open_link(desk: Desk, token: str, source: str) -> Revealed | None:
    """Use a link up and log who opened what from where; None where it was used, has ended or never was.

    Tries with a link that is known but does not open are logged too.
    """
    if not _TOKEN.fullmatch(token):
        return None
    with desk.db.write() as session:
        link = access.reveal_of(session, _hash(token))
        if link is None:
            return None
        item = items.by_ref(session, link.ref)
        used = access.use_reveal(session, link.token_hash, datetime.now(UTC))
        opens = used and item is not None and may_reveal(desk.rules, item, Actor(link.person))
        session.add(
            LookupLog(at=desk.now(), who=link.person, direction="reveal", ref=link.ref, found=opens, source=source)
        )
        return _revealed(desk, item, link.person) if opens and item is not None else None


def may_reveal(rules: RuleSet, item: Item, actor: Actor) -> bool:
    """The assignee, the team's lead and its manager; the administrators where no team has it."""
    return not actor.guest and not actor.outsider and actor.user in people_of(rules, _above(rules, item))


def _above(rules: RuleSet, item: Item) -> tuple[str, ...]:
    team = rules.owners.get(item.owner) if item.owner else None
    above = (team.lead, team.manager) if team else rules.admins
    return tuple(dict.fromkeys(ident for ident in (item.assignee, *above) if ident))


def _who(rules: RuleSet, item: Item) -> str:
    known = " or ".join(mention(ident) for ident in _above(rules, item))
    claimed = "" if item.assignee else "whoever claims it"
    return " or ".join(part for part in (claimed, known) if part)


def _revealed(desk: Desk, item: Item, person: str) -> Revealed:
    facts = desk.vault.open(item.sealed, item.seal_context)
    return Revealed(
        ref=item.ref,
        person=person,
        claim_number=Sensitive(facts["n"]),
        service_date=date.fromisoformat(facts["s"]) if "s" in facts else None,
        payer=item.payer_label,
        denied=dollars(item.amount_cents),
        billed=dollars(item.billed_cents),
    )


def _hash(token: str) -> str:
    """A hash without salt or stretching is enough: the token has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
