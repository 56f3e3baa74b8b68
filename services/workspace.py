"""A database belongs to one Slack workspace: the first it was used with."""

from __future__ import annotations

from denials.errors import SettingsError
from services.desk import Desk
from store import meta
from store.database import Database


def remember(desk: Desk, team_id: str) -> str:
    """The workspace this database belongs to; `team_id` from now on if it belonged to none."""
    with desk.db.read() as session:
        known = meta.get(session, "workspace")
    if known is not None:
        return known
    with desk.db.write() as session:
        return meta.set_once(session, "workspace", team_id)


def remembered_in(database: Database) -> str | None:
    """The workspace a database belongs to, if it was ever used with one."""
    with database.read() as session:
        return meta.get(session, "workspace")


def forget(database: Database, team_id: str) -> None:
    """Let the database belong to no workspace; `team_id` must be the one it belongs to. Raises SettingsError."""
    with database.write() as session:
        known = meta.get(session, "workspace")
        if known != team_id:
            raise SettingsError(f"the database belongs to {known or 'no workspace'}, not to the one given")
        meta.remove(session, "workspace")


def remember_organization(desk: Desk, enterprise_id: str | None) -> None:
    """Note the organization (Enterprise Grid) that the workspace is part of; None for none."""
    new = enterprise_id or ""
    with desk.db.read() as session:
        known = meta.get(session, "organization")
    if known != new:
        with desk.db.write() as session:
            meta.replace(session, "organization", known, new)


def organization_in(database: Database) -> str | None:
    """The organization noted last, if there is one."""
    with database.read() as session:
        return meta.get(session, "organization") or None
