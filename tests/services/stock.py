"""Items put straight into the database, for tests that do not need a file to come from."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.desk import Desk
from services.vault import new_ref
from store import guidance, messages, outbox
from store.guidance import Words, apart_key, guidance_id
from store.tables import Batch, Item

BATCH = "b1"
WORDS = Words("Correct the member details and resubmit.", "carc:31", "CARC 31 belongs to registration", "assumed")
_numbers = itertools.count(1)


def add_items(desk: Desk, count: int, **values: Any) -> list[str]:
    """So many open items, the first the most valuable; their references."""
    with desk.db.write() as session:
        if session.get(Batch, BATCH) is None:
            session.add(Batch(id=BATCH, sha256="0" * 64, format="835", ingested_at=desk.now()))
            session.flush()
        made = [_item(desk, {"amount_cents": (count - place) * 1000, **values}) for place in range(count)]
        items = [item for item, _ in made]
        session.add_all(items)
        guidance.add(session, [words for _, words in made])
        session.flush()
        return [item.ref for item in items]


def _item(desk: Desk, values: dict[str, Any]) -> tuple[Item, Words]:
    number = next(_numbers)
    plain: dict[str, Any] = {
        "ref": new_ref(),
        "number_key": number,
        "batch_id": BATCH,
        "category": "registration",
        "first_category": "registration",
        "owner": "front_desk",
        "handoff": "Patient registration",
        "preventable": "yes",
        "escalation": "standard",
        "payer_key": "aetna",
        "payer_label": "Aetna",
        "codes": "CO-31",
        "billed_cents": 20000,
        "remit_date": desk.today() - timedelta(days=3),
        "first_remit_date": desk.today() - timedelta(days=3),
        "due": desk.today() + timedelta(days=57),
        "sealed": b"",
        "ingested_at": desk.now(),
        "opened_at": desk.now(),
        "last_activity_at": desk.now(),
    }
    words = {name: values.pop(name) for name in Words._fields if name in values}
    told = WORDS._replace(**words)
    whole = {**plain, **values}
    apart = apart_key(
        whole["payer_key"], whole.get("practice", ""), whole["first_category"], whole.get("kind", "denial")
    )
    return Item(**whole, guidance_id=guidance_id(told), apart_key=apart), told


def gather(desk: Desk, refs: Sequence[str], channel: str = "C0FRONT", owner: str | None = "front_desk") -> None:
    """Put items into the digest that gathers for a channel, due now."""
    with desk.db.write() as session:
        digest = messages.gathering(session, channel, owner, desk.now())
        messages.gather(session, digest, [item_id(desk, ref) for ref in refs])


def item_id(desk: Desk, ref: str) -> int:
    """The row id of a reference."""
    found = get(desk, ref).id
    assert found is not None
    return found


def get(desk: Desk, ref: str) -> Item:
    """The stored item."""
    from store import items

    with desk.db.read() as session:
        item = items.by_ref(session, ref)
        assert item is not None
        assert item.words, "known from now on, though the session ends"
        return item


def change(desk: Desk, ref: str, **values: Any) -> None:
    """Change an item and ask for its messages to follow, as a command would."""
    from datetime import UTC, datetime

    from services import items as shown
    from store import items

    with desk.db.write() as session:
        item = items.by_ref(session, ref)
        assert item is not None
        assert items.change(session, item, values)
        shown.show_change(session, item, datetime.now(UTC), human=True)


def post_notice(desk: Desk, text: str, channel: str) -> str:
    """Enqueue one message for a channel; its id."""
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    with desk.db.write() as session:
        message_id = messages.add(session, "notice", channel, now, data={"text": text})
        outbox.enqueue_post(session, message_id, channel, now)
    return message_id
