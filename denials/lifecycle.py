"""The life of a work item as a pure function: state, command and time give a change or a friendly refusal.

    open ──Claim──▶ claimed ──Resolve──▶ resolved ──Reopen, Repeat──▶ open
      ▲               │  ▲                  ▲
      └──Release──────┘  └─Wake─ snoozed    └── Settle (a later remittance paid)
                         └─Wake─ waiting ◀── Resolve with an outcome that waits for the payer

`waiting` with the outcome `Written off` waits not for the payer but for a second person (see `awaits_approval`).
Open means nobody has it; claimed means exactly one person has it; snoozed and waiting may have one; a resolved item
remembers who had it last. Releasing a snoozed item ends its rest: the next person finds it open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from denials.commands import (
    Claim,
    Command,
    Decline,
    HandOff,
    ItemState,
    LogEntry,
    Outcome,
    Reassign,
    Refusal,
    Release,
    Reopen,
    Repeat,
    Resolve,
    Settle,
    Snooze,
    State,
    Transition,
    Wake,
)

__all__ = [
    "FOLLOW_UP_DAYS",
    "Claim",
    "Command",
    "Decline",
    "HandOff",
    "ItemState",
    "LogEntry",
    "Outcome",
    "Reassign",
    "Refusal",
    "Release",
    "Reopen",
    "Repeat",
    "Resolve",
    "Settle",
    "Snooze",
    "State",
    "Transition",
    "Wake",
    "decide",
    "replay",
    "resolution_problems",
]

FOLLOW_UP_DAYS = 30  # until a payer is asked again, unless changed
_EVERYWHERE_PAST = timedelta(hours=12)  # no time zone is further behind UTC, so an earlier date is past for everyone


def decide(before: ItemState, command: Command, now: datetime, *, seen: int | None = None) -> Transition | Refusal:
    """What a command does to an item, or why not.

    `seen` is the version that the person looked at when pressing. A press on an outdated button is carried out only
    where it cannot undo anybody's work: claiming an item that is free. `now` is used to refuse dates that have passed.
    """
    stale = seen is not None and seen != before.version
    handler: Callable[[ItemState, Command, datetime, bool], Transition | Refusal] = _HANDLERS[type(command)]
    return handler(before, command, now, stale)


def replay(entries: Iterable[LogEntry]) -> ItemState:
    """The state that a history ends in, from an item that was just opened. Entries of other kinds change nothing."""
    state = ItemState()
    for entry in entries:
        state = _changed(state, entry)
    return state


def resolution_problems(
    outcome: Outcome, recovered: Decimal | None, follow_up: date | None, *, amount: Decimal, today: date
) -> dict[str, str]:
    """What is wrong with a filled-in resolution, by field (`recovered`, `follow_up`); empty when nothing is."""
    problems: dict[str, str] = {}
    if recovered is not None and outcome.takes_recovered:
        if not recovered.is_finite() or recovered < 0:
            problems["recovered"] = "The recovered amount cannot be below zero."
        elif recovered > amount:
            problems["recovered"] = f"No more than the denied ${amount:,.2f} can be recovered here."
    if outcome.waits and follow_up is not None:
        if follow_up <= today:
            problems["follow_up"] = "The follow-up date must be after today."
        elif follow_up > today + timedelta(days=366):
            problems["follow_up"] = "The follow-up date must be within a year."
    return problems


def _changed(state: ItemState, entry: LogEntry) -> ItemState:
    data = entry.data
    state = replace(state, version=max(state.version, entry.version))
    if "state" in data:
        state = replace(state, state=State(str(data["state"])))
    if "assignee" in data:
        state = replace(state, assignee=_text(data["assignee"]))
    if "outcome" in data:
        state = replace(state, outcome=_text(data["outcome"]))
    if "recovered_cents" in data:
        cents = data["recovered_cents"]
        state = replace(state, recovered_cents=None if cents is None else int(str(cents)))
    if "follow_up" in data:
        day = data["follow_up"]
        state = replace(state, follow_up=None if day is None else date.fromisoformat(str(day)))
    return state


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _change(before: ItemState, kind: str, about: Mapping[str, object] | None = None, **fields: object) -> Transition:
    """The next version with `fields` set. The log holds each field that differs, as JSON can hold it."""
    after = replace(before, version=before.version + 1, **fields)  # type: ignore[arg-type]  # names are checked by replace
    data: dict[str, object] = dict(about or {})
    for name in ("state", "assignee", "outcome", "recovered_cents"):
        if getattr(after, name) != getattr(before, name):
            value = getattr(after, name)
            data[name] = str(value) if isinstance(value, StrEnum) else value
    if after.follow_up != before.follow_up:
        data["follow_up"] = after.follow_up.isoformat() if after.follow_up else None
    return Transition(after, (LogEntry(kind, data, after.version),))


def _resting(before: ItemState) -> State:
    """The working state of an item that neither waits nor rests."""
    return State.CLAIMED if before.assignee else State.OPEN


def _not_theirs(before: ItemState, user: str, override: bool) -> Refusal | None:
    if before.assignee is None or before.assignee == user or override:
        return None
    return Refusal("not_yours", f"<@{before.assignee}> has this one; only they or their lead can do that.")


def _resolved(before: ItemState, user: str | None) -> Refusal | None:
    if before.state is not State.RESOLVED:
        return None
    who = "" if before.assignee is None else " by you" if before.assignee == user else f" by <@{before.assignee}>"
    return Refusal("resolved", f"This one is already resolved{who}: {before.outcome}.")


def _outdated(before: ItemState, stale: bool) -> Refusal | None:
    if not stale:
        return None
    where = f"<@{before.assignee}> has it now" if before.assignee else "nobody has it now"
    return Refusal(
        "stale",
        f"This one has changed since that button was drawn: it is {before.state} and {where}."
        " Nothing was changed; look at the latest card and press again.",
    )


def _past(day: date, now: datetime) -> bool:
    return day < (now - _EVERYWHERE_PAST).date()


def _claim(before: ItemState, command: Claim, _now: datetime, _stale: bool) -> Transition | Refusal:
    if refused := _resolved(before, command.user):
        return refused
    if before.assignee == command.user:
        return Refusal("yours", "You already have this one.")
    if before.assignee is not None:
        return Refusal("taken", f"This one is already claimed by <@{before.assignee}>.")
    if before.state is State.WAITING:  # the payer has it; somebody looks after it now
        return _change(before, "claimed", assignee=command.user)
    return _change(before, "claimed", state=State.CLAIMED, assignee=command.user, follow_up=_follow_up_awake(before))


def _release(before: ItemState, command: Release, _now: datetime, stale: bool) -> Transition | Refusal:
    if refused := _resolved(before, command.user):
        return refused
    if before.assignee is None:
        return Refusal("not_claimed", "Nobody has this one, so there is nothing to release.")
    if refused := _not_theirs(before, command.user, command.override) or _outdated(before, stale):
        return refused
    if before.awaits_approval:
        return _change(before, "released", state=State.OPEN, assignee=None, outcome=None)
    if before.state is State.WAITING:  # the payer has it all the same; nobody looks after it now
        return _change(before, "released", assignee=None)
    return _change(before, "released", state=State.OPEN, assignee=None, follow_up=_follow_up_awake(before))


def _resolve(before: ItemState, command: Resolve, now: datetime, stale: bool) -> Transition | Refusal:
    approving = before.awaits_approval and command.outcome is Outcome.WRITTEN_OFF and command.override
    refused = (
        _resolved(before, command.user)
        or _not_theirs(before, command.user, command.override)
        or _outdated(before, stale)
        or _wrong_resolution(command, now)
    )
    if refused:
        return refused
    if command.outcome is Outcome.WRITTEN_OFF and (command.second_person or before.awaits_approval):
        return _write_off(before, command, approving)
    if command.outcome.waits:
        return _change(
            before,
            "sent",
            state=State.WAITING,
            assignee=before.assignee or command.user,
            outcome=command.outcome,
            follow_up=command.follow_up,
        )
    recovered = command.recovered_cents if command.outcome.takes_recovered else None
    return _change(
        before,
        "resolved",
        state=State.RESOLVED,
        assignee=command.user,
        outcome=command.outcome,
        recovered_cents=before.recovered_cents if recovered is None else recovered,
        follow_up=None,
    )


def _wrong_resolution(command: Resolve, now: datetime) -> Refusal | None:
    if command.recovered_cents is not None and command.recovered_cents < 0:
        return Refusal("recovered", "The recovered amount cannot be below zero.")
    if command.outcome.waits and command.follow_up is None:
        return Refusal("follow_up", f"“{command.outcome}” waits for the payer, so it needs a follow-up date.")
    if command.outcome.waits and command.follow_up and _past(command.follow_up, now):
        return Refusal("follow_up", "The follow-up date has already passed.")
    return None


def _write_off(before: ItemState, command: Resolve, approving: bool) -> Transition | Refusal:
    """The first person asks, a second one agrees."""
    if not before.awaits_approval:
        return _change(
            before,
            "write_off_asked",
            state=State.WAITING,
            assignee=command.user,
            outcome=Outcome.WRITTEN_OFF,
            follow_up=None,
        )
    if command.user == before.assignee or not approving:
        return Refusal("second_person", "A write-off of this size waits for a second person: the lead or the manager.")
    return _change(before, "resolved", {"approved_by": command.user}, state=State.RESOLVED)


def _decline(before: ItemState, command: Decline, _now: datetime, stale: bool) -> Transition | Refusal:
    if refused := _resolved(before, command.user):
        return refused
    if not before.awaits_approval:
        return Refusal("nothing_asked", "No write-off of this one waits for a second person.")
    if not command.override:
        return Refusal("not_yours", "Only the lead or the manager can decline a write-off.")
    if refused := _outdated(before, stale):
        return refused
    return _change(before, "write_off_declined", state=_resting(before), outcome=None)


def _reassign(before: ItemState, command: Reassign, _now: datetime, stale: bool) -> Transition | Refusal:
    if refused := _resolved(before, command.user):
        return refused
    if before.assignee == command.to:
        return Refusal("no_change", f"<@{command.to}> already has this one.")
    if refused := _not_theirs(before, command.user, command.override) or _outdated(before, stale):
        return refused
    if before.awaits_approval:  # asked by somebody who is no longer responsible: the new one decides anew
        return _change(before, "reassigned", state=State.CLAIMED, assignee=command.to, outcome=None)
    state = before.state if before.state in (State.WAITING, State.SNOOZED) else State.CLAIMED
    return _change(before, "reassigned", state=state, assignee=command.to)


def _hand_off(before: ItemState, command: HandOff, _now: datetime, stale: bool) -> Transition | Refusal:
    refused = (
        _resolved(before, command.user)
        or _not_theirs(before, command.user, command.override)
        or _outdated(before, stale)
    )
    if refused:
        return refused
    about = {"category": command.category, "owner": command.owner, "reason": command.reason}
    return _change(before, "handed_off", about, state=State.OPEN, assignee=None, outcome=None, follow_up=None)


def _snooze(before: ItemState, command: Snooze, now: datetime, stale: bool) -> Transition | Refusal:
    refused = (
        _resolved(before, command.user)
        or _not_theirs(before, command.user, command.override)
        or _outdated(before, stale)
    )
    if refused:
        return refused
    if _past(command.until, now):
        return Refusal("until", "That day has already passed.")
    if before.awaits_approval:
        return Refusal("second_person", "A write-off of this one waits for a second person; it cannot be snoozed.")
    if before.state is State.WAITING:  # it waits for the payer already: only the date moves
        return _change(before, "snoozed", {"until": command.until.isoformat()}, follow_up=command.until)
    return _change(
        before, "snoozed", {"until": command.until.isoformat()}, state=State.SNOOZED, follow_up=command.until
    )


def _wake(before: ItemState, command: Wake, _now: datetime, stale: bool) -> Transition | Refusal:
    if refused := _resolved(before, command.user):
        return refused
    if before.state not in (State.SNOOZED, State.WAITING) or before.awaits_approval:
        return Refusal("awake", "This one is not snoozed.")
    if command.user is not None and (
        refused := _not_theirs(before, command.user, command.override) or _outdated(before, stale)
    ):
        return refused
    return _change(before, "woken", state=_resting(before), follow_up=_follow_up_awake(before))


def _follow_up_awake(before: ItemState) -> date | None:
    """A payer's follow-up date stays (it is overdue from then on); the date of a snooze has done its work."""
    return None if before.state is State.SNOOZED else before.follow_up


