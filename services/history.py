"""What happened to an item, what is still planned for it, and why it stands where it does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from denials.business_time import Calendar, calendar_of
from denials.escalation import DueStep, Situation, next_at, steps_ahead, wake_at
from denials.rules.model import Step
from services.chances import EVEN, Odds
from services.changes import situation
from services.desk import Desk
from services.items import rank_of, view
from services.logged import one_with_log
from services.views import ItemView
from store import items


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `data` holds what changed; notes are not in it, only whether there is one."""

    at: datetime
    kind: str
    actor: str | None  # None: a remittance or the clock
    data: Mapping[str, object]
    has_note: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """A step of the escalation policy that comes if the item stays as it is."""

    at: datetime
    step: Step
    waits: bool = False  # its time has come, but the office is closed


@dataclass(frozen=True, slots=True)
class Details:
    """Everything that may be shown of one item."""

    item: ItemView
    today: date
    decided_by: str  # "rule:<id>", "carc:<code>", …
    due_source: str
    chance: Decimal
    urgency: Decimal
    entries: tuple[Entry, ...]  # oldest first
    planned: tuple[Planned, ...]  # earliest first
    wakes_at: datetime | None
    odds: Odds = EVEN  # the chance with the decided denials behind it


def details(desk: Desk, ref: str) -> Details | None:
    """An item with its history; None for an unknown reference."""
    rules, today = desk.rules, desk.today()
    with desk.db.read() as session:
        item = items.by_ref(session, ref)
        if item is None or item.id is None:
            return None
        log = items.events_of(session, item.id)
        fired = items.fired_steps(session, [item.id]).get(item.id, [])
        chances = desk.chances.read(session, desk.now())
        shown, ranked = view(item, rules, today, chances=chances), rank_of(item, today, chances)
        calendar, now = calendar_of(rules), situation(item.model_dump(), fired)
        steps = () if item.history else steps_ahead(rules.policy(item.escalation), now, calendar)
        return Details(
            item=one_with_log(session, item, shown),
            today=today,
            decided_by=item.words.decided_by,
            due_source=item.words.due_source,
            chance=ranked.chance,
            urgency=ranked.urgency,
            entries=tuple(
                Entry(row.at, row.kind, row.actor, json.loads(row.data), row.note is not None) for row in log
            ),
            planned=_planned(steps, now, calendar, desk.now()),
            wakes_at=wake_at(now, calendar),
            odds=chances.of_item(item),
        )


def _planned(
    steps: tuple[DueStep, ...], situation_now: Situation, calendar: Calendar, now: datetime
) -> tuple[Planned, ...]:
    """When each step will be told, seen from now: one that was missed and found the office closed waits as well."""
    awake = replace(situation_now, follow_up=None)  # only the step itself, not the waking
    told = [(next_at((one.step,), awake, calendar, now) or one.at, one) for one in steps]
    planned = [Planned(at, one.step, waits=one.reached <= now < at) for at, one in told]
    return tuple(sorted(planned, key=lambda one: one.at))
