"""What people do with prevention reviews: take one, log its cause, dismiss it, look at it. Each is one transaction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from denials.business_time import calendar_of
from denials.commands import Refusal
from denials.notes import note_problem
from denials.prevention import ACTIONS, CAUSES, DISMISSALS, LEVEL
from denials.review_cycle import Dismiss, Log, ReviewCommand, Take, decide
from services import people
from services.desk import Desk
from services.people import Actor
from services.repeats import FIRST_REMINDER, detect_due
from services.review_reminders import remind_due
from services.review_views import apply, facts_of, owner_of, review_view
from services.typed import names_a_claim
from services.verdicts import measure_due
from services.views import Refused, ReviewDone, ReviewView
from store import reviews
from store.access import LookupLog
from store.reviews import Review

__all__ = [
    "CauseLog",
    "ReviewEntry",
    "ReviewWords",
    "detect_due",
    "dismiss",
    "get",
    "history",
    "listing",
    "log_cause",
    "may_dismiss",
    "may_log",
    "measure_due",
    "plain_review_ref",
    "remind_due",
    "take",
    "words_of",
]

TOLD_FOR = timedelta(days=90)  # how long a review that has ended is listed
_TRIES = 3
_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")


@dataclass(frozen=True, slots=True)
class CauseLog:
    """What somebody filled in. The words are kept sealed and never posted; cause and action come from fixed lists."""

    cause: str
    cause_words: str = field(repr=False)
    action: str
    action_words: str = field(repr=False)
    responsible: str  # user id
    effective: date


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One line of a review's log, in words."""

    at: datetime
    actor: str | None  # user id; None: the bot
    text: str
    has_words: bool  # somebody typed more, which stays on the host


@dataclass(frozen=True, slots=True)
class ReviewWords:
    """What somebody typed about a review. It may hold patient data and is shown on the host only."""

    at: datetime
    who: str  # user id
    cause: str = field(repr=False)
    action: str = field(repr=False)
    note: str = field(repr=False)


def take(desk: Desk, ref: str, version: int | None, actor: Actor) -> ReviewDone | Refused:
    """Somebody of the team takes a review. A lead may take it over."""

    def command(review: Review) -> Take:
        return Take(actor.user, _leads(desk, review, actor))

    def later() -> dict[str, Any]:
        return {"remind_at": calendar_of(desk.rules).after(desk.now(), FIRST_REMINDER)}

    return _act(desk, ref, version, actor, command, also=later)


def may_log(desk: Desk, ref: str, version: int | None, actor: Actor) -> ReviewView | Refused:
    """Whether opening the form for its cause makes sense: the review as it is now, or why not."""

    def probe(review: Review) -> Log:
        remeasure = desk.rules.prevention.remeasure
        return Log(actor.user, "", "", actor.user, desk.today(), remeasure, _leads(desk, review, actor))

    return _may(desk, ref, version, actor, probe)


def may_dismiss(desk: Desk, ref: str, version: int | None, actor: Actor) -> ReviewView | Refused:
    """Whether opening the form for a dismissal makes sense: the review as it is now, or why not."""
    return _may(desk, ref, version, actor, lambda review: Dismiss(actor.user, "", _leads(desk, review, actor)))


def log_cause(desk: Desk, ref: str, version: int | None, actor: Actor, log: CauseLog) -> ReviewDone | Refused:
    """Log what causes the denials and what was done about it; from the effective date on it is measured."""
    if refused := _wrong_log(log):
        return refused

    def command(review: Review) -> Log:
        return Log(
            actor.user,
            log.cause,
            log.action,
            log.responsible,
            log.effective,
            desk.rules.prevention.remeasure,
            _leads(desk, review, actor),
        )

    words = {"cause": log.cause_words.strip(), "action": log.action_words.strip()}
    return _act(desk, ref, version, actor, command, words=words)


def dismiss(desk: Desk, ref: str, version: int | None, actor: Actor, reason: str, note: str) -> ReviewDone | Refused:
    """End a review without a cause, with a reason from `DISMISSALS` and perhaps a note, which is kept sealed."""
    if reason not in DISMISSALS:
        return Refused("reason", "Choose one of the reasons.")
    if problem := note_problem(note):
        return Refused("note", problem)
    return _act(
        desk,
        ref,
        version,
        actor,
        lambda review: Dismiss(actor.user, reason, _leads(desk, review, actor)),
        words={"note": note.strip()},
    )


def get(desk: Desk, ref: str) -> ReviewView | None:
    """The review known by a reference; case and the `PR-` may be left to the reader's habit."""
    with desk.db.read() as session:
        review = reviews.by_ref(session, plain_review_ref(ref))
        return review_view(review, desk.rules) if review else None


def listing(desk: Desk) -> tuple[ReviewView, ...]:
    """Reviews that go on, the longest open first, then those that ended in the last 90 days, the latest first."""
    with desk.db.read() as session:
        found = [*reviews.live(session), *reviews.closed_since(session, desk.today() - TOLD_FOR)]
        return tuple(review_view(one, desk.rules) for one in found)


def history(desk: Desk, ref: str) -> tuple[ReviewEntry, ...]:
    """What happened to a review, oldest first; empty for an unknown reference."""
    with desk.db.read() as session:
        review = reviews.by_ref(session, plain_review_ref(ref))
        if review is None:
            return ()
        return tuple(
            ReviewEntry(one.at, one.actor, _said(one.kind, json.loads(one.data)), one.note is not None)
            for one in reviews.events_of(session, review.id or 0)
        )


