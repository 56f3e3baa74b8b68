"""When a policy's steps are due for an item: worked out from stored facts, so an outage changes nothing.

A step happens once per anchor: the moment the item was opened, was last worked on, or its deadline with an owner.
Of overdue steps only those are told that no later one makes pointless: a later one with louder news for the same
people. Nothing is told outside business hours, except what could otherwise only be told after the deadline: that comes
by day if a day is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from denials.business_time import Calendar
from denials.commands import State
from denials.rules.model import Duration, Step

_WORKED = (State.OPEN, State.CLAIMED)
_STATES = {  # in which states a step counts: by time passed, and by a deadline coming near
    "unclaimed": ((State.OPEN,), (State.OPEN,)),
    "claimed": ((State.CLAIMED,), (State.CLAIMED,)),
    "open": (_WORKED, (*_WORKED, State.SNOOZED)),
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What an item's escalation depends on.

    `due` is None where no deadline is known or it has been met (an appeal was sent). `fired` holds the (key, anchor) of
    every step that was told or skipped. A deadline is told anew to another `owner`: theirs are other people.
    """

    state: State
    opened_at: datetime
    claimed_at: datetime | None = None
    last_activity_at: datetime | None = None
    due: date | None = None
    follow_up: date | None = None
    fired: frozenset[tuple[str, str]] = frozenset()
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step and its moment. `reached` is when its condition holds, `at` when it is told, mindful of quiet hours.

    `last_call` is the end of the deadline's day, until which it may be told outside business hours; None: never.
    """

    step: Step
    key: str
    anchor: str
    at: datetime
    reached: datetime
    last_call: datetime | None = None


def key_of(step: Step) -> str:
    """What a step is known by once it has fired: its own content, so that reordering a policy repeats nothing."""
    span = f"due {step.due_within}" if step.due_within is not None else str(step.after)
    return f"{step.when} {span} {'+'.join(step.notify)}"


def steps_ahead(policy: tuple[Step, ...], s: Situation, calendar: Calendar) -> tuple[DueStep, ...]:
    """The steps that have not happened and will if the item stays as it is, earliest first."""
    timed = {key_of(step): found for step in policy if (found := _timed(step, s, calendar)) is not None}.values()
    told = [one for one in timed if _happened(one, s)]
    ahead = [one for one in timed if one not in told and not any(_outdoes(later, one) for later in told)]
    return tuple(sorted(ahead, key=lambda one: (one.at, one.reached, one.key)))


def _happened(one: DueStep, s: Situation) -> bool:
    """Whether a step is done with. One recorded by its day alone, without an owner, counts for every owner."""
    return (one.key, one.anchor) in s.fired or (one.key, one.anchor.partition(" ")[0]) in s.fired


def wake_at(s: Situation, calendar: Calendar) -> datetime | None:
    """When a snoozed or waiting item comes back: the first opening on or after its date."""
    if s.state not in (State.SNOOZED, State.WAITING) or s.follow_up is None:
        return None
    return calendar.next_opening(calendar.midnight(s.follow_up))


def next_at(policy: tuple[Step, ...], s: Situation, calendar: Calendar, now: datetime) -> datetime | None:
    """When to look at the item next: at its next step or its waking. Not later than `now` when something is overdue."""
    moments = [_telling(one, calendar, now) for one in steps_ahead(policy, s, calendar)]
    if (waking := wake_at(s, calendar)) is not None:
        moments.append(waking if waking > now else calendar.next_opening(now))
    return min(moments, default=None)


def due_now(
    policy: tuple[Step, ...], s: Situation, calendar: Calendar, now: datetime
) -> tuple[tuple[DueStep, ...], tuple[DueStep, ...]]:
    """(steps to tell now, steps to skip since a later one that is due as well makes them pointless)."""
    ready = [one for one in steps_ahead(policy, s, calendar) if _telling(one, calendar, now) <= now]
    skip = [one for one in ready if any(_outdoes(later, one) for later in ready)]
    return tuple(one for one in ready if one not in skip), tuple(skip)


def _timed(step: Step, s: Situation, calendar: Calendar) -> DueStep | None:
    by_time, by_deadline = _STATES[step.when]
    if step.due_within is not None:
        if s.due is None or s.state not in by_deadline:
            return None
        return _before_deadline(step, step.due_within, s, s.due, calendar)
    if step.after is None or s.state not in by_time:
        return None
    start = s.opened_at
    if step.when == "claimed":
        start = s.last_activity_at or s.claimed_at or s.opened_at
    reached = calendar.after(start, step.after)
    anchor = start.astimezone(UTC).isoformat()
    return DueStep(step, key_of(step), anchor, calendar.next_opening(reached), reached)


def _before_deadline(step: Step, within: Duration, s: Situation, due: date, calendar: Calendar) -> DueStep:
    """Measured back from the beginning of the deadline's day; not before the item was there."""
    reached = calendar.before(calendar.midnight(due), within)
    last_call = calendar.midnight(due + timedelta(days=1))
    earliest = max(reached, s.opened_at)
    at = calendar.next_opening(earliest)
    if earliest < last_call <= at:  # no opening is left before the deadline
        at = _by_day(earliest, last_call, calendar)
    anchor = f"{due.isoformat()} {s.owner}" if s.owner else due.isoformat()
    return DueStep(step, key_of(step), anchor, at, reached, last_call)


def _telling(one: DueStep, calendar: Calendar, now: datetime) -> datetime:
    """When a step can be told, seen from `now`: its moment, or the next opening if that was missed and it is closed."""
    if one.at > now or calendar.is_open(now):
        return one.at
    opening = calendar.next_opening(now)
    if one.last_call is not None and now < one.last_call <= opening:
        return _by_day(now, one.last_call, calendar)
    return opening


def _by_day(at: datetime, last_call: datetime, calendar: Calendar) -> datetime:
    """That moment of a closed day; if it lies in the night, the next morning that is left before the last call."""
    day = calendar.local_day(at)
    morning, evening = calendar.usual_hours(day)
    if at >= evening:
        morning, _ = calendar.usual_hours(day + timedelta(days=1))
    return at if at >= morning or morning >= last_call else morning


def _outdoes(later: DueStep, earlier: DueStep) -> bool:
    """Whether `later` tells everyone whom `earlier` would tell, about the same wait, and is the louder one."""
    return (
        later is not earlier
        and later.anchor == earlier.anchor
        and (later.step.due_within is None) == (earlier.step.due_within is None)
        and later.reached > earlier.reached
        and set(later.step.notify) >= set(earlier.step.notify)
    )
