"""Grouped reminders: one message per recipient while the last one has not been handed to the sender yet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from store import messages, outbox
from store.tables import MessageItem, Outbox, SlackMessage


def waiting(session: Session, channel: str) -> SlackMessage | None:
    """The ping for a channel or person that still waits to be posted; kept from the sender until this transaction ends.

    None where there is none, and where the sender is just taking it.
    """
    query = (
        select(SlackMessage, Outbox)
        .join(Outbox, col(Outbox.message_id) == col(SlackMessage.id))
        .where(
            SlackMessage.kind == "ping",
            SlackMessage.channel == channel,
            Outbox.op == "post",
            Outbox.state == "pending",
            col(Outbox.first_sent_at).is_(None),
        )
        .order_by(col(Outbox.seq))
        .limit(1)
        .with_for_update(skip_locked=True, of=Outbox)
    )
    found = session.exec(query).first()
    return found[0] if found else None


def extend(session: Session, message: SlackMessage, item_ids: Sequence[int], data: Mapping[str, Any]) -> None:
    """Add items to a waiting ping and replace its data."""
    there = set(session.exec(select(MessageItem.item_id).where(MessageItem.message_id == message.id)))
    highest = func.coalesce(func.max(MessageItem.position), -1)
    position = int(session.exec(select(highest).where(MessageItem.message_id == message.id)).one())
    rows = [
        {"message_id": message.id, "item_id": item_id, "position": position + n}
        for n, item_id in enumerate((one for one in item_ids if one not in there), start=1)
    ]
    if rows:
        session.execute(insert(MessageItem), rows)
    message.data = json.dumps(dict(data))
    session.add(message)


def post(
    session: Session, channel: str, item_ids: Sequence[int], data: Mapping[str, Any], at: datetime, *, human: bool
) -> None:
    """A new ping. `at` is real time; `human`: somebody has just asked for it."""
    message_id = messages.add(session, "ping", channel, at, item_ids=item_ids, data=data)
    outbox.enqueue_post(session, message_id, channel, at, human=human)
