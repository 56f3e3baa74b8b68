"""The members of Slack's user groups: kept in the database, so that every process knows them, also after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from services.desk import Desk
from services.roster import groups_of
from store import groups as stored


def named(desk: Desk) -> tuple[str, ...]:
    """The user groups that the rules in force name among those who may do something."""
    return groups_of(desk.rules)


def refresh(desk: Desk) -> None:
    """Know what the database knows; another process may have read a group since."""
    if named(desk):
        with desk.db.read() as session:
            desk.roster.learn(stored.members(session))


def keep(desk: Desk, group: str, users: Sequence[str]) -> bool:
    """Keep who is in a group now; whether that is news."""
    with desk.db.write() as session:
        before = stored.members(session).get(group)
        stored.put(session, group, users, datetime.now(UTC))
        after = stored.members(session)
    desk.roster.learn(after)
    return before is None or set(before) != set(users)
