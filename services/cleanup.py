"""What the process forgets by itself: rows that did their work. Denials, their log and what was counted stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlmodel import Session

from services.desk import Desk
from store import cleanup
from store.jobs import EVENTS_KEPT

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True)
class Kept:
    """How long what has done its work stays."""

    outbox: timedelta = timedelta(days=30)  # long enough to see what was sent when somebody asks
    digests: timedelta = timedelta(days=30)
    messages: timedelta = timedelta(days=90)  # reminders can be acknowledged so long
    escalations: timedelta = timedelta(days=90)  # after the item was resolved; it may be opened again
    job_runs: timedelta = timedelta(days=400)
    events: timedelta = EVENTS_KEPT
    reveals: timedelta = timedelta(days=1)  # after the link has ended


USUAL = Kept()


def tidy(desk: Desk, kept: Kept = USUAL) -> int:
    """Forget what is of no more use, one portion per transaction; how many rows that were."""
    now = datetime.now(UTC)  # of the outbox and what goes with it; digests and items live in the desk's time
    with desk.db.write() as session:
        total = cleanup.forget_job_runs(session, now - kept.job_runs)
        total += cleanup.forget_events(session, now - kept.events)
        total += cleanup.forget_ended_reveals(session, now - kept.reveals)
    while True:
        with desk.db.write() as session:
            gone = cleanup.forget_outbox(session, now - kept.outbox)
        total += gone
        if gone < cleanup.PORTION:
            break
    total += _forget(desk, cleanup.old_messages, cleanup.forget_messages, now - kept.messages)
    total += _forget(desk, cleanup.old_digests, cleanup.forget_digests, desk.now() - kept.digests)
    return total + _forget(desk, cleanup.done_escalations, cleanup.forget_escalations, desk.now() - kept.escalations)


def _forget(
    desk: Desk,
    find: Callable[[Session, datetime], Sequence[Key]],
    forget: Callable[[Session, Sequence[Key]], int],
    before: datetime,
) -> int:
    """Portion after portion, until nothing is found."""
    total = 0
    while True:
        with desk.db.read() as session:
            found = find(session, before)
        if not found:
            return total
        with desk.db.write() as session:
            total += forget(session, found)
