"""The life cycle of a prevention review as a pure function: (state, command) in, the change or a refusal out.

open ──take──▶ taken ──log──▶ measuring ──▶ worked
  └──────────log──────────────▶    │  ├────▶ unmeasured   (too little data, three times)
  └─dismiss─▶ dismissed ◀─dismiss──┘  └────▶ taken, next round   (the action did not help)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from denials.commands import Refusal
from denials.prevention import ReviewState, Verdict

MOST_MEASUREMENTS = 3  # of one action; then there is too little to tell
FARTHEST_BACK = timedelta(days=84)  # an action may have begun before its review was opened
FARTHEST_AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """The part of a review that the life cycle decides on."""

    state: ReviewState = ReviewState.OPEN
    version: int = 1
    round: int = 1
    holder: str | None = None
    cause: str | None = None
    action: str | None = None
    responsible: str | None = None
    effective: date | None = None
    measure_on: date | None = None
    measured: int = 0  # measurements of this action
    dismissed_for: str | None = None
    closed_on: date | None = None


# Commands. `override` is True where the person may act on other people's reviews (lead, manager, administrator).


@dataclass(frozen=True, slots=True)
class Take:
    """Somebody of the team looks for the cause."""

    user: str
    override: bool = False


@dataclass(frozen=True, slots=True)
class Log:
    """The cause, what was done about it, by whom and since when. `remeasure`: how long until it is measured."""

    user: str
    cause: str
    action: str
    responsible: str
    effective: date
    remeasure: timedelta
    override: bool = False


@dataclass(frozen=True, slots=True)
class Dismiss:
    """No cause will be looked for, with a reason from a fixed list."""

    user: str
    reason: str
    override: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """What the measurement says. `again` is the day of the next one, should there be too little data."""

    verdict: Verdict
    again: date


ReviewCommand = Take | Log | Dismiss | Measure


@dataclass(frozen=True, slots=True)
class ReviewChange:
    """What a command leads to: the facts afterwards, and the line of the log."""

    after: ReviewFacts
    kind: str
    data: Mapping[str, object] = field(default_factory=dict)


def decide(
    before: ReviewFacts, command: ReviewCommand, today: date, *, seen: int | None = None
) -> ReviewChange | Refusal:
    """What a command does to a review, or why not. `seen` is the version that the person looked at when pressing."""
    stale = seen is not None and seen != before.version
    handler: Callable[[ReviewFacts, ReviewCommand, date, bool], ReviewChange | Refusal] = _HANDLERS[type(command)]
    return handler(before, command, today, stale)


def _change(before: ReviewFacts, kind: str, data: Mapping[str, object], **fields: object) -> ReviewChange:
    after = replace(before, version=before.version + 1, **fields)  # type: ignore[arg-type]  # names are checked by replace
    return ReviewChange(after, kind, {**data, "state": str(after.state), "round": after.round})


def _take(before: ReviewFacts, command: Take, _today: date, stale: bool) -> ReviewChange | Refusal:
    if refused := _over(before) or _measuring(before):
        return refused
    if before.holder == command.user:
        return Refusal("yours", "You already have this review.")
    if before.holder is not None and not command.override:
        return Refusal("taken", f"<@{before.holder}> already has this review.")
    if before.holder is not None and (refused := _outdated(stale)):
        return refused
    return _change(before, "taken", {"holder": command.user}, state=ReviewState.TAKEN, holder=command.user)


def _log(before: ReviewFacts, command: Log, today: date, stale: bool) -> ReviewChange | Refusal:
    refused = _over(before) or _measuring(before) or _not_theirs(before, command) or _outdated(stale)
    if refused:
        return refused
    if command.effective < today - FARTHEST_BACK:
        return Refusal("effective", f"The action can have begun at most {FARTHEST_BACK.days // 7} weeks ago.")
    if command.effective > today + FARTHEST_AHEAD:
        return Refusal("effective", f"The effective date must be within {FARTHEST_AHEAD.days} days.")
    logged = {
        "cause": command.cause,
        "action": command.action,
        "responsible": command.responsible,
        "effective": command.effective.isoformat(),
    }
    return _change(
        before,
        "logged",
        logged,
        state=ReviewState.MEASURING,
        holder=before.holder or command.user,
        cause=command.cause,
        action=command.action,
        responsible=command.responsible,
        effective=command.effective,
        measure_on=max(command.effective + command.remeasure, today),
        measured=0,
    )


def _dismiss(before: ReviewFacts, command: Dismiss, today: date, stale: bool) -> ReviewChange | Refusal:
    if refused := _over(before) or _not_theirs(before, command) or _outdated(stale):
        return refused
    return _change(
        before,
        "dismissed",
        {"reason": command.reason},
        state=ReviewState.DISMISSED,
        dismissed_for=command.reason,
        closed_on=today,
        measure_on=None,
    )


def _measure(before: ReviewFacts, command: Measure, today: date, _stale: bool) -> ReviewChange | Refusal:
    if before.state is not ReviewState.MEASURING:
        return Refusal("not_measuring", "Nothing of this review is being measured.")
    measured = before.measured + 1
    if command.verdict.kind == "worked":
        return _change(
            before,
            "worked",
            {},
            state=ReviewState.WORKED,
            closed_on=today,
            measure_on=None,
            measured=measured,
        )
    if command.verdict.kind == "did_not_work":
        return _change(
            before,
            "reopened",
            {"cause": before.cause, "action": before.action},
            state=ReviewState.TAKEN if before.holder else ReviewState.OPEN,
            round=before.round + 1,
            cause=None,
            action=None,
            responsible=None,
            effective=None,
            measure_on=None,
            measured=0,
        )
    if measured >= MOST_MEASUREMENTS:
        return _change(
            before,
            "unmeasured",
            {},
            state=ReviewState.UNMEASURED,
            closed_on=today,
            measure_on=None,
            measured=measured,
        )
    again = max(command.again, today + timedelta(days=1))
    return _change(before, "too_little_data", {"again": again.isoformat()}, measure_on=again, measured=measured)


def _over(before: ReviewFacts) -> Refusal | None:
    if before.state.live:
        return None
    how = {
        ReviewState.WORKED: "the action helped",
        ReviewState.DISMISSED: f"dismissed: {before.dismissed_for}",
        ReviewState.UNMEASURED: "there was too little data to tell",
    }[before.state]
    return Refusal("closed", f"This review is closed ({how}).")


def _measuring(before: ReviewFacts) -> Refusal | None:
    if before.state is not ReviewState.MEASURING:
        return None
    return Refusal("logged", f"The cause of this one is logged: {before.cause}. Whether the action helps is measured.")


def _not_theirs(before: ReviewFacts, command: Log | Dismiss) -> Refusal | None:
    if before.holder is None or before.holder == command.user or command.override:
        return None
    return Refusal("not_yours", f"<@{before.holder}> has this review; only they or their lead can do that.")


def _outdated(stale: bool) -> Refusal | None:
    if not stale:
        return None
    return Refusal(
        "stale",
        "This review has changed since that button was drawn. Nothing was changed; look at the latest message and"
        " press again.",
    )


_HANDLERS: dict[type[object], Callable[..., ReviewChange | Refusal]] = {
    Take: _take,
    Log: _log,
    Dismiss: _dismiss,
    Measure: _measure,
}