def words_of(desk: Desk, ref: str, who: str) -> tuple[ReviewWords, ...] | None:
    """Everything typed about a review, oldest first, for the host; that somebody read it is logged. None: unknown."""
    with desk.db.write() as session:
        review = reviews.by_ref(session, plain_review_ref(ref))
        known = review.ref if review else None
        session.add(LookupLog(at=desk.now(), who=who, direction="note", ref=known, found=review is not None))
        if review is None:
            return None
        opened = [
            (one, desk.vault.open(one.note, review.seal_context))
            for one in reviews.events_of(session, review.id or 0)
            if one.note is not None
        ]
        return tuple(
            ReviewWords(one.at, one.actor or "", *(facts.get(name, "") for name in ("cause", "action", "note")))
            for one, facts in opened
        )


def plain_review_ref(ref: str) -> str:
    """A review's reference as it is stored, from one that was typed."""
    typed = ref.strip().upper()
    return typed if typed.startswith("PR-") else f"PR-{typed}"


def _act(
    desk: Desk,
    ref: str,
    version: int | None,
    actor: Actor,
    command: Callable[[Review], ReviewCommand],
    *,
    also: Callable[[], Mapping[str, Any]] | None = None,
    words: Mapping[str, str] | None = None,
) -> ReviewDone | Refused:
    """One change by one person, read anew when somebody was faster."""
    typed = {name: text for name, text in (words or {}).items() if text}
    for _ in range(_TRIES):
        with desk.db.write() as session:
            review = reviews.by_ref(session, plain_review_ref(ref), lock=True)
            if review is None:
                return _unknown()
            if refused := _not_allowed(desk, review, actor):
                return refused
            if refused := names_a_claim(session, desk.vault, typed.values()):
                return refused
            seen = _seen(session, review, version, actor)
            answer = decide(facts_of(review), command(review), desk.today(), seen=seen)
            if isinstance(answer, Refusal):
                return Refused(answer.code, answer.text)
            columns = also() if also else None
            if apply(session, desk, review, answer, actor.user, also=columns, words=typed) is None:
                continue
            return ReviewDone(review_view(review, desk.rules))
    return Refused("busy", "Somebody else is changing this review at the moment. Please try again.")


def _may(
    desk: Desk, ref: str, version: int | None, actor: Actor, probe: Callable[[Review], ReviewCommand]
) -> ReviewView | Refused:
    with desk.db.read() as session:
        review = reviews.by_ref(session, plain_review_ref(ref))
        if review is None:
            return _unknown()
        if refused := _not_allowed(desk, review, actor):
            return refused
        answer = decide(facts_of(review), probe(review), desk.today(), seen=_seen(session, review, version, actor))
        return Refused(answer.code, answer.text) if isinstance(answer, Refusal) else review_view(review, desk.rules)


def _wrong_log(log: CauseLog) -> Refused | None:
    if log.cause not in CAUSES:
        return Refused("cause", "Choose one of the causes.")
    if log.action not in ACTIONS:
        return Refused("action", "Choose one of the actions.")
    if not _PERSON.fullmatch(log.responsible):
        return Refused("responsible", "Choose the person who is responsible.")
    for name, words in (("cause_words", log.cause_words), ("action_words", log.action_words)):
        if problem := note_problem(words):
            return Refused(name, problem)
    return None


def _seen(session: Session, review: Review, version: int | None, actor: Actor) -> int | None:
    """The version that the press counts as having been drawn for: the current one if only this person changed it."""
    if version is None or version == review.version:
        return None
    if 0 < version < review.version and reviews.only_changed_by(session, review, version, actor.user):
        return None
    return version


def _leads(desk: Desk, review: Review, actor: Actor) -> bool:
    return people.is_lead(desk.rules, owner_of(review, desk.rules), actor.user)


def _not_allowed(desk: Desk, review: Review, actor: Actor) -> Refused | None:
    """Why somebody may not work a review at all, with who can; None where they may."""
    owner = owner_of(review, desk.rules)
    if people.may_work(desk.rules, owner, actor):
        return None
    return people.refusal(desk.rules, (owner,), actor, "work this review")


def _unknown() -> Refused:
    return Refused("unknown", "No prevention review is known by that reference.")


def _said(kind: str, data: Mapping[str, Any]) -> str:
    """One line of the log in words; people stand as mentions."""
    match kind:
        case "opened":
            return f"Opened: {data['count']} denials in {data['window_days']} days"
        case "taken":
            return f"Taken by <@{data['holder']}>"
        case "logged":
            return (
                f"Logged: {data['cause']}. {data['action']}; <@{data['responsible']}> is responsible, effective"
                f" {data['effective']}"
            )
        case "dismissed":
            return f"Dismissed: {data['reason']}"
        case "too_little_data":
            return f"Measured: too little data to tell; again on {data['again']}"
        case "unmeasured":
            return "Measured: still too little data to tell; closed"
        case _:
            return f"Measured: {_measured(data['verdict'])}; {'closed' if kind == 'worked' else 'opened again'}"


def _measured(verdict: Mapping[str, Any]) -> str:
    change, p = verdict["change"], verdict["p"]
    told = f"{verdict['before_per_week']:.1f} a week before, {verdict['after_per_week']:.1f} after"
    if change is not None:
        told += f", {change:+.0%}".replace("-", "−")
    return told + (", unlikely to be chance" if p is not None and p < LEVEL else ", which may be chance")
