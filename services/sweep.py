"""The sweep: what has become due since the last one is told, each thing once and each person in one message.

It asks the index on "next escalation at", so its cost follows what is due and not what is open. Rows are taken so that
several processes share the work, and what was told is recorded in the transaction that asks for the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from denials.business_time import Calendar, calendar_of
from denials.commands import Refusal, State, Wake
from denials.escalation import Situation, due_now, key_of, next_at, wake_at
from denials.lifecycle import decide
from denials.rules.model import RuleSet, Step
from services import changes
from services.changes import situation
from services.desk import Desk
from services.items import state_of
from services.pings import Gathered, audience_of, cause_of, recipients, woken
from store import items, meta
from store.tables import Escalation, Item

BATCH = 500  # items per transaction
_MOST_BATCHES = 2_000
_POLICIES = "escalation_policies"  # the fact that says which policies the stored moments were worked out by


def sweep(desk: Desk) -> int:
    """Tell what is due and wake what has rested long enough; how many new ping messages were asked for."""
    now, asked = desk.now(), 0
    _heed_changed_policies(desk, now)
    for _ in range(_MOST_BATCHES):
        with desk.db.read() as session:
            if not items.any_escalation_due(session, now):
                break
        with desk.db.write() as session:
            due = items.due_for_escalation(session, now, BATCH)
            if not due:  # another process has them
                break
            asked += _sweep(session, desk, due, now)
    return asked


def first_escalation(rules: RuleSet, values: Mapping[str, Any], now: datetime) -> datetime | None:
    """When a new item must be looked at first. `values` are its columns; None for a practice's past."""
    if values.get("history"):
        return None
    policy = rules.policy(values["escalation"])
    state, opened_at = State(values.get("state", State.OPEN)), values["opened_at"]
    return _first(policy, calendar_of(rules), state, opened_at, values.get("due"), now)


@lru_cache(maxsize=4096)
def _first(
    policy: tuple[Step, ...], calendar: Calendar, state: State, opened_at: datetime, due: date | None, now: datetime
) -> datetime | None:
    """Cached: the items of one file differ only in their deadline, and there are few of those."""
    return next_at(policy, Situation(state, opened_at, due=due), calendar, now)


def _heed_changed_policies(desk: Desk, now: datetime) -> None:
    """After a change of policies or business hours the moments that were worked out before are not right any more."""
    fingerprint = _fingerprint(desk.rules)
    with desk.db.read() as session:
        known = meta.get(session, _POLICIES)
    if known == fingerprint:
        return
    with desk.db.write() as session:
        if meta.replace(session, _POLICIES, known, fingerprint):
            items.look_again(session, now)


@lru_cache(maxsize=8)
def _fingerprint(rules: RuleSet) -> str:
    """The same for the same policies and hours, in every process."""
    hours = rules.business_hours
    parts = [
        str(rules.timezone),
        str(sorted(hours.days)),
        f"{hours.open}-{hours.close}",
        str(sorted(hours.holidays)),
        str(sorted(hours.closed_on)),
        *(f"{name}: {'; '.join(map(key_of, steps))}" for name, steps in sorted(rules.escalations.items())),
    ]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _sweep(session: Session, desk: Desk, due: list[Item], now: datetime) -> int:
    rules, calendar = desk.rules, calendar_of(desk.rules)
    fired = items.fired_steps(session, [item.id for item in due if item.id is not None])
    pings, records, moments = Gathered(), list[dict[str, Any]](), dict[int, datetime | None]()
    for item in due:
        if item.id is None:
            continue
        known = situation(item.model_dump(), fired.get(item.id))
        if item.history or item.state == State.RESOLVED:
            moments[item.id] = None
        elif _wakes(known, calendar, now) and _wake(session, desk, item, pings):
            continue
        else:
            told, moments[item.id] = _tell(item, known, rules, calendar, now, pings)
            records.extend(told)
    items.add_escalations(session, records)
    items.set_next_escalation(session, moments)
    return pings.write(session)


def _tell(
    item: Item, known: Situation, rules: RuleSet, calendar: Calendar, now: datetime, pings: Gathered
) -> tuple[list[dict[str, Any]], datetime | None]:
    """The records of what one item's steps say now, and when it is to be looked at next."""
    policy, today = rules.policy(item.escalation), calendar.local_day(now)
    fire, skip = due_now(policy, known, calendar, now)
    for one in fire:
        for recipient in audience_of(one.step, item, rules):
            pings.add(recipient, item, cause_of(one.step, item, today))
    done = frozenset((one.key, one.anchor) for one in (*fire, *skip))
    later = next_at(policy, replace(known, fired=known.fired | done), calendar, now)
    rows = [
        Escalation(item_id=item.id or 0, step=one.key, anchor=one.anchor, at=now, pinged=one in fire).model_dump()
        for one in (*fire, *skip)
    ]
    return rows, later


def _wakes(known: Situation, calendar: Calendar, now: datetime) -> bool:
    moment = wake_at(known, calendar)
    return moment is not None and moment <= now and calendar.is_open(now)


def _wake(session: Session, desk: Desk, item: Item, pings: Gathered) -> bool:
    """Bring an item back and tell whoever has it, or its team; its escalation starts anew from now."""
    before = state_of(item)
    answer = decide(before, Wake(), desk.now())
    if isinstance(answer, Refusal) or not changes.apply(session, desk, item, answer, None):
        return False
    recipient = recipients("assignee", item, desk.rules) or recipients("owner", item, desk.rules)
    if recipient is not None:
        pings.add(recipient, item, woken(before.state))
    return True
