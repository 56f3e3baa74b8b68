"""From a stored review to what may be shown of it, and from a change to the row, the log and the messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from denials.prevention import Evidence, ReviewState, Verdict
from denials.review_cycle import ReviewChange, ReviewFacts
from denials.rules.model import RuleSet
from services import keys
from services.desk import Desk
from services.views import Review as ReviewContent
from services.views import ReviewReminder, ReviewView, VerdictPosted
from store import messages, outbox, reviews
from store.reviews import Review
from store.tables import SlackMessage

REVIEW, VERDICT, REMINDER = "review", "verdict", "review_reminder"  # kinds of messages


def review_view(review: Review, rules: RuleSet) -> ReviewView:
    """A review as it may be shown."""
    name = owner_of(review, rules)
    owner = rules.owners.get(name) if name else None
    return ReviewView(
        ref=review.ref,
        version=review.version,
        state=ReviewState(review.state),
        dimension=review.dimension,
        title=rules.category_title(review.name) if review.dimension == "category" else review.name,
        handoff=review.handoff,
        owner=name,
        owner_title=owner.title if owner else "Unowned",
        owner_channel=rules.channel_for(name),
        holder=review.holder,
        opened_on=review.opened_on,
        evidence=evidence_of(review.evidence),
        cause=review.cause,
        action=review.action,
        responsible=review.responsible,
        effective=review.effective,
        measure_on=review.measure_on,
        verdict=verdict_of(review.verdict) if review.verdict else None,
        round=review.round,
        dismissed_for=review.dismissed_for,
        closed_on=review.closed_on,
    )


def owner_of(review: Review, rules: RuleSet) -> str | None:
    """The team that hears of it: the hand-off's owner, else the category's; None where the rules name nobody."""
    return rules.prevention_owner(review.handoff, review.category)


def facts_of(review: Review) -> ReviewFacts:
    """The part of a review that the life cycle decides on."""
    return ReviewFacts(
        state=ReviewState(review.state),
        version=review.version,
        round=review.round,
        holder=review.holder,
        cause=review.cause,
        action=review.action,
        responsible=review.responsible,
        effective=review.effective,
        measure_on=review.measure_on,
        measured=review.measured,
        dismissed_for=review.dismissed_for,
        closed_on=review.closed_on,
    )


def apply(
    session: Session,
    desk: Desk,
    review: Review,
    change: ReviewChange,
    actor: str | None,
    *,
    also: Mapping[str, Any] | None = None,
    data: Mapping[str, object] | None = None,
    words: Mapping[str, str] | None = None,
) -> int | None:
    """Write a change if nobody else has changed the review since it was read: the event's id, else None.

    `also` holds further columns, `data` further facts for the log, `words` what the person typed (kept sealed).
    """
    values: dict[str, Any] = {name: getattr(change.after, name) for name in ReviewFacts.__dataclass_fields__}
    values["state"] = str(change.after.state)
    if not change.after.state.awaits_cause:
        values["remind_at"] = None
    if not reviews.change(session, review, {**values, **(also or {})}):
        return None
    if words:
        keys.hold(session, desk.vault)
    sealed = desk.vault.seal(dict(words), review.seal_context) if words else None
    told = {**change.data, **(data or {})}
    event_id = reviews.log_event(session, review, change.after.version, desk.now(), change.kind, actor, told, sealed)
    show(session, review, human=actor is not None)
    return event_id


def post(session: Session, review: Review, rules: RuleSet) -> None:
    """Ask for a review's message in its owner's channel."""
    channel, now = rules.channel_for(owner_of(review, rules)), datetime.now(UTC)
    message_id = messages.add(session, REVIEW, channel, now, data={"review": review.ref})
    outbox.enqueue_post(session, message_id, channel, now)
    reviews.set_home(session, review, message_id)


def post_verdict(session: Session, review: Review, event_id: int, rules: RuleSet) -> None:
    """Ask for a message that tells what was measured."""
    channel, now = rules.channel_for(owner_of(review, rules)), datetime.now(UTC)
    message_id = messages.add(session, VERDICT, channel, now, data={"review": review.ref, "event": event_id})
    outbox.enqueue_post(session, message_id, channel, now)


def show(session: Session, review: Review, *, human: bool) -> None:
    """Ask for the review's message to be brought up to date; one that still waits will be by itself."""
    message = messages.find(session, review.home) if review.home else None
    if message is None or outbox.post_waits(session, message.id) or outbox.was_given_up(session, message):
        return
    outbox.enqueue_update(session, message, datetime.now(UTC), human=human)


def review_content(
    session: Session, desk: Desk, message: SlackMessage
) -> ReviewContent | VerdictPosted | ReviewReminder | None:
    """What a review's message shows at this moment; None when there is nothing left to show."""
    data, rules, today = json.loads(message.data), desk.rules, desk.today()
    if message.kind == REMINDER:
        waiting = [one for one in reviews.by_refs(session, data["reviews"]) if ReviewState(one.state).awaits_cause]
        shown = tuple(review_view(one, rules) for one in waiting)
        return ReviewReminder(shown, tuple(data["mentions"]), today) if shown else None
    review = reviews.by_ref(session, data["review"])
    if review is None:
        return None
    if message.kind == REVIEW:
        return ReviewContent(review_view(review, rules), today)
    event = reviews.event(session, data["event"])
    told = json.loads(event.data).get("verdict") if event else None
    return VerdictPosted(review_view(review, rules), _verdict(told), today) if told else None


def evidence_text(evidence: Evidence) -> str:
    """Evidence as it is stored."""
    return json.dumps(
        {
            "window_days": evidence.window_days,
            "count": evidence.count,
            "expected": evidence.expected,
            "amount": str(evidence.amount),
            "top_codes": evidence.top_codes,
            "top_payers": evidence.top_payers,
            "weeks": [(day.isoformat(), count) for day, count in evidence.weeks],
            "refs": evidence.refs,
        }
    )


def evidence_of(stored: str) -> Evidence:
    """Evidence from how it is stored."""
    data = json.loads(stored)
    return Evidence(
        window_days=int(data["window_days"]),
        count=int(data["count"]),
        expected=data["expected"],
        amount=Decimal(data["amount"]),
        top_codes=tuple((str(name), int(count)) for name, count in data["top_codes"]),
        top_payers=tuple((str(name), int(count)) for name, count in data["top_payers"]),
        weeks=tuple((date.fromisoformat(day), int(count)) for day, count in data["weeks"]),
        refs=tuple(data["refs"]),
    )


def verdict_data(verdict: Verdict) -> dict[str, object]:
    """A verdict as JSON can hold it."""
    data: dict[str, object] = {name: getattr(verdict, name) for name in Verdict.__dataclass_fields__}
    dollars = verdict.dollars_less_a_month
    return {
        **data,
        "dollars_less_a_month": None if dollars is None else str(dollars),
        "measured_on": verdict.measured_on.isoformat(),
    }


def verdict_of(stored: str) -> Verdict:
    """A verdict from how it is stored."""
    return _verdict(json.loads(stored))


def _verdict(data: Mapping[str, Any]) -> Verdict:
    dollars = data["dollars_less_a_month"]
    return Verdict(
        **{
            **data,
            "dollars_less_a_month": None if dollars is None else Decimal(dollars),
            "measured_on": date.fromisoformat(data["measured_on"]),
        }
    )
