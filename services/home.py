"""A person's own queue: what they have, what their team has not claimed, and for a lead how the teams stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from denials.commands import State
from denials.model import Kind
from denials.ranking import urgency
from denials.rules.model import RuleSet
from services.chances import EVEN, Chances
from services.desk import Desk
from services.items import view
from services.logged import with_log
from services.money import dollars
from services.people import Actor, is_lead, is_member
from services.views import ItemView
from store import items, queues

DONE_WITHIN = timedelta(days=7)
STALE_AFTER = timedelta(days=2)
DUE_SOON = timedelta(days=7)
STALE_LINES = 5


@dataclass(frozen=True, slots=True)
class TeamState:
    """How one team stands."""

    title: str
    channel: str
    open: int
    unclaimed: int
    overdue: int
    amount: Decimal
    oldest: datetime | None  # when the unclaimed item that waits longest was opened


@dataclass(frozen=True, slots=True)
class Home:
    """One person's queue. The counts are of everything, the tuples are one page."""

    today: date
    in_work: tuple[ItemView, ...]  # by due date
    in_work_count: int
    waiting: tuple[ItemView, ...]  # for the payer, or snoozed
    waiting_count: int
    unclaimed: tuple[ItemView, ...]  # of their teams, by rank
    unclaimed_count: int
    done: tuple[ItemView, ...]  # in the last days
    teams: tuple[TeamState, ...]  # those they lead
    page: int
    stale: tuple[ItemView, ...] = ()  # what those teams have not touched for long
    only: str = ""  # the filter in force
    filters: tuple[tuple[str, str], ...] = ()  # what can be filtered by: key and title


def home(desk: Desk, actor: Actor, *, page: int = 0, size: int = 10, only: str = "") -> Home:
    """A person's queue; `page` (from 0) turns the pages of what their teams have not claimed.

    `only` filters those: "" all, "due" what is due within a week, "team:NAME" one team's.
    """
    rules, today = desk.rules, desk.today()
    worked, led = teams_of(rules, actor)
    filters = _filters(rules, worked)
    only = only if only in dict(filters) else ""
    with desk.db.read() as session:
        chances = desk.chances.read(session, desk.now())
        held = items.assigned_to(session, actor.user)
        those = [only.removeprefix("team:")] if only.startswith("team:") else worked
        due_by = today + DUE_SOON if only == "due" else None
        number = queues.unclaimed_count(session, those, due_by)
        last_page = max(0, (number - 1) // size)
        page = min(max(0, page), last_page)
        free = _best(queues.unclaimed_dearest_first(session, those, due_by), (page + 1) * size, today, chances)
        shown = free[page * size :]
        found = items.by_ids(session, shown)
        done = queues.done_by(session, actor.user, desk.now() - DONE_WITHIN, size)
        counts = queues.team_counts(session, led, today)
        stale = queues.stale(session, led, desk.now() - STALE_AFTER, STALE_LINES)
        resting = [item for item in held if item.state in (State.WAITING, State.SNOOZED)]
        working = [item for item in held if item.state == State.CLAIMED]
        parts = (working[:size], resting[:size], [found[one] for one in shown if one in found], done, stale)
        every = [(item, view(item, rules, today, chances=chances)) for part in parts for item in part]
        views = iter(with_log(session, every))
    in_work, waiting, unclaimed, ended, untouched = (tuple(islice(views, len(part))) for part in parts)
    return Home(
        today=today,
        in_work=in_work,
        in_work_count=len(working),
        waiting=waiting,
        waiting_count=len(resting),
        unclaimed=unclaimed,
        unclaimed_count=number,
        done=ended,
        teams=tuple(_team(one, rules) for one in sorted(counts, key=lambda one: (-one.unclaimed, one.owner or ""))),
        page=page,
        stale=untouched,
        only=only,
        filters=filters,
    )


def _best(parts: Iterable[list[queues.Waiting]], number: int, today: date, chances: Chances) -> list[int]:
    """So many items by rank, as row ids. `parts` come dearest first; it ends where no cheaper one can be among them."""
    best: list[tuple[float, str, int]] = []
    most = float(chances.highest) * _urgency(0)
    for part in parts:
        if len(best) == number and part[0].amount_cents * most < -best[-1][0]:
            break
        scored = ((-score(one, today, chances), one.ref, one.id) for one in part)
        best = sorted((*best, *scored))[:number]
    return [item_id for _, _, item_id in best]


def _filters(rules: RuleSet, worked: list[str]) -> tuple[tuple[str, str], ...]:
    teams = [(f"team:{name}", rules.owners[name].title) for name in worked] if len(worked) > 1 else []
    return (("", "Everything"), ("due", "Due within a week"), *teams)


def teams_of(rules: RuleSet, actor: Actor) -> tuple[list[str], list[str]]:
    """The teams whose work a person may take, and those they lead. None for guests and outsiders."""
    if actor.guest or actor.outsider:
        return [], []
    led = [name for name in rules.owners if is_lead(rules, name, actor.user)]
    member = [name for name in rules.owners if is_member(rules, name, actor.user)]
    open_to_all = [name for name, owner in rules.owners.items() if not owner.members]
    return member or led or open_to_all, led


def score(one: queues.Waiting, today: date, chances: Chances) -> float:
    """What an item promises, for putting thousands of them in order: `rank` without its exact arithmetic."""
    odds = chances.of(one.code, one.payer) if one.kind == Kind.DENIAL else EVEN
    return one.amount_cents * float(odds.chance) * _urgency((one.due - today).days if one.due else None)


@lru_cache(maxsize=4096)
def _urgency(days_left: int | None) -> float:
    return float(urgency(days_left))


def _team(counts: queues.TeamCounts, rules: RuleSet) -> TeamState:
    owner = rules.owners[counts.owner or ""]
    return TeamState(
        title=owner.title,
        channel=owner.channel,
        open=counts.open,
        unclaimed=counts.unclaimed,
        overdue=counts.overdue,
        amount=dollars(counts.cents),
        oldest=counts.oldest,
    )
