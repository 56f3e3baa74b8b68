"""Who may do what exactly once: leases in real time, job slots, events already acted on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.desk import Desk
from store import jobs


def acquire(desk: Desk, name: str, holder: str, seconds: float, code_version: str = "") -> bool:
    """Take or renew a lease for so many real seconds; False while somebody else has it."""
    now = datetime.now(UTC)
    with desk.db.write() as session:
        return jobs.take_lease(session, name, holder, now, now + timedelta(seconds=seconds), code_version)


def release(desk: Desk, name: str, holder: str) -> None:
    """Give a lease back, if `holder` has it."""
    with desk.db.write() as session:
        jobs.give_lease(session, name, holder)


def holder_of(desk: Desk, name: str) -> str | None:
    """Who has the lease now."""
    with desk.db.read() as session:
        return jobs.lease_holder(session, name, datetime.now(UTC))


def first_time(desk: Desk, event_id: str) -> bool:
    """Whether this event id of Slack's was never acted on; from now on it was."""
    with desk.db.write() as session:
        return jobs.remember_event(session, event_id, datetime.now(UTC))
