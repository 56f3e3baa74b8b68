"""Slack's user groups and who is in them, as last read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select

from store.types import UtcDateTime


class SlackGroup(SQLModel, table=True):
    """A user group. `users` holds the ids of its members, separated by commas. `read_at` is real time."""

    __tablename__ = "slack_group"
    id: str = Field(primary_key=True)
    users: str
    read_at: datetime = Field(sa_type=UtcDateTime)


def members(session: Session) -> dict[str, tuple[str, ...]]:
    """The members of every group that was read."""
    found = session.exec(select(SlackGroup.id, SlackGroup.users)).all()
    return {group: tuple(users.split(",")) if users else () for group, users in found}


def put(session: Session, group: str, users: Sequence[str], at: datetime) -> None:
    """Keep the members of a group."""
    session.merge(SlackGroup(id=group, users=",".join(users), read_at=at))
