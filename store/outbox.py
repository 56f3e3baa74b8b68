"""The outbox: everything Slack is to be told, and how far each telling has come. Times are real time."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from store.tables import Outbox, SlackMessage

LIVE = ("pending", "sending", "ambiguous")


def enqueue_post(
    session: Session, message: SlackMessage | str, channel: str, created_at: datetime, *, human: bool = False
) -> str:
    """Ask for a message to be posted; the outbox id."""
    message_id = message if isinstance(message, str) else message.id
    row = Outbox(
        id=uuid.uuid4().hex,
        message_id=message_id,
        op="post",
        channel=channel,
        human=human,
        created_at=created_at,
    )
    session.add(row)
    session.flush()
    return row.id


def enqueue_update(
    session: Session,
    message: SlackMessage,
    created_at: datetime,
    *,
    human: bool = False,
    not_before: datetime | None = None,
) -> None:
    """Ask for a message to be shown anew. At most one such wish is pending per message; a later one joins it."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(Outbox)
        .values(
            id=uuid.uuid4().hex,
            message_id=message.id,
            op="update",
            channel=message.posted_channel or message.channel,
            state="pending",
            human=human,
            not_before=not_before,
            created_at=created_at,
            attempts=0,
        )
        .on_conflict_do_nothing()
    )
    if human:
        session.execute(
            update(Outbox)
            .where(
                col(Outbox.message_id) == message.id,
                col(Outbox.op) == "update",
                col(Outbox.state) == "pending",
            )
            .values(human=True)
        )


def post_waits(session: Session, message_id: str) -> bool:
    """Whether the message's post has not been handed to the sender yet (it will show the latest state anyway).

    It is kept from the sender until this transaction ends, which would draw the state of before (PostgreSQL).
    """
    query = select(col(Outbox.seq)).where(
        col(Outbox.message_id) == message_id, col(Outbox.op) == "post", col(Outbox.state) == "pending"
    )
    return session.execute(query.limit(1).with_for_update(skip_locked=True)).first() is not None


def was_given_up(session: Session, message: SlackMessage) -> bool:
    """Whether the message stands nowhere in Slack and nothing tries to post it any more."""
    if message.ts is not None:
        return False
    query = select(col(Outbox.seq)).where(
        col(Outbox.message_id) == message.id, col(Outbox.op) == "post", col(Outbox.state).in_(LIVE)
    )
    return session.execute(query.limit(1)).first() is None


def update_waits(session: Session, message_id: str) -> bool:
    """Whether a wish to update the message is pending."""
    query = select(col(Outbox.seq)).where(
        col(Outbox.message_id) == message_id, col(Outbox.op) == "update", col(Outbox.state) == "pending"
    )
    return session.execute(query.limit(1)).first() is not None


def next_pending(
    session: Session,
    now: datetime,
    *,
    skip_channels: Collection[str],
    ops: Collection[str],
    bulk_updates: bool,
    limit: int,
    lock: bool,
) -> list[tuple[Outbox, SlackMessage]]:
    """Rows whose time has come, people's first, then by age: one per channel, none for a channel with one in flight."""
    busy = aliased(Outbox)
    query = (
        select(Outbox, SlackMessage)
        .join(SlackMessage, col(SlackMessage.id) == col(Outbox.message_id))
        .where(
            col(Outbox.state) == "pending",
            or_(col(Outbox.not_before).is_(None), col(Outbox.not_before) <= now),
            col(Outbox.op).in_(list(ops)),
            or_(col(Outbox.op) == "post", col(SlackMessage.ts).is_not(None)),
            ~exists().where(col(busy.channel) == col(Outbox.channel), col(busy.state) == "sending"),
        )
        .order_by(col(Outbox.human).desc(), col(Outbox.seq))
        .limit(limit)
    )
    if lock:
        query = query.with_for_update(skip_locked=True, of=Outbox)
    if skip_channels:
        query = query.where(col(Outbox.channel).not_in(list(skip_channels)))
    if not bulk_updates:
        query = query.where(or_(col(Outbox.op) == "post", col(Outbox.human).is_(True)))
    return [(row, message) for row, message in session.execute(query).all()]


def get(session: Session, outbox_id: str) -> Outbox:
    """The row; it must exist."""
    found: Outbox = session.execute(select(Outbox).where(col(Outbox.id) == outbox_id)).scalar_one()
    return found


def in_state(session: Session, state: str) -> list[tuple[Outbox, SlackMessage]]:
    """Rows in one state with their messages, oldest first."""
    query = (
        select(Outbox, SlackMessage)
        .join(SlackMessage, col(SlackMessage.id) == col(Outbox.message_id))
        .where(col(Outbox.state) == state)
        .order_by(col(Outbox.seq))
    )
    return [(row, message) for row, message in session.execute(query).all()]


def posts_to(session: Session, channel: str) -> list[tuple[Outbox, SlackMessage]]:
    """Posts that still wait for a channel, in their order."""
    query = (
        select(Outbox, SlackMessage)
        .join(SlackMessage, col(SlackMessage.id) == col(Outbox.message_id))
        .where(col(Outbox.channel) == channel, col(Outbox.op) == "post", col(Outbox.state) == "pending")
        .order_by(col(Outbox.seq))
    )
    return [(row, message) for row, message in session.execute(query).all()]


def drop_updates(session: Session, message_id: str) -> None:
    """Forget pending updates of a message that will not be shown (or will be posted anew)."""
    session.execute(
        delete(Outbox).where(
            col(Outbox.message_id) == message_id, col(Outbox.op) == "update", col(Outbox.state) == "pending"
        )
    )


def forget_waits(session: Session) -> None:
    """Every pending row may go at once."""
    session.execute(
        update(Outbox)
        .where(col(Outbox.state) == "pending", col(Outbox.not_before).is_not(None))
        .values(not_before=None)
        .execution_options(synchronize_session=False)
    )


def doubt_posts(session: Session) -> None:
    """Posts that had not gone out may have, after this copy of the database was made: they count as in doubt."""
    session.execute(
        update(Outbox)
        .where(col(Outbox.op) == "post", col(Outbox.state).in_(("pending", "sending")))
        .values(
            state="ambiguous",
            first_sent_at=func.coalesce(col(Outbox.first_sent_at), col(Outbox.created_at)),
            error="the database was restored from a backup",
        )
        .execution_options(synchronize_session=False)
    )


def depth(session: Session) -> dict[str, int]:
    """How many rows are in each state that is not final."""
    state = col(Outbox.state)
    query = select(state, func.count()).where(state.in_([*LIVE, "parked"])).group_by(state)
    return {str(name): int(count) for name, count in session.execute(query)}
