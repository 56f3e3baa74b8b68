"""What people handed to another category, and what they took up and kept where it had come to."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, literal, or_, select, text
from sqlmodel import Session, col

from store.tables import BY_PEOPLE, Event, Item


class HandedOn(NamedTuple):
    """An item in another category than it came to, as the latest hand-off left it."""

    item_id: int
    ref: str
    payer: str
    first_code: str
    came_to: str
    handed_to: str
    amount_cents: int
    by: str
    reason: str


def handed_on(session: Session, since: datetime) -> list[HandedOn]:
    """Items handed to another category at `since` or later and still there, by the index on the log's times."""
    query = (
        select(
            col(Item.id),
            col(Item.ref),
            col(Item.payer_label),
            col(Item.first_code),
            col(Item.first_category),
            col(Item.category),
            col(Item.amount_cents),
            col(Event.actor),
            col(Event.data),
        )
        .join(Item, col(Item.id) == col(Event.item_id))
        .where(
            col(Event.at) >= since,
            text(BY_PEOPLE),
            col(Event.kind) == "handed_off",
            col(Item.category) != col(Item.first_category),
        )
        .order_by(col(Event.id))
    )
    found: dict[int, HandedOn] = {}
    for number, ref, payer, code, came_to, category, cents, actor, data in session.execute(query):
        told = json.loads(data)
        if told.get("category") == category:
            reason = str(told.get("reason", ""))
            found[number] = HandedOn(number, ref, payer, code, came_to, category, cents, actor or "", reason)
    return list(found.values())


def kept(session: Session, since: date, payer: str, code: str, remark: str, category: str) -> int:
    """Items of one kind, first remitted since a day, that people took up and left in their category.

    Without a remark those with any are of the kind too, as for a rule.
    """
    query = (
        select(func.count())
        .select_from(Item)
        .where(
            col(Item.first_remit_date) >= since,
            col(Item.payer_label) == payer,
            or_(col(Item.codes) == code, col(Item.codes).startswith(f"{code},", autoescape=True)),
            col(Item.first_category) == category,
            col(Item.category) == category,
            col(Item.history).is_(False),
            or_(col(Item.assignee).is_not(None), col(Item.first_claimed_at).is_not(None)),
        )
    )
    if remark:
        listed = literal(",").concat(col(Item.rarcs)).concat(",")
        query = query.where(listed.contains(f",{remark},", autoescape=True))
    return int(session.execute(query).scalar_one())
