"""What the sender does with the outbox, for tests without a sender."""

from __future__ import annotations

from typing import Any

from services import delivery
from services.desk import Desk
from services.digest import compose_due
from services.views import Send
from tests.services.stock import add_items, gather


def take_one(desk: Desk, **wishes: Any) -> Send:
    """The one row that may go now."""
    [send] = delivery.take(desk, "w", **wishes)
    return send


def card_in_slack(desk: Desk) -> tuple[str, Send]:
    """A posted card: its reference and what was sent."""
    [ref] = add_items(desk, 1)
    gather(desk, [ref])
    compose_due(desk)
    send = take_one(desk)
    delivery.posted(desk, send, "C0FRONT", "100.1")
    return ref, send
