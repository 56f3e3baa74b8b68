"""A database belongs to one Slack workspace: the first it was used with."""

from __future__ import annotations

from services.desk import Desk
from store import health


def remember(desk: Desk, team_id: str) -> str:
    """The workspace this database belongs to; `team_id` from now on if it belonged to none."""
    with desk.db.read() as session:
        known = health.fact(session, "workspace")
    if known is not None:
        return known
    with desk.db.write() as session:
        return health.keep_fact(session, "workspace", team_id)


def remembered(desk: Desk) -> str | None:
    """The workspace this database belongs to, if it was ever used with one."""
    with desk.db.read() as session:
        return health.fact(session, "workspace")
