"""Forgetting takes what did its work long ago and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import SQLModel, select

from services.cleanup import Kept, tidy
from services.desk import Desk
from store import messages, outbox
from store.access import Reveal
from store.tables import (
    Digest,
    DigestItem,
    Escalation,
    Item,
    JobRun,
    MessageItem,
    Outbox,
    SeenEvent,
    SlackMessage,
)
from tests.services.stock import add_items, item_id


def _row(desk: Desk, state: str, days_ago: float) -> str:
    now = datetime.now(UTC)
    with desk.db.write() as session:
        message = messages.add(session, "notice", "C0OPS", now, data={"text": state})
        row = outbox.get(session, outbox.enqueue_post(session, message, "C0OPS", now - timedelta(days=days_ago)))
        row.state = state
        session.add(row)
        return row.id


def _left(desk: Desk, table: type[SQLModel]) -> int:
    with desk.db.read() as session:
        return len(list(session.exec(select(table))))


def test_only_what_was_sent_or_dropped_long_ago_is_forgotten(desk: Desk) -> None:
    gone = {_row(desk, state, 31) for state in ("sent", "dropped")}
    kept = {_row(desk, state, 31) for state in ("pending", "sending", "ambiguous", "parked")}
    kept |= {_row(desk, "sent", 29)}
    assert tidy(desk) == len(gone)
    assert tidy(desk) == 0
    with desk.db.read() as session:
        assert set(session.exec(select(Outbox.id))) == kept


@pytest.mark.parametrize(("kind", "stays"), [("ping", False), ("notice", False), ("summary", False), ("card", True)])
def test_old_reminders_and_notices_go_and_what_is_drawn_anew_stays(desk: Desk, kind: str, stays: bool) -> None:
    item = item_id(desk, add_items(desk, 1)[0])
    with desk.db.write() as session:
        for days in (91, 89):
            made = datetime.now(UTC) - timedelta(days=days)
            messages.add(session, kind, "C0OPS", made, item_ids=[item], data={"text": str(days)})
    tidy(desk)
    assert _left(desk, SlackMessage) == _left(desk, MessageItem) == (2 if stays else 1)


def test_an_old_notice_stays_while_its_row_in_the_outbox_does(desk: Desk) -> None:
    _row(desk, "parked", 100)
    with desk.db.write() as session:
        for message in session.exec(select(SlackMessage)):
            message.created_at -= timedelta(days=100)
            session.add(message)
    tidy(desk)
    assert _left(desk, SlackMessage) == 1


def test_digests_go_a_month_after_they_were_composed_and_never_while_they_gather(desk: Desk) -> None:
    with desk.db.write() as session:
        for number, composed in enumerate((desk.now() - timedelta(days=31), desk.now() - timedelta(days=29), None)):
            digest = Digest(channel=f"C{number}", due_at=desk.now() - timedelta(days=40), composed_at=composed)
            session.add(digest)
            session.flush()
            session.add(DigestItem(digest_id=digest.id or 0, item_id=1))
    tidy(desk)
    with desk.db.read() as session:
        assert set(session.exec(select(Digest.channel))) == {"C1", "C2"}
    assert _left(desk, DigestItem) == 2


def test_escalation_steps_go_long_after_their_item_was_resolved(desk: Desk) -> None:
    ages: tuple[int | None, ...] = (91, 89, None)
    items = [item_id(desk, ref) for ref in add_items(desk, len(ages))]
    with desk.db.write() as session:
        for item, days in zip(items, ages, strict=True):
            row = session.get_one(Item, item)
            if days is not None:
                row.state, row.resolved_at = "resolved", desk.now() - timedelta(days=days)
            session.add(row)
            session.add(Escalation(item_id=item, step="unclaimed:4bh", anchor="1", at=desk.now(), pinged=True))
    tidy(desk)
    with desk.db.read() as session:
        assert set(session.exec(select(Escalation.item_id))) == set(items[1:])


def test_slots_event_ids_and_ended_links_go_in_their_time(desk: Desk) -> None:
    now = datetime.now(UTC)
    with desk.db.write() as session:
        for days in (1, 500):
            at = now - timedelta(days=days)
            session.add(JobRun(job="daily", slot=str(date(2026, 1, 1) - timedelta(days=days)), at=at))
            session.add(SeenEvent(id=f"Ev{days}", at=at))
            session.add(Reveal(token_hash=f"hash{days}", ref="DN-1", person="U1", expires_at=at + timedelta(hours=2)))
    tidy(desk)
    assert [_left(desk, table) for table in (JobRun, SeenEvent, Reveal)] == [1, 1, 1]


def test_much_is_forgotten_portion_by_portion(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.cleanup.PORTION", 3)
    for _ in range(8):
        _row(desk, "sent", 31)
    assert tidy(desk, Kept(messages=timedelta(days=-1))) == 16
    assert _left(desk, Outbox) == _left(desk, SlackMessage) == 0
