"""Reminders about reviews whose cause nobody has logged: grouped, one message a person, in business hours only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from denials.business_time import calendar_of
from denials.rules.model import RuleSet
from services.desk import Desk
from services.pings import Recipient, addressed
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
    groups: dict[str, tuple[list[str], list[str]]] = {}  # channel or person → references, mentions
    with desk.db.write() as session:
        due = reviews.to_remind(session, now)
        for review in due:
            for recipient in _recipients(review, rules):
                refs, mentions = groups.setdefault(recipient.channel, ([], []))
                refs.append(review.ref)
                mentions += [one for one in recipient.mentions if one not in mentions]
        reviews.set_reminders(session, [(one.id or 0, now + EVERY, one.reminded + 1) for one in due])
        real = datetime.now(UTC)
        for channel, (refs, mentions) in sorted(groups.items()):
            data = {"reviews": list(dict.fromkeys(refs)), "mentions": mentions}
            message_id = messages.add(session, REMINDER, channel, real, data=data)
            outbox.enqueue_post(session, message_id, channel, real)
    return len(groups)


def _recipients(review: Review, rules: RuleSet) -> list[Recipient]:
    """The holder, and the lead once that has not helped; without a holder the lead, the manager or the channel."""
    owner_name = owner_of(review, rules)
    owner, home = rules.owners.get(owner_name) if owner_name else None, rules.channel_for(owner_name)
    lead = (owner.lead or owner.manager) if owner else None
    to_lead = addressed(lead, "lead", home) if lead else Recipient(home, "channel")
    if review.holder is None:
        return [to_lead]
    holder = Recipient(review.holder, "assignee")
    return [holder, to_lead] if lead not in (None, review.holder) and review.reminded + 1 >= _LEAD_FROM else [holder]
