"""Messages the bot owns, digests that gather, and which message shows which item."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from store.tables import Digest, DigestItem, Item, MessageItem, Outbox, SlackMessage

UNDER_WAY = "under way"  # the home of an item between two messages

_MANY = 500


def gathering(session: Session, channel: str, owner: str | None, due_at: datetime) -> int:
    """The digest that gathers for a channel now, opened with `due_at` where there is none; its id."""
    found = session.exec(
        select(Digest).where(Digest.channel == channel, col(Digest.composed_at).is_(None)).with_for_update()
    ).first()
    if found is None:
        found = Digest(channel=channel, owner=owner, due_at=due_at)
        session.add(found)
        session.flush()
    if found.id is None:
        raise RuntimeError("the database gave a digest no id")
    return found.id


def gather(session: Session, digest_id: int, item_ids: Iterable[int]) -> None:
    """Put items into a digest; one that is in it already stays once."""
    wanted = set(item_ids)
    there = set(session.exec(select(DigestItem.item_id).where(DigestItem.digest_id == digest_id)))
    rows = [{"digest_id": digest_id, "item_id": item_id} for item_id in sorted(wanted - there)]
    if rows:
        session.execute(insert(DigestItem), rows)


def ungather(session: Session, item_id: int) -> None:
    """Take an item out of the digests that still gather: it has gone elsewhere."""
    open_ones = select(Digest.id).where(col(Digest.composed_at).is_(None))
    session.execute(
        delete(DigestItem).where(col(DigestItem.item_id) == item_id, col(DigestItem.digest_id).in_(open_ones))
    )


def leave_home(session: Session, item_id: int) -> None:
    """The item is shown live nowhere for now; a message will come. Until then those there are point away."""
    session.execute(
        update(Item).where(col(Item.id) == item_id).values(home=UNDER_WAY).execution_options(synchronize_session=False)
    )


def due_digests(session: Session, now: datetime) -> list[Digest]:
    """Digests that have gathered long enough; taken so that replicas do not share them."""
    return list(
        session.exec(
            select(Digest)
            .where(col(Digest.composed_at).is_(None), Digest.due_at <= now)
            .order_by(col(Digest.id))
            .with_for_update(skip_locked=True)
        )
    )


def digest_items(session: Session, digest_id: int) -> list[Item]:
    """What a digest announces."""
    return list(
        session.exec(
            select(Item)
            .join(DigestItem, col(DigestItem.item_id) == col(Item.id))
            .where(DigestItem.digest_id == digest_id)
            .order_by(col(Item.id))
        )
    )


def add(
    session: Session,
    kind: str,
    channel: str,
    created_at: datetime,
    *,
    item_id: int | None = None,
    item_ids: Sequence[int] = (),
    data: Mapping[str, Any] | None = None,
    lives_here: bool = False,
) -> str:
    """A new message, not posted yet; its id. With `lives_here` its items are shown live by it from now on."""
    message_id = uuid.uuid4().hex
    session.add(
        SlackMessage(
            id=message_id,
            kind=kind,
            channel=channel,
            item_id=item_id,
            data=json.dumps(dict(data or {})),
            created_at=created_at,
        )
    )
    session.flush()
    if item_ids:
        session.execute(
            insert(MessageItem),
            [{"message_id": message_id, "item_id": one, "position": n} for n, one in enumerate(item_ids)],
        )
    if lives_here:
        shown = [item_id] if item_id is not None else list(item_ids)
        session.execute(
            update(Item)
            .where(col(Item.id).in_(shown))
            .values(home=message_id)
            .execution_options(synchronize_session=False)
        )
    return message_id


def get(session: Session, message_id: str) -> SlackMessage:
    """The message; it must exist."""
    return session.exec(select(SlackMessage).where(SlackMessage.id == message_id)).one()


def find(session: Session, message_id: str) -> SlackMessage | None:
    """The message if there is one, kept from other transactions (PostgreSQL)."""
    return session.exec(select(SlackMessage).where(SlackMessage.id == message_id).with_for_update()).first()


def items_of(session: Session, message_id: str) -> list[Item]:
    """A list's or ping's items in order."""
    return list(
        session.exec(
            select(Item)
            .join(MessageItem, col(MessageItem.item_id) == col(Item.id))
            .where(MessageItem.message_id == message_id)
            .order_by(col(MessageItem.position))
        )
    )


def showing(session: Session, item_id: int) -> list[SlackMessage]:
    """Cards and lists that show an item (pings are not kept up to date)."""
    cards = session.exec(select(SlackMessage).where(SlackMessage.item_id == item_id, SlackMessage.kind == "card"))
    lists = session.exec(
        select(SlackMessage)
        .join(MessageItem, col(MessageItem.message_id) == col(SlackMessage.id))
        .where(MessageItem.item_id == item_id, SlackMessage.kind == "list")
    )
    return [*cards, *lists]


def shown_among(session: Session, item_ids: Sequence[int]) -> set[int]:
    """Which items any card or list shows."""
    found: set[int] = set()
    for start in range(0, len(item_ids), _MANY):
        part = item_ids[start : start + _MANY]
        found.update(
            i for i in session.exec(select(SlackMessage.item_id).where(col(SlackMessage.item_id).in_(part))) if i
        )
        found.update(session.exec(select(MessageItem.item_id).where(col(MessageItem.item_id).in_(part))))
    return found


def homes(session: Session, items: Iterable[Item]) -> dict[str, SlackMessage]:
    """The live messages of these items by message id."""
    ids = {item.home for item in items if item.home}
    if not ids:
        return {}
    return {row.id: row for row in session.exec(select(SlackMessage).where(col(SlackMessage.id).in_(sorted(ids))))}


def any_due(session: Session, now: datetime) -> bool:
    """Whether a digest has gathered long enough: a cheap look before the write lock is taken."""
    query = select(Digest.id).where(col(Digest.composed_at).is_(None), Digest.due_at <= now)
    return session.exec(query.limit(1)).first() is not None


def notice_waits(session: Session, text: str) -> bool:
    """Whether a notice with this text has not been posted yet."""
    query = (
        select(SlackMessage.id)
        .join(Outbox, col(Outbox.message_id) == col(SlackMessage.id))
        .where(
            SlackMessage.kind == "notice",
            SlackMessage.data == json.dumps({"text": text}),
            col(Outbox.state).in_(("pending", "sending", "ambiguous")),
        )
    )
    return session.exec(query.limit(1)).first() is not None


def notice_since(session: Session, text: str, since: datetime) -> bool:
    """Whether a notice with this text was asked for at `since` (real time) or later."""
    query = select(SlackMessage.id).where(
        SlackMessage.kind == "notice", SlackMessage.data == json.dumps({"text": text}), SlackMessage.created_at >= since
    )
    return session.exec(query.limit(1)).first() is not None
