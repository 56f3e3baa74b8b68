"""What the process forgets by itself: outbox rows that did their work, old job slots. Items and their log stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.desk import Desk
from store import cleanup

OUTBOX_KEPT = timedelta(days=30)  # long enough to see what was sent when somebody asks
JOB_RUNS_KEPT = timedelta(days=400)


def tidy(desk: Desk) -> int:
    """Forget what is of no more use, one portion per transaction; how many rows that were."""
    now = datetime.now(UTC)
    with desk.db.write() as session:
        total = cleanup.forget_job_runs(session, now - JOB_RUNS_KEPT)
    while True:
        with desk.db.write() as session:
            gone = cleanup.forget_outbox(session, now - OUTBOX_KEPT)
        total += gone
        if gone < cleanup.PORTION:
            return total
