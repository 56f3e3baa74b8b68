"""Reminders about reviews whose cause nobody has logged: grouped, one message a person, in business hours only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from denials.business_time import calendar_of
from denials.rules.model import RuleSet
from services.desk import Desk
from services.review_views import REMINDER, owner_of
from store import messages, outbox, reviews
from store.reviews import Review

EVERY = timedelta(days=7)
_LEAD_FROM = 3  # the lead of whoever has a review hears of it from this reminder on


def remind_due(desk: Desk) -> int:
    """Remind of every review that waits for its cause and whose time has come; how many messages were asked for."""
    now, rules = desk.now(), desk.rules
    if not calendar_of(rules).is_open(now):
        return 0
    with desk.db.read() as session:
        if not reviews.to_remind(session, now):
            return 0
    groups: dict[str, list[str]] = {}
    with desk.db.write() as session:
        due = reviews.to_remind(session, now)
        for review in due:
            for person in _recipients(review, rules):
                groups.setdefault(person, []).append(review.ref)
        reviews.set_reminders(session, [(one.id or 0, now + EVERY, one.reminded + 1) for one in due])
        real = datetime.now(UTC)
        for channel, refs in sorted(groups.items()):
            message_id = messages.add(session, REMINDER, channel, real, data={"reviews": refs, "mentions": []})
            outbox.enqueue_post(session, message_id, channel, real)
    return len(groups)


def _recipients(review: Review, rules: RuleSet) -> list[str]:
    """The holder, and the lead once that has not helped; without a holder the lead, else the manager or the channel."""
    owner_name = owner_of(review, rules)
    owner = rules.owners.get(owner_name) if owner_name else None
    lead = (owner.lead or owner.manager) if owner else None
    if review.holder is None:
        return [lead or rules.channel_for(owner_name)]
    late = lead is not None and lead != review.holder and review.reminded + 1 >= _LEAD_FROM
    return [review.holder, *([lead] if late and lead else [])]
