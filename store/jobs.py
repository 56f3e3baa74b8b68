"""Rows that let exactly one process act: leases, job slots, event ids."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from store.tables import JobRun, Lease, SeenEvent

EVENTS_KEPT = timedelta(days=2)  # Slack retries for about an hour


def take_lease(session: Session, name: str, holder: str, now: datetime, until: datetime, code_version: str) -> bool:
    """Insert the lease, renew it, or take it over when it has run out; False while another holder has it."""
    if _inserted(session, Lease, {"name": name, "holder": holder, "until": until, "code_version": code_version}):
        return True
    lease = session.exec(select(Lease).where(Lease.name == name).with_for_update()).one()
    if lease.holder != holder and lease.until > now:
        return False
    lease.holder, lease.until, lease.code_version = holder, until, code_version
    session.add(lease)
    return True


def give_lease(session: Session, name: str, holder: str) -> None:
    """Delete the lease if `holder` has it."""
    session.execute(delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder))


def lease_holder(session: Session, name: str, now: datetime) -> str | None:
    """The holder of a lease that has not run out."""
    return session.exec(select(Lease.holder).where(Lease.name == name, Lease.until > now)).first()


def take_slot(session: Session, job: str, slot: str, at: datetime) -> bool:
    """The right to run a job in a slot; False when somebody has run it."""
    return _inserted(session, JobRun, {"job": job, "slot": slot, "at": at})


def slot_taken(session: Session, job: str, slot: str) -> bool:
    """Whether somebody has run a job in a slot: a cheap look before the work."""
    return session.exec(select(JobRun.slot).where(JobRun.job == job, JobRun.slot == slot)).first() is not None


def remember_event(session: Session, event_id: str, at: datetime) -> bool:
    """Note an event id; False when it was noted before. Old ones are forgotten on the way."""
    session.execute(delete(SeenEvent).where(col(SeenEvent.at) < at - EVENTS_KEPT))
    return _inserted(session, SeenEvent, {"id": event_id, "at": at})


def _inserted(session: Session, table: type[Any], values: dict[str, object]) -> bool:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # what came back is asked for: psycopg tells no count of rows for an insert of a mapped table
    key = next(iter(values))
    query = insert(table).values(**values).on_conflict_do_nothing().returning(getattr(table, key))
    return session.execute(query).first() is not None
