"""Forgetting rows that are of no more use, a portion at a time so that nobody waits for long."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from store.tables import JobRun, Outbox

PORTION = 1000


def forget_outbox(session: Session, before: datetime) -> int:
    """Delete up to a portion of rows that were sent or dropped and were made before a moment; how many."""
    old = (
        select(Outbox.seq)
        .where(col(Outbox.state).in_(("sent", "dropped")), col(Outbox.created_at) < before)
        .order_by(col(Outbox.seq))
        .limit(PORTION)
    )
    result: Any = session.execute(delete(Outbox).where(col(Outbox.seq).in_(old.scalar_subquery())))
    return int(result.rowcount)


def forget_job_runs(session: Session, before: datetime) -> int:
    """Delete the rights to run jobs whose slots are long past; how many."""
    result: Any = session.execute(delete(JobRun).where(col(JobRun.at) < before))
    return int(result.rowcount)
