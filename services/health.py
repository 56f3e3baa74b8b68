"""What an administrator watches: the backlog's size, messages that wait for a person, payers without a label."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from denials.model import Sensitive
from denials.rules.labels import UNLISTED_PAYER
from services.desk import Desk
from store import health


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that nothing more is tried for."""

    kind: str  # card, list, summary, ping, notice
    channel: str
    reason: str
    since: datetime
    outbox_id: str = ""


def backlog(desk: Desk) -> dict[str, int]:
    """How many work items are in each state but resolved; the practice's past is not counted."""
    with desk.db.read() as session:
        return health.open_by_state(session)


def parked(desk: Desk, limit: int = 50) -> tuple[Parked, ...]:
    """Messages that wait for the administrator, oldest first."""
    with desk.db.read() as session:
        return tuple(
            Parked(message.kind, row.channel, row.error or "unknown", row.created_at, row.id)
            for row, message in health.parked(session, limit)
        )


def unlisted_payers(desk: Desk, limit: int = 200) -> tuple[Sensitive, ...]:
    """Payer names from CSV files that no label matches now, first seen first. They may be shown on the host only."""
    with desk.db.read() as session:
        rows = health.unlisted_payers(session, limit)
    names = (Sensitive(desk.vault.open(row.sealed, row.name_key.encode())["name"]) for row in rows)
    return tuple(name for name in names if desk.rules.payer_label(name, trusted=False) == UNLISTED_PAYER)


def recent_sends(desk: Desk, seconds: float) -> tuple[tuple[str, str, float], ...]:
    """What was handed to Slack in the last so many real seconds: post or update, channel, seconds ago."""
    with desk.db.read() as session:
        now = desk.db.real_now(session)
        rows = health.sent_since(session, now - timedelta(seconds=seconds))
    return tuple((op, channel, (now - at).total_seconds()) for op, channel, at in rows)


@dataclass(frozen=True, slots=True)
class Flow:
    """How the outbox and the intake stand."""

    oldest_seconds: float  # how long the row that has waited longest has waited; 0 where none waits
    deepest_channel: int
    files: int
    claims: int
    denials: int


def flow(desk: Desk) -> Flow:
    """What an alert may watch beside the counts of rows and items."""
    with desk.db.read() as session:
        oldest = health.oldest_waiting(session)
        waited = (desk.db.real_now(session) - oldest).total_seconds() if oldest is not None else 0.0
        return Flow(max(0.0, waited), health.deepest_channel(session), *health.taken_in(session))
