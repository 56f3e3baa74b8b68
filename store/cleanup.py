"""Forgetting rows that are of no more use, a portion at a time so that nobody waits for long.

What to forget is looked for by reading, which holds nobody up; only the deleting takes the write lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists
from sqlmodel import Session, col, select

from store.access import Reveal
from store.tables import Digest, DigestItem, Escalation, Item, JobRun, MessageItem, Outbox, SeenEvent, SlackMessage

PORTION = 1000
DIGESTS = 10  # a digest may announce thousands of items
PASSING = ("ping", "notice", "summary", "report", "verdict", "review_reminder")  # never drawn anew once they are old


def forget_outbox(session: Session, before: datetime) -> int:
    """Delete up to a portion of rows that were sent or dropped and were made before a moment; how many."""
    old = (
        select(Outbox.seq)
        .where(col(Outbox.state).in_(("sent", "dropped")), col(Outbox.created_at) < before)
        .order_by(col(Outbox.seq))
        .limit(PORTION)
    )
    return _deleted(session, delete(Outbox).where(col(Outbox.seq).in_(old.scalar_subquery())))


def forget_job_runs(session: Session, before: datetime) -> int:
    """Delete the rights to run jobs whose slots are long past; how many."""
    return _deleted(session, delete(JobRun).where(col(JobRun.at) < before))


def forget_events(session: Session, before: datetime) -> int:
    """Delete ids of Slack's events that will not come again; how many."""
    return _deleted(session, delete(SeenEvent).where(col(SeenEvent.at) < before))


def forget_ended_reveals(session: Session, before: datetime) -> int:
    """Delete private links that ended before a moment; how many."""
    return _deleted(session, delete(Reveal).where(col(Reveal.expires_at) < before))


def old_digests(session: Session, before: datetime) -> Sequence[int]:
    """Digests that were composed before a moment, a few at a time."""
    query = select(Digest.id).where(col(Digest.composed_at) < before).order_by(col(Digest.id)).limit(DIGESTS)
    return [one for one in session.exec(query) if one is not None]


def forget_digests(session: Session, ids: Sequence[int]) -> int:
    """Delete digests with the list of what they announced; how many rows."""
    gone = _deleted(session, delete(DigestItem).where(col(DigestItem.digest_id).in_(ids)))
    return gone + _deleted(session, delete(Digest).where(col(Digest.id).in_(ids)))


def old_messages(session: Session, before: datetime) -> Sequence[str]:
    """A portion of the reminders, notices and summaries made before a moment that nothing in the outbox is for."""
    waits = exists().where(col(Outbox.message_id) == col(SlackMessage.id))
    query = (
        select(SlackMessage.id)
        .where(col(SlackMessage.kind).in_(PASSING), col(SlackMessage.created_at) < before, ~waits)
        .limit(PORTION)
    )
    return list(session.exec(query))


def forget_messages(session: Session, ids: Sequence[str]) -> int:
    """Delete messages with the list of what they told; how many rows. What stands in Slack stays there."""
    gone = _deleted(session, delete(MessageItem).where(col(MessageItem.message_id).in_(ids)))
    return gone + _deleted(session, delete(SlackMessage).where(col(SlackMessage.id).in_(ids)))


def done_escalations(session: Session, before: datetime) -> Sequence[int]:
    """Up to a portion of items resolved before a moment whose escalation steps are still kept."""
    query = (
        select(Escalation.item_id)
        .join(Item, col(Item.id) == col(Escalation.item_id))
        .where(col(Item.resolved_at) < before)
        .distinct()
        .limit(PORTION)
    )
    return list(session.exec(query))


def forget_escalations(session: Session, item_ids: Sequence[int]) -> int:
    """Delete the escalation steps of these items; how many. Their log keeps what was told."""
    return _deleted(session, delete(Escalation).where(col(Escalation.item_id).in_(item_ids)))


def _deleted(session: Session, statement: Any) -> int:
    result: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)
