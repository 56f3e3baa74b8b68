"""Several items at once: which ones there are to choose from, which are alike, and what came of each.

Every item is a transaction of its own, so that one that somebody else has taken does not stop the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services import home
from services.desk import Desk
from services.items import view
from services.money import dollars
from services.people import Actor, may_work, refusal
from services.views import Done, ItemView, Refused
from store import items, queues

MOST = 100  # items at once, and lines to choose from
MOST_KINDS = 50
NOTE = "note"
"""The code of a refusal for what was typed beside the choice."""

One = Callable[[str, int | None], Done | Refused]
"""What is done to each item, given its reference and the version it was chosen at."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Items of one payer with the same codes. `key` is what a form hands back."""

    key: str
    payer: str
    codes: tuple[str, ...]
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody may choose from: the most valuable items one by one, and those alike together."""

    items: tuple[ItemView, ...]
    total: int
    alike: tuple[Alike, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """What came of several items, one by one. `left` more were alike than are worked at once."""

    done: tuple[ItemView, ...]
    refused: tuple[tuple[str, Refused], ...]  # reference and why
    left: int = 0


def teams_for(desk: Desk, actor: Actor, channel: str | None) -> list[str]:
    """Whose work is meant by a press: that of the channel's teams, or (App Home, other places) of the person's own."""
    rules = desk.rules
    here = [name for name, owner in rules.owners.items() if owner.channel == channel and may_work(rules, name, actor)]
    worked, led = home.teams_of(rules, actor)
    return here or list(dict.fromkeys([*worked, *led]))


def not_allowed(desk: Desk, actor: Actor, channel: str | None) -> Refused | None:
    """Why somebody may work nothing of what is meant by a press, with who can; None where they may work something."""
    rules = desk.rules
    here = [name for name, owner in rules.owners.items() if owner.channel == channel] or list(rules.owners)
    if any(may_work(rules, name, actor) for name in rules.owners):
        return None
    return refusal(rules, here, actor, "work these")


def choices(desk: Desk, teams: Collection[str], actor: Actor, *, free_only: bool) -> Choice:
    """What these teams have that nobody has, and unless `free_only` what the person has, most valuable first."""
    rules, today = desk.rules, desk.today()
    with desk.db.read() as session:
        chances = desk.chances.read(session, desk.now())
        rows = queues.unclaimed(session, teams)
        if not free_only:
            rows += queues.held_in(session, teams, actor.user)
        rows.sort(key=lambda one: (-home.score(one, today, chances), one.ref))
        found = items.by_ids(session, [one.id for one in rows[:MOST]])
        kinds = queues.alike(session, teams, None if free_only else actor.user, MOST_KINDS)
        return Choice(
            items=tuple(view(found[one.id], rules, today, chances=chances) for one in rows[:MOST] if one.id in found),
            total=len(rows),
            alike=tuple(
                Alike(_key(one), one.payer, tuple(one.codes.split(",")), one.count, dollars(one.cents)) for one in kinds
            ),
        )


def with_those_alike(
    desk: Desk,
    teams: Collection[str],
    actor: Actor,
    chosen: Sequence[tuple[str, int | None]],
    key: str | None,
    *,
    free_only: bool,
) -> tuple[list[tuple[str, int | None]], int]:
    """The chosen references (with versions) and those of one kind, at most `MOST`; how many were left out."""
    wanted: dict[str, int | None] = dict(chosen)
    if key is not None:
        user = None if free_only else actor.user
        with desk.db.read() as session:
            kinds = queues.alike(session, teams, user, MOST_KINDS)
            kind = next((one for one in kinds if _key(one) == key), None)
            if kind is not None:
                for item in queues.those_alike(session, teams, user, kind.payer, kind.codes, kind.count):
                    wanted.setdefault(item.ref, item.version)
    every = list(wanted.items())
    return every[:MOST], max(0, len(every) - MOST)


def each(chosen: Sequence[tuple[str, int | None]], one: One, *, left: int = 0) -> Several:
    """Do the same to each item; what came of it, in the order given. A note that is refused ends it: it is for all."""
    done: list[ItemView] = []
    refused: list[tuple[str, Refused]] = []
    for ref, version in chosen:
        answer = one(ref, version)
        if isinstance(answer, Done):
            done.append(answer.item)
        else:
            refused.append((ref, answer))
            if answer.code == NOTE:
                break
    return Several(tuple(done), tuple(refused), left)


def _key(kind: queues.AlikeCounts) -> str:
    """Short enough for an option of a form, and the same when the form comes back."""
    return hashlib.sha256(f"{kind.payer}\x1f{kind.codes}".encode()).hexdigest()[:20]