def _reopen(before: ItemState, command: Reopen, _now: datetime, stale: bool) -> Transition | Refusal:
    if before.state is not State.RESOLVED:
        return Refusal("not_resolved", "This one is not resolved, so there is nothing to reopen.")
    if command.user is not None and (refused := _outdated(before, stale)):
        return refused
    left = command.recovered_cents if command.user is None else before.recovered_cents
    return _change(
        before,
        "reopened",
        state=State.OPEN,
        assignee=None,
        outcome=None,
        recovered_cents=left,
        follow_up=None,
    )


def _repeat(before: ItemState, _command: Repeat, _now: datetime, _stale: bool) -> Transition | Refusal:
    if before.state is State.RESOLVED:
        return _change(before, "repeated", state=State.OPEN, assignee=None, outcome=None, follow_up=None)
    return _change(before, "repeated", state=_resting(before), outcome=None, follow_up=None)


def _settle(before: ItemState, command: Settle, _now: datetime, _stale: bool) -> Transition | Refusal:
    recovered = command.recovered_cents
    if command.full:
        if before.outcome == Outcome.OVERTURNED and before.recovered_cents == recovered:
            return Refusal("no_change", "This payment is known already.")
        return _change(
            before,
            "settled",
            {"full": True},
            state=State.RESOLVED,
            outcome=Outcome.OVERTURNED,
            recovered_cents=recovered,
            follow_up=None,
        )
    if before.recovered_cents == recovered or (recovered == 0 and before.recovered_cents is None):
        return Refusal("no_change", "This payment is known already.")
    about = {"full": False}
    if before.state is State.RESOLVED:  # a part after the end: the outcome stands, the money is counted
        return _change(before, "settled", about, recovered_cents=recovered)
    if before.awaits_approval:
        return _change(before, "settled", about, state=_resting(before), outcome=None, recovered_cents=recovered)
    return _change(before, "settled", about, state=_resting(before), recovered_cents=recovered, follow_up=None)


_HANDLERS: dict[type[object], Callable[..., Transition | Refusal]] = {
    Claim: _claim,
    Release: _release,
    Resolve: _resolve,
    Decline: _decline,
    Reassign: _reassign,
    HandOff: _hand_off,
    Snooze: _snooze,
    Wake: _wake,
    Reopen: _reopen,
    Repeat: _repeat,
    Settle: _settle,
}
