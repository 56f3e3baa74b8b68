"""Forgetting takes what was sent long ago and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import select

from services.cleanup import tidy
from services.desk import Desk
from store import messages, outbox
from store.tables import Outbox


def _row(desk: Desk, state: str, days_ago: float) -> str:
    now = datetime.now(UTC)
    with desk.db.write() as session:
        message = messages.add(session, "notice", "C0OPS", now, data={"text": state})
        row = outbox.get(session, outbox.enqueue_post(session, message, "C0OPS", now - timedelta(days=days_ago)))
        row.state = state
        session.add(row)
        return row.id


def test_only_what_was_sent_or_dropped_long_ago_is_forgotten(desk: Desk) -> None:
    gone = {_row(desk, state, 31) for state in ("sent", "dropped")}
    kept = {_row(desk, state, 31) for state in ("pending", "sending", "ambiguous", "parked")}
    kept |= {_row(desk, "sent", 29)}
    assert tidy(desk) == len(gone)
    assert tidy(desk) == 0
    with desk.db.read() as session:
        assert set(session.exec(select(Outbox.id))) == kept
