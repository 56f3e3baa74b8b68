"""Filing limits: until when a claim may be sent again.

A limit gives the date of service away, so it stands sealed. Once a day the open items' limits are opened (and those of
new items soon after they came), and what is kept of each is whether it has passed. Where there is no appeal to hurry
people on (a 277CA rejection was never decided) the filing limit drives the reminders of the policy; they go by the week
it lies in, never by its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from denials.business_time import calendar_of
from denials.commands import State
from denials.escalation import due_now
from denials.rules.model import RuleSet, Step
from services.changes import situation
from services.desk import Desk
from services.pings import DUE, Cause, Gathered, audience_of, cause_of
from store import filing, items, jobs, meta
from store.tables import Escalation, Item

ANCHOR = "filing"
"""What a reminder about a filing limit is remembered by; the limit itself would give the date away."""

_FLAGS, _TOLD = "filing limits", "filing reminders"
_NEWEST = "filing_newest"  # the last item that was looked at
_PORTION = 500


@dataclass(slots=True)
class _Seen:
    """What the open items' limits say today."""

    passed: dict[int, bool] = field(default_factory=dict)  # only where it differs from what is kept
    weeks: dict[int, date] = field(default_factory=dict)  # of items without an appeal limit


def look(desk: Desk) -> int:
    """Bring the flags up to date and, once a day, tell what is due; how many new ping messages were asked for."""
    rules, now, today = desk.rules, desk.now(), desk.today()
    day = today.isoformat()
    with desk.db.read() as session:
        wanted = [] if jobs.slot_taken(session, _FLAGS, day) else [_FLAGS]
        if calendar_of(rules).is_open(now) and not jobs.slot_taken(session, _TOLD, day):
            wanted.append(_TOLD)
        known, newest = meta.get(session, _NEWEST), str(filing.newest(session))
        if not wanted and known == newest:
            return 0
        seen = _see(desk, filing.open_items(session, 0 if wanted else int(known or 0)), today)
    with desk.db.write() as session:
        mine = [job for job in wanted if jobs.take_slot(session, job, day, now)]
        filing.set_passed(session, seen.passed)
        meta.replace(session, _NEWEST, known, newest)
        return _tell(session, desk, rules, seen.weeks) if _TOLD in mine else 0


def week_of(limit: date) -> date:
    """The Monday of the week a limit lies in: all that is ever told or remembered of it."""
    return limit - timedelta(days=limit.weekday())


def _see(desk: Desk, found: Iterable[filing.Sealed], today: date) -> _Seen:
    seen = _Seen()
    for one in found:
        limit = desk.vault.open(one.sealed, one.ref.encode()).get("f") if one.sealed else None
        passed = limit is not None and date.fromisoformat(limit) < today
        if passed != one.passed:
            seen.passed[one.id] = passed
        if limit is not None and not one.has_appeal:
            seen.weeks[one.id] = week_of(date.fromisoformat(limit))
    return seen


def _tell(session: Session, desk: Desk, rules: RuleSet, weeks: dict[int, date]) -> int:
    pings, records, ids = Gathered(), list[dict[str, Any]](), sorted(weeks)
    for start in range(0, len(ids), _PORTION):
        part = ids[start : start + _PORTION]
        fired = items.fired_steps(session, part)
        for number, item in items.by_ids(session, part).items():
            if item.state != State.RESOLVED and item.due is None:
                records += _tell_item(desk, rules, item, weeks[number], fired.get(number, []), pings)
    items.add_escalations(session, records)
    return pings.write(session)


def _tell_item(
    desk: Desk, rules: RuleSet, item: Item, week: date, fired: Sequence[Escalation], pings: Gathered
) -> list[dict[str, Any]]:
    """The policy's steps for a deadline, with the beginning of the limit's week in its place."""
    policy = tuple(step for step in rules.policy(item.escalation) if step.due_within is not None)
    anchor = f"{ANCHOR} {item.owner}" if item.owner else ANCHOR  # another team is told anew
    told = frozenset(
        (row.step, row.anchor.replace(ANCHOR, week.isoformat())) for row in fired if row.anchor in (ANCHOR, anchor)
    )
    now = desk.now()
    known = replace(situation(item.model_dump()), due=week, fired=told)
    fire, skip = due_now(policy, known, calendar_of(rules), now)
    for one in fire:
        for recipient in audience_of(one.step, item, rules):
            pings.add(recipient, item, _cause(one.step, item, week, desk.today()))
    return [
        Escalation(item_id=item.id or 0, step=one.key, anchor=anchor, at=now, pinged=one in fire).model_dump()
        for one in (*fire, *skip)
    ]


def _cause(step: Step, item: Item, week: date, today: date) -> Cause:
    if item.filing_passed:
        return Cause(DUE, "past the filing limit")
    if week <= today:
        return Cause(DUE, "filing limit this week")
    return Cause(DUE, f"filing limit{cause_of(step, item, today).reason.removeprefix('due')}")
